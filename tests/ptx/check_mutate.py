# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""mutate.py itself, on a small tree and with stand-ins for the compiler and for the tests."""

import contextlib
import io
import json
import pathlib
import subprocess
import tempfile

import mutate

KERNEL = """\
// parity ^ 1 of a comment
#include "a < b.h"
static_assert(rows < 4,
              "rows < 4");
__device__ void loop(int parity) {
  for (int i = 0; i < rows; ++i) {
    barrier_wait(barrier, parity ^ 1);
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();  // if (i < 4)
  }
  if (rows > 4) throw std::invalid_argument("too many" + std::to_string(rows - 1));
  label = "rows " + std::to_string(rows - 1);
}
"""
# What has a "<=" does not compile; without its barrier it is wrong, without its fence it hangs; the
# other parity only the long run finds. The user interrupts the first that is wrong, once.
BUILD = """\
mkdir -p "$2"
cp "$1/kernels/cuda/a.cu" "$2/program"
! grep -q '<=' "$2/program"
"""
TEST = """\
echo "$2" >>"$1/../runs"
echo "ok      a case"
stop="$1/../../interrupt"
wrong() {
  [ ! -e "$stop" ] || { rm "$stop"; kill -INT $PPID; sleep 60; }
  echo "FAILED  $1"; exit 1
}
grep -q __syncthreads "$1/program" || wrong "no barrier"
grep -q fence "$1/program" || wrong "hang: no fence"
[ "$3" != --full ] || grep -q "parity ^ 1)" "$1/program" || wrong "parity"
"""


def by_operator(text):
    found = {}
    for kind, operators in mutate.mutants_of("kernels/cuda/a.cu", text).items():
        for name, mutants in operators.items():
            found[kind, name] = [(mutant.line, mutant.lines(text)[1].strip()) for mutant in mutants]
    return found


def check_operators():
    found = by_operator(KERNEL)
    assert found["barrier", "other parity"] == [(7, "barrier_wait(barrier, parity);")], found
    assert found["fences", "block barrier removed"] == [(9, ";  // if (i < 4)")], found
    assert found["fences", "instruction removed"] == [(8, 'asm volatile("" ::: "memory");')], found
    # Not of the comment, the include, the static_assert, the message nor the label.
    assert found["bounds", "< to <="] == [(6, "for (int i = 0; i <= rows; ++i) {")], found
    assert [line for line, _ in found["bounds", "> to >="]] == [11], found
    assert ("bounds", "- 1 left out") not in found, found
    # Each finds something in the backend as it is today.
    found = set()
    for file, text in mutate.texts_of(mutate.REPOSITORY).items():
        for kind, operators in mutate.mutants_of(file, text).items():
            found |= {(kind, name) for name in operators}
    table = {(kind, operator.name) for kind, row in mutate.CLASSES.items() for operator in row}
    missing = table - found
    assert not missing, missing


def check_drawing():
    texts = {"kernels/cuda/a.cu": KERNEL, "kernels/cuda/b.cu": KERNEL}
    drawn = mutate.draw(texts, 6, seed=1)
    assert drawn == mutate.draw(texts, 6, seed=1)
    assert drawn != mutate.draw(texts, 6, seed=2)
    assert [mutant.spare for mutant in drawn] == [False] * 6 + [True] * 6
    assert len({mutant.id() for mutant in drawn}) == 12
    kinds = [mutant.kind for mutant in drawn]
    assert len(set(kinds[:3])) == 3, kinds  # classes take turns


def check_filters(folder):
    """A filter is for ptx_cases, unless it is the name of a program."""
    commands = mutate.Commands(test="false", program="echo ")
    copy = mutate.Copy(mutate.REPOSITORY, folder, commands)
    assert copy.test(["ptx_test_tensors --full"])["outcome"] == "survived"
    assert copy.test(["ptx_test_tensors", "read/"])["filter"] == "read/"


def check_campaign(folder):
    kernel = folder / "kernels/cuda/a.cu"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(KERNEL)
    (folder / ".gitignore").write_text("build/\n")
    (folder / "build.sh").write_text(BUILD)
    (folder / "test.sh").write_text(TEST)
    subprocess.run(["git", "init", "-q", folder], check=True)
    commands = mutate.Commands(configure="true", build="sh {source}/build.sh {source} {build}",
                               test="sh {source}/test.sh {build}")

    def run(*arguments):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = mutate.main(["--draw", "5", *arguments], folder, commands)
        return code, said.getvalue()

    mutants = folder / "build/mutants"
    state = mutants / "draw5_seed1.jsonl"
    code, said = run("--list")
    assert code == 0 and not (mutants / "0").exists()
    before = state.read_text()
    # One that ended in the middle of a line: goes on, and draws nothing new.
    state.write_text(before + '{"id": "kernels/')
    (mutants / "interrupt").touch()
    with contextlib.redirect_stderr(io.StringIO()):
        code, said = run("--workers", "1")
    done = state.read_text()
    assert code == 130 and done.startswith(before) and "survived: " not in said, said
    assert (mutants / "0/source/kernels/cuda/a.cu").read_text() == KERNEL
    code, said = run("--workers", "1")
    assert code == 1, said  # survivors that nobody has argued
    assert state.read_text().startswith(done) and state.read_text() != done
    rows = [json.loads(line) for line in state.read_text().splitlines()]
    outcomes = {row["id"]: row["outcome"] for row in rows if "outcome" in row}
    assert len(outcomes) == sum("outcome" in row for row in rows)  # none of them twice
    texts = {"kernels/cuda/a.cu": KERNEL}
    drawn = mutate.draw(texts, 5, 1)
    assert any(mutant.spare and mutant.id() in outcomes for mutant in drawn)
    for mutant in drawn:
        after = mutant.lines(KERNEL)[1]
        wanted = ("caught" if "__syncthreads" not in after and mutant.line == 9 else
                  "hangs" if "fence" not in after and mutant.line == 8 else
                  "does not compile" if "<=" in after else "survived")
        assert outcomes.get(mutant.id(), wanted) == wanted, (mutant, outcomes)
    assert {"caught", "hangs", "survived", "does not compile"} <= set(outcomes.values()), outcomes
    caught_by = {row["by"] for row in rows if row.get("outcome") == "caught"}
    assert caught_by == {"FAILED  no barrier"}, caught_by
    assert f"- {KERNEL.splitlines()[6]}" in said and "not argued" in said, said
    assert (mutants / "0/source/kernels/cuda/a.cu").read_text() == kernel.read_text() == KERNEL
    assert (mutants / "0/build/program").read_text() == KERNEL

    # What is done is not done again; what is missing is.
    runs = mutants / "0/runs"
    before = len(runs.read_text())
    run("--workers", "1")
    assert len(runs.read_text()) == before
    state.write_text("".join(json.dumps(row) + "\n" for row in rows[:-1]))
    run("--workers", "1")
    assert len(runs.read_text()) > before or rows[-1]["outcome"] == "does not compile"
    again = [json.loads(line) for line in state.read_text().splitlines()]
    assert {row["id"]: row["outcome"] for row in again if "outcome" in row} == outcomes

    # What survived has a second chance, once.
    code, said = run("--workers", "1", "--full")
    assert code == 1 and "caught in full" in said, said
    known = mutate.State(state)
    parity = next(mutant for mutant in drawn if mutant.operator == "other parity")
    assert known.outcomes[parity.id()]["outcome"] == "caught in full", known.outcomes
    before = len(runs.read_text())
    run("--workers", "1", "--full")
    assert len(runs.read_text()) == before

    # A survivor that is argued is none.
    reasons = [{"file": mutant.file, "before": before, "after": after, "reason": "the same"}
               for mutant in drawn
               for before, after in [mutant.lines(KERNEL)]]
    (folder / "reasons.json").write_text(json.dumps(reasons))
    with contextlib.redirect_stdout(io.StringIO()):
        assert mutate.report(known, texts, mutate.equivalents(folder / "reasons.json")) == 0
        unbroken = len(mutate.filters_of("kernels/cuda/a.cu"))
        survived = list(outcomes.values()).count("survived") - unbroken - 1
        assert mutate.report(known, texts, {}) == survived

    # Of another tree nothing counts.
    kernel.write_text(KERNEL + "\n")
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            run()
        assert False
    except SystemExit as error:
        assert error.code == 2


if __name__ == "__main__":
    check_operators()
    check_drawing()
    with tempfile.TemporaryDirectory() as name:
        check_filters(pathlib.Path(name))
    with tempfile.TemporaryDirectory() as name:
        check_campaign(pathlib.Path(name))
