#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Holds `roofproof predict` against what engines were seen to reach: none may be faster than 'at most'.

Usage: check_rates.py ROOFPROOF [--least N] [RATES.json]

RATES.json has "rows", each with gpu, gpus, model, weights, batch, context and tokens_per_s; without
it engine_rates.json beside this script. --least: so many of them must be questions that predict
can answer (default: all).
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# Formats that have no name in predict, as bits per weight of Llama 3.1 in GGUF (llama.cpp,
# tools/quantize/README.md), without what larger models have less of.
BITS = {"q4_k_m": 4.8, "q8_0": 8.5}
NAMES = {"f16": "fp16"}


def arguments(row):
    """The words of a row as options: what is said in brackets, or behind a blank, is a remark."""
    weights = row["weights"].split()[0].lower()
    weights = NAMES.get(weights, weights)
    command = ["--gpu", re.sub(r" \(.*", "", row["gpu"]), "--gpus", str(row["gpus"])]
    command += ["--model", re.sub(r" \(.*", "", row["model"])]
    command += ["--batch", str(row["batch"]), "--context", str(int(row["context"]))]
    if weights in BITS:
        command += ["--bits-per-weight", str(BITS[weights])]
    else:
        command += ["--weights", weights]
    if weights == "fp8":  # engines with FP8 weights keep the cache in FP8 too
        command += ["--kv", "fp8"]
    return command


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("roofproof")
    parser.add_argument("rates", nargs="?", default=pathlib.Path(__file__).with_name("engine_rates.json"))
    parser.add_argument("--least", type=int)
    options = parser.parse_args()
    rows = json.loads(pathlib.Path(options.rates).read_text(encoding="utf-8"))["rows"]
    asked = above = 0
    closest = 0.0
    with tempfile.TemporaryDirectory() as elsewhere:  # no folder there has a model's name
        for row in rows:
            command = [str(pathlib.Path(options.roofproof).resolve()), "predict", "--json"]
            done = subprocess.run(command + arguments(row), capture_output=True, text=True, cwd=elsewhere)
            if done.returncode != 0:
                print(f"not asked: {row['gpu']}, {row['model']}, batch {row['batch']}: {done.stderr.strip()[:200]}")
                continue
            asked += 1
            at_most = json.loads(done.stdout)["tokens_per_s"]
            share = row["tokens_per_s"] / at_most
            closest = max(closest, share)
            if not share <= 1:
                above += 1
                print(f"above: {row['gpus']} x {row['gpu']}, {row['model']}, {row['weights']}, batch {row['batch']}: "
                      f"{row['tokens_per_s']} tokens/s, at most {at_most:.1f}")
    print(f"{asked} of {len(rows)} rows asked, {above} above 'at most', the closest at {closest:.2f} of it")
    return 1 if above or asked < (len(rows) if options.least is None else options.least) else 0


if __name__ == "__main__":
    sys.exit(main())
