# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""action.yml and its script, end to end, without GitHub: its inputs, its files and its exit code.
bench_all is a stand-in that hands out results made here.

usage: check_action.py SOURCE ROOFPROOF
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from gate_results import t4_result, write, write_history

SOURCE, ROOFPROOF = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
ACTION = (SOURCE / "action.yml").read_text()
TODAY = "2026-11-01T10:00:00Z"

# Takes the next of the results prepared, ends with the exit code that stands beside it.
BENCH_ALL = """#!/usr/bin/env bash
printf '%s\\n' "$@" >>asked
number=$(grep -cx -- --out asked)
while [[ $1 != --out ]]; do shift; done
[[ ! -f next/$number.json ]] || cp "next/$number.json" "$2"
exit "$(cat "next/$number.code" 2>/dev/null || echo 0)"
"""


def inputs_of_action():
    """Name and default of each input."""
    part = ACTION[ACTION.index("\ninputs:"):ACTION.index("\noutputs:")]
    found = re.findall(r'^  ([\w-]+):\n    description: .+\n    default: "?(.*?)"?$', part, re.M)
    assert len(found) == part.count("description:") == 8, found
    return dict(found)


class Action:
    """A folder in which the action runs as a step of a workflow."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        (self.programs / "roofproof").symlink_to(ROOFPROOF)
        bench_all = self.programs / "bench_all"
        bench_all.write_text(BENCH_ALL)
        bench_all.chmod(0o755)

    def next_run(self, number, made=None, code=0):
        if made is not None:
            write(self.folder / f"next/{number}.json", made)
        (self.folder / "next").mkdir(exist_ok=True)
        (self.folder / f"next/{number}.code").write_text(str(code))

    def run(self, **inputs):
        """The exit code, which is an output too; sets log, summary, outputs."""
        values = {**inputs_of_action(), "programs": "programs", **inputs}
        steps = ACTION[ACTION.index("\nruns:"):]
        environment = {name: values[given] for name, given in
                       re.findall(r"^ +(GATE_\w+): \$\{\{ inputs\.([\w-]+) \}\}$", steps, re.M)}
        assert len(environment) == len(inputs_of_action()), "an input that reaches no variable"
        files = {name: self.folder / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        for path in files.values():
            path.write_text("")
        command = re.search(r"^      run: '(.+)'$", steps, re.M).group(1)
        # As GitHub runs a step whose shell is bash.
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command], cwd=self.folder,
            env={"PATH": os.environ["PATH"], "GITHUB_ACTION_PATH": str(SOURCE), **environment,
                 **{name: str(path) for name, path in files.items()}},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.log, self.summary = ended.stdout, files["GITHUB_STEP_SUMMARY"].read_text()
        self.outputs = dict(line.split("=", 1)
                            for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        assert self.outputs["exit-code"] == str(ended.returncode), self.log
        return ended.returncode

    def junit(self):
        path = self.folder / "roofproof-junit.xml"
        assert (self.outputs.get("junit") == path.name) == path.exists()
        return path.read_text() if path.exists() else ""

    def asked(self):
        path = self.folder / "asked"
        return path.read_text().split("\n")[:-1] if path.exists() else []


def check_outputs_of_action(action):
    """Every output is one that the script writes."""
    part = ACTION[ACTION.index("\noutputs:"):ACTION.index("\nruns:")]
    script = (SOURCE / "analysis/check/action.sh").read_text()
    named = re.findall(r"\$\{\{ steps\.gate\.outputs\.([\w-]+) \}\}", part)
    assert len(named) == 3
    for name in named:
        assert re.search(rf"output {name} ", script), name


def check_a_result_that_is_fine(action):
    write(action.folder / "r.json", t4_result("new", TODAY))
    assert action.run(result="r.json") == 0, action.log
    assert action.summary.startswith("### no regression"), action.summary
    assert "| floor | measured |" in action.summary
    assert 'failures="0" errors="0"' in action.junit()
    assert action.outputs["result"] == "r.json"
    assert "no regression" in action.log
    assert not action.asked(), "a result was given, and a run was measured"


def check_a_result_below_its_floors(action):
    write(action.folder / "r.json", t4_result("new", TODAY, 0.6))
    assert action.run(result="r.json") == 1, action.log
    assert action.summary.startswith("### regression"), action.summary
    assert '<failure type="regression"' in action.junit()


def check_a_result_that_cannot_be_judged(action):
    write(action.folder / "r.json", t4_result("new", TODAY, complete=False))
    assert action.run(result="r.json") == 3, action.log
    assert action.summary.startswith("### inconclusive"), action.summary
    assert '<error type="inconclusive"' in action.junit()
    assert action.run(result="r.json", strict="true") == 1, action.log


def check_a_file_of_another_program(action):
    """And a report of before, which would be read as this one's, goes."""
    (action.folder / "r.json").write_text('[{"model_filename": "m", "avg_ts": 1}]')
    (action.folder / "roofproof-junit.xml").write_text("<testsuites/>")
    assert action.run(result="r.json") == 2, action.log
    assert "looks like a result of llama-bench" in action.log
    assert "looks like a result of llama-bench" in action.summary
    assert action.junit() == ""


def check_history_and_baseline(action):
    write_history(action.folder / "past")
    write(action.folder / "r.json", t4_result("new", TODAY))
    assert action.run(result="r.json", history="past", baseline="past/3.json") == 0, action.log
    assert "baseline past/3.json" in action.summary
    assert "10 comparable runs" in action.summary
    write(action.folder / "elsewhere/1.json", t4_result("other", TODAY))
    for baseline in ("elsewhere/1.json", "past/gone.json"):
        assert action.run(result="r.json", history="past", baseline=baseline) == 2, action.log
        assert "baseline" in action.summary, action.summary
    assert action.run(result="r.json", baseline="past/3.json") == 2, action.log


def check_a_run_is_measured_into_the_history(action):
    write_history(action.folder / "past")
    action.next_run(1, t4_result("new", TODAY))
    options = "--profile quick --filter '^(read|gemm)/ x'"
    assert action.run(history="past", options=options) == 0, action.log
    asked = action.asked()
    assert asked[2:] == ["--profile", "quick", "--filter", "^(read|gemm)/ x"], asked
    assert asked[1] == action.outputs["result"]
    assert (action.folder / asked[1]).parent.name == "past"
    assert action.run(history="past", options="--filter '^read") == 2, action.log


def check_a_second_run_confirms(action):
    slow, fine = t4_result("new", TODAY, 0.95), t4_result("again", "2026-11-01T11:00:00Z")
    slow_again = t4_result("again", "2026-11-01T11:00:00Z", 0.95)
    for second, inputs, code, runs in ((fine, {}, 0, 2), (slow_again, {}, 1, 2),
                                       (fine, {"confirm": "false"}, 3, 1)):
        for path in list(action.folder.glob("past/*")) + list(action.folder.glob("asked")):
            path.unlink()
        write_history(action.folder / "past")
        action.next_run(1, slow)
        action.next_run(2, second)
        assert action.run(history="past", **inputs) == code, action.log
        assert action.asked().count("--out") == runs


def check_bench_all_that_fails(action):
    """A failed case is no pass, whatever the check says of the others."""
    action.next_run(1, t4_result("new", TODAY), code=5)
    (action.folder / "results").mkdir()
    assert action.run() == 5, action.log
    assert action.summary.startswith("### no regression")
    (action.folder / "asked").unlink()
    action.next_run(1, t4_result("new", TODAY, 0.6), code=5)
    assert action.run() == 1, action.log


def check_bench_all_without_a_result(action):
    for code, ends_with in ((4, 4), (0, 4)):
        (action.folder / "asked").unlink(missing_ok=True)
        action.next_run(1, code=code)
        assert action.run() == ends_with, action.log
        assert f"bench_all ended with exit code {code} and left no result" in action.summary
        assert action.junit() == ""


def main():
    checks = [check for name, check in sorted(globals().items()) if name.startswith("check_")]
    for check in checks:
        with tempfile.TemporaryDirectory() as folder:
            check(Action(folder))
    print(f"{len(checks)} checks")


main()
