#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Holds `roofproof predict` against what engines were seen to reach: none may be faster than 'at most'.

Usage: check_rates.py ROOFPROOF ENGINES.json

ENGINES.json is results/published/engines.json; rows without a batch cannot be asked for.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile


def arguments(row):
    command = ["--gpu", row["gpu"], "--gpus", str(row["gpus"]), "--model", row["model"]]
    command += ["--batch", str(row["batch"]), "--context", str(row["context"])]
    if "bits_per_weight" in row:
        command += ["--bits-per-weight", str(row["bits_per_weight"])]
    else:
        command += ["--weights", row["weights"]]
    if "kv" in row:
        command += ["--kv", row["kv"]]
    return command


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("roofproof")
    parser.add_argument("rates")
    options = parser.parse_args()
    rows = json.loads(pathlib.Path(options.rates).read_text(encoding="utf-8"))["rows"]
    rows = [row for row in rows if "batch" in row]
    failed = above = 0
    closest = 0.0
    with tempfile.TemporaryDirectory() as elsewhere:  # no folder there has a model's name
        for row in rows:
            command = [str(pathlib.Path(options.roofproof).resolve()), "predict", "--json"]
            done = subprocess.run(command + arguments(row), capture_output=True, text=True, cwd=elsewhere)
            if done.returncode != 0:
                failed += 1
                print(f"not asked: {row['gpu']}, {row['model']}, batch {row['batch']}: {done.stderr.strip()[:200]}")
                continue
            at_most = json.loads(done.stdout)["tokens_per_s"]
            share = row["tokens_per_s"] / at_most
            closest = max(closest, share)
            if not share <= 1:
                above += 1
                print(f"above: {row['gpus']} x {row['gpu']}, {row['model']}, {row['weights']}, batch {row['batch']}: "
                      f"{row['tokens_per_s']} tokens/s, at most {at_most:.1f}")
    print(f"{len(rows)} rows, {failed} not asked, {above} above 'at most', the closest at {closest:.2f} of it")
    return 1 if above or failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
