# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Which kernel has run on which machine, from the recorded results, as the table in README.md.

usage: seen_on.py [--check] BENCH_ALL README RESULTS

Rewrites the text between the two "seen-on" comments of README; with --check only says whether it is
up to date. A kernel counts as seen where a recorded, complete run has a row from it: checked against
the reference before it was timed.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

BEGIN, END = "<!-- seen-on: begin -->", "<!-- seen-on: end -->"


def kernels(bench_all):
    """{(backend, kernel): [operations]} in the order of the catalogue."""
    printed = subprocess.run([bench_all, "--kernels"], check=True, capture_output=True, text=True)
    found = defaultdict(list)
    for line in printed.stdout.splitlines():
        backend, kernel, op, precision = line.split("\t")
        if kernel == "none":  # a row that only says why the backend does not compute it
            continue
        found[backend, kernel].append(f"{op} {precision}")
    return found


def sightings(results):
    """{(backend, kernel): machines}, and all machines."""
    seen, machines = defaultdict(set), []
    for path in sorted(results.glob("*/*.json")):
        record = json.loads(path.read_text())
        ours = record["context"].get("roofproof", {}) if "context" in record else {}
        if not ours.get("complete") or ours.get("synthetic"):
            continue
        machine = ours["device"]["name"]
        if machine not in machines:
            machines.append(machine)
        for row in record["benchmarks"]:
            seen[ours["device"]["backend"], row["kernel"]].add(machine)
    return seen, machines


def short(operations):
    """["gemm fp16", "gemm int8"] -> "gemm fp16, int8"."""
    precisions = defaultdict(list)
    for operation in operations:
        op, precision = operation.split()
        precisions[op].append(precision)
    return "; ".join(f"{op} {', '.join(dict.fromkeys(p))}" for op, p in precisions.items())


def table(bench_all, results):
    seen, machines = sightings(results)
    lines = ["| kernel | computes | seen on |", "|---|---|---|"]
    for (backend, kernel), operations in kernels(bench_all).items():
        where = ", ".join(m for m in machines if m in seen[backend, kernel]) or "never run"
        lines.append(f"| {kernel} ({backend}) | {short(operations)} | {where} |")
    return "\n".join(lines)


def main():
    check = "--check" in sys.argv
    bench_all, readme, results = [a for a in sys.argv[1:] if a != "--check"]
    text = Path(readme).read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    wanted = f"{before}{BEGIN}\n{table(bench_all, Path(results))}\n{END}{after}"
    if not check:
        Path(readme).write_text(wanted)
    elif text != wanted:
        sys.exit(f"the table in {readme} is not that of the recorded results; "
                 f"run: python3 tests/seen_on.py {bench_all} {readme} {results}")


main()
