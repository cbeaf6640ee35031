# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Measures two cases on the host and holds the file against what its readers need.

usage: check_result.py BENCH_ALL ROOFPROOF SCHEMA COMPARE_PY
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
    environment = dict(os.environ, LC_ALL=locale, LC_NUMERIC=locale,
                       LOCPATH=os.environ.get("COMMA_LOCALES", ""))
    subprocess.run(
        [bench_all, "--device", "host", "--profile", "quick", "--sessions", "2", "--out", path,
         "--wait", "600", "--filter", "^peak/fp32|^gemm/(fp32|fp16)/hand/m:1024"],
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


def calm(result):
    """The result as of a machine that nobody else uses: an export leaves out what was disturbed."""
    copy = json.loads(json.dumps(result))
    for row in copy["benchmarks"]:
        row["validity"] = "ok"
        row["real_time"] = row["flop"]  # ns: GEMM and peak loop at 1 GFLOP/s
        row["cpu_time"] = 0.99 * row["real_time"]
    return copy


def changed(result, factors):
    """The result with every time multiplied by the factor of its operation."""
    copy = json.loads(json.dumps(result))
    for row in copy["benchmarks"]:
        factor = factors[row["name"].split("/")[0]]
        row["real_time"] *= factor
        row["cpu_time"] *= factor
    return copy


def check_compare(compare_py, old, new, factors):
    """Google's compare.py must read both files and print each row's (new - old) / old."""
    printed = subprocess.run([sys.executable, compare_py, "--no-color", "benchmarks", old, new],
                             check=True, capture_output=True, text=True).stdout
    deltas = re.findall(r"^(\w+)/fp32/\S+\s+([+-]\d+\.\d+)\s+([+-]\d+\.\d+)", printed, re.M)
    assert {operation for operation, _, _ in deltas} == set(factors), printed
    for operation, time, cpu in deltas:
        # Printed with four digits.
        expected = factors[operation] - 1
        assert abs(float(time) - expected) <= 5.1e-5 and time == cpu, printed


def exported(roofproof, path):
    """The file as `export --format gbench` has it: a row per name."""
    text = subprocess.run([roofproof, "export", "--format", "gbench", path],
                          check=True, capture_output=True, text=True).stdout
    names = [row["name"] for row in json.loads(text)["benchmarks"]]
    assert len(names) == len(set(names)), names
    out = path.with_suffix(".gbench.json")
    out.write_text(text)
    return out


def main():
    bench_all, roofproof, schema_path, compare_py = sys.argv[1:]
    schema = json.loads(Path(schema_path).read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old, new = folder / "r.json", folder / "new.json"
        result = measure(bench_all, old, "de_DE.UTF-8")
        page = (folder / "r.html").read_text()
        assert "gemm/fp32/hand" in page and page.rstrip().endswith("</html>"), "no report beside it"
        check_schema(result, schema)
        check_schema_can_fail(result, schema)
        factors = {"gemm": 1.25, "peak": 0.8}
        new.write_text(json.dumps(changed(result, factors)))
        check_compare(compare_py, old, new, factors)
        old.write_text(json.dumps(calm(result)))
        new.write_text(json.dumps(changed(calm(result), factors)))
        check_compare(compare_py, exported(roofproof, old), exported(roofproof, new), factors)


main()
