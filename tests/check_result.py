# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Measures two cases on the host and holds the file against what its readers need.

usage: check_result.py BENCH_ALL SCHEMA COMPARE_PY
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def measure(bench_all, path, locale):
    """Runs two short cases; a comma-decimal locale must not show in the file."""
    environment = dict(os.environ, LC_ALL=locale, LC_NUMERIC=locale)
    subprocess.run(
        [bench_all, "--device", "host", "--profile", "quick", "--sessions", "2", "--out", path,
         "--filter", "^peak/fp32|^gemm/(fp32|fp16)/hand/m:1024"],
        check=True, env=environment, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text(), parse_constant=refuse_constant)


def check_schema(result, schema):
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(result, schema)
    assert result["benchmarks"], "nothing was measured"
    assert all(row["real_time"] > 0 for row in result["benchmarks"])
    assert any(case["status"] == "unsupported" for case in result["not_measured"])
    assert result["context"]["roofproof"]["complete"]


def check_schema_can_fail(result, schema):
    """The schema must notice a zero time, an unknown field and a missing one."""
    def zero_time(r): r["benchmarks"][0]["real_time"] = 0
    def unknown_field(r): r["benchmarks"][0]["speed"] = 1
    def missing_field(r): del r["benchmarks"][0]["samples_s"]
    for damage in (zero_time, unknown_field, missing_field):
        damaged = json.loads(json.dumps(result))
        damage(damaged)
        try:
            jsonschema.validate(damaged, schema)
        except jsonschema.ValidationError:
            continue
        raise AssertionError(f"the schema did not notice: {damage.__name__}")


def check_compare(compare_py, folder, result):
    """Google's compare.py must read both files and find a doubled time to be +1.0."""
    slower = json.loads(json.dumps(result))
    for row in slower["benchmarks"]:
        row["real_time"] *= 2
        row["cpu_time"] *= 2
    old, new = folder / "old.json", folder / "new.json"
    old.write_text(json.dumps(result))
    new.write_text(json.dumps(slower))
    printed = subprocess.run([sys.executable, compare_py, "--no-color", "benchmarks", old, new],
                             check=True, capture_output=True, text=True).stdout
    deltas = re.findall(r"^gemm/fp32/hand/\S+\s+([+-]\d+\.\d+)\s+([+-]\d+\.\d+)", printed, re.M)
    assert deltas, f"compare.py printed no row of ours:\n{printed}"
    assert all(float(d) == 1.0 for pair in deltas for d in pair), printed


def main():
    bench_all, schema_path, compare_py = sys.argv[1:]
    schema = json.loads(Path(schema_path).read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = measure(bench_all, folder / "r.json", "de_DE.UTF-8")
        check_schema(result, schema)
        check_schema_can_fail(result, schema)
        check_compare(compare_py, folder, result)


main()
