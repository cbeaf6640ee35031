# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a benchmark program on the PTX machine as a user would, and holds what it says against what
such a run must be: every case measured, and no figure that decides anything.

usage: check_bench.py PROGRAM ROOFPROOF [ARGUMENT...]
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    program, roofproof, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "r.json")
        common = ["--device", "cuda:0", "--profile", "quick", *arguments]
        planned = subprocess.run([program, "--list", *common], check=True, capture_output=True,
                                 text=True).stdout.split()
        # A lock of its own: all such devices are one to the machine. No limit for a case but the
        # test's own.
        run = subprocess.run([program, *common, "--sessions", "1", "--case-timeout", "100000",
                              "--lock", f"ptx-{os.getpid()}", "--out", path],
                             capture_output=True, text=True)
        sys.stdout.write(run.stdout + run.stderr)
        assert run.returncode == 0, f"exit code {run.returncode}"
        record = json.loads(path.read_text())
        ours = record["context"]["roofproof"]
        assert ours["complete"]
        assert ours["synthetic"] is True, "times of the PTX machine are no measurement"
        assert record["not_measured"] == [], record["not_measured"]
        measured = [row["name"] for row in record["benchmarks"]]
        assert sorted(measured) == sorted(planned), set(planned) ^ set(measured)
        assert all(row["real_time"] > 0 for row in record["benchmarks"])
        disturbed = [(row["name"], row["reasons"]) for row in record["benchmarks"]
                     if row["validity"] == "disturbed"]
        assert disturbed == [], disturbed
        claims = subprocess.run([roofproof, "claims", "--json", path], capture_output=True, text=True)
        # What arithmetic alone decides, it decides without a benchmark.
        decided = [claim["id"] for claim in json.loads(claims.stdout)["claims"]
                   if claim["verdict"] != "not_testable_here" and claim["benchmarks"]]
        assert decided == [], decided
        print(f"{len(measured)} cases measured on {ours['device']['name']}, no verdict")


main()
