#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""How much do the tests on the PTX machine catch? Breaks the CUDA backend in places drawn by chance
and runs the tests of what was broken.

    tests/ptx/mutate.py [--draw 80] [--seed 1] [--workers 2] [--list] [--full]

mutation_tables.py says what can be done to a line and which tests are about it; an operator and a
place are drawn for each class of fault in turn. All that is drawn is written to the first lines of
the state file before anything runs; outcomes follow, a line each, so that a run that was
interrupted goes on where it was. Works on copies of the tree under build/mutants, never on the tree
itself.

Outcomes: caught (a case is wrong), hangs (a case does not end in time; counts as caught), survived,
does not compile (does not count: a spare of the same class takes its place). --full runs what
survived once more, with every shape in every mode, and tells apart what that catches. A survivor
that means the same as the original is argued in equivalent_mutants.json. Exit code 1: one is not.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

from mutation_tables import CLASSES, filters_of

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = "kernels/cuda"
SUFFIXES = {".cu", ".cuh", ".h", ".cpp"}
# Measure time, tell of errors or choose the fastest of what is right: no result depends on them.
NO_RESULT = r"(clock_probe|gate|isolation|event|error|device|budget|select)\.(h|cu|cpp)$"
DRAWN_FROM = SUFFIXES | {".inc", ".txt", ".cmake"}  # another tree is another draw

FULL = " --full"  # behind a filter: every shape in every mode
IN_FULL = {"caught": "caught in full", "hangs": "caught in full", "survived": "survived"}


@dataclasses.dataclass(frozen=True)
class Commands:
    """{source} and {build} are the copy's folders; the test gets the filter behind it."""
    configure: str = (
        "cmake -S {source} -B {build} -G Ninja -DCMAKE_BUILD_TYPE=Release -DROOFPROOF_CUDA=ON"
        " -DROOFPROOF_TESTS=ON -DROOFPROOF_CUDA_PTX_ONLY=ON -DROOFPROOF_CUDA_DEVICE=90")
    build: str = "ninja -C {build} -j2 ptx_cases ptx_test_cuda_tensors"
    build_limit_s: float = 1800
    test: str = "{build}/bin/ptx_cases --limit 600 --filter"
    program: str = "{build}/bin/"  # in place of `test` for a filter that is a program's name
    wrong: str = r"^(\[  )?FAILED"  # a line of the test's output that says what is wrong
    hang: str = r"hang: "    # ... and that it did not end


@dataclasses.dataclass(frozen=True)
class Mutant:
    kind: str
    operator: str
    file: str  # below the repository
    line: int
    begin: int  # characters of the file
    end: int
    put: str
    spare: bool = False

    def id(self) -> str:
        return f"{self.file}:{self.begin}-{self.end}:{self.put}"

    def lines(self, text: str) -> tuple[str, str]:
        """The lines that change, before and after."""
        first = text.rfind("\n", 0, self.begin) + 1
        last = text.find("\n", self.end)
        last = len(text) if last < 0 else last
        return text[first:last], text[first:self.begin] + self.put + text[self.end:last]


# --- what can be broken ---------------------------------------------------------------------------

LITERALS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
# Directives, errors, and the lines that make a label: no result depends on them.
NOT_CODE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*|\bstatic_assert\(.*?\);|\bthrow .*?;|"
                      r"^(?![^\n]*\bthrow\b)[^\n]*std::to_string\([^\n]*$", re.DOTALL | re.MULTILINE)


def visible(text: str, strings: bool) -> str:
    """`text`, as long, without what is no code; string literals stay where `strings`."""
    def blank(match: re.Match) -> str:
        kept = strings and match[0][0] == '"'
        return match[0] if kept else re.sub(r"[^\n]", "\0", match[0])
    def blank_all(match: re.Match) -> str:
        return re.sub(r"[^\n]", "\0", match[0])
    return NOT_CODE.sub(blank_all, LITERALS.sub(blank, text))


def mutants_of(file: str, text: str) -> dict[str, dict[str, list[Mutant]]]:
    """By class and operator."""
    views = {strings: visible(text, strings) for strings in (False, True)}
    found = {}
    for kind, operator in ((kind, operator) for kind, row in CLASSES.items() for operator in row):
        if not re.search(operator.files, file):
            continue
        view = views[operator.text]
        for match in re.finditer(operator.find, view, re.MULTILINE):
            begin, end = match.span()
            first = text.rfind("\n", 0, begin) + 1
            line = view[first:view.find("\n", begin)]
            put = operator.put(match) if callable(operator.put) else match.expand(operator.put)
            if "\0" in match[0] or put == match[0] or not re.search(operator.where, line):
                continue
            at = text.count("\n", 0, begin) + 1
            mutant = Mutant(kind, operator.name, file, at, begin, end, put)
            found.setdefault(kind, {}).setdefault(operator.name, []).append(mutant)
    return found


def draw(texts: dict[str, str], count: int, seed: int) -> list[Mutant]:
    """`count` mutants and as many spares: of each class in turn an operator, then one of its
    places, until a class has no more."""
    places: dict[str, dict[str, list[Mutant]]] = {kind: {} for kind in CLASSES}
    for file in sorted(texts):
        for kind, operators in mutants_of(file, texts[file]).items():
            for name, found in operators.items():
                places[kind].setdefault(name, []).extend(found)
    chance = random.Random(seed)
    drawn, seen = [], set()
    while len(drawn) < 2 * count and any(places.values()):
        for kind, operators in places.items():
            while operators:
                name = chance.choice(sorted(operators))
                mutant = operators[name].pop(chance.randrange(len(operators[name])))
                if not operators[name]:
                    del operators[name]
                if mutant.id() not in seen:
                    seen.add(mutant.id())
                    drawn.append(mutant)
                    break
    return [dataclasses.replace(mutant, spare=i >= count)
            for i, mutant in enumerate(drawn[:2 * count])]


# --- the tree and its copies ----------------------------------------------------------------------

def tree(repository: Path) -> list[str]:
    """What git knows or would add."""
    listed = subprocess.run(["git", "-C", repository, "ls-files", "-coz", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listed.split("\0")) if (repository / name).is_file())


def texts_of(repository: Path) -> dict[str, str]:
    """What is mutated, by path."""
    return {str(path.relative_to(repository)): path.read_text()
            for path in sorted((repository / SOURCES).rglob("*"))
            if path.suffix in SUFFIXES and not re.search(NO_RESULT, path.name)}


def fingerprint(repository: Path) -> str:
    digest = hashlib.sha256()
    for name in tree(repository):
        if Path(name).suffix in DRAWN_FROM:
            digest.update(name.encode() + b"\0" + (repository / name).read_bytes())
    return digest.hexdigest()


class Stopped(Exception):
    """The user wants it to end."""


class Copy:
    """A copy of the tree, built, and what it was built to: kept, and put back after each mutant."""

    def __init__(self, repository: Path, folder: Path, commands: Commands):
        self.repository, self.commands = repository, commands
        self.source, self.build, self.kept = (folder / name for name in ("source", "build", "kept"))
        self.process = None
        self.stopped = False

    def prepare(self) -> None:
        names = set(tree(self.repository))
        for name in names:
            copy = self.source / name
            original = (self.repository / name).read_bytes()
            if not copy.is_file() or copy.read_bytes() != original:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.repository / name, copy)
                shutil.copymode(self.repository / name, copy)
        for copy in [path for path in self.source.rglob("*") if path.is_file()]:
            if str(copy.relative_to(self.source)) not in names:
                copy.unlink()
        if self.kept.exists():
            self.put_back()
        for command in (self.commands.configure, self.commands.build):
            code, said, _ = self.run(command)
            if code != 0:
                raise RuntimeError(f"{command}: exit code {code}\n{said}")
        self.keep()

    def keep(self) -> None:
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.build, self.kept, symlinks=True)

    def put_back(self) -> None:
        """Objects with their times and Ninja's records: it would build them again otherwise."""
        shutil.rmtree(self.build, ignore_errors=True)
        shutil.copytree(self.kept, self.build, symlinks=True)

    def run(self, command: str, *more: str, until: str = "", limit_s: float = threading.TIMEOUT_MAX
            ) -> tuple[int, str, float]:
        """Exit code, the line of output that `until` matches (it ends the command) or else the last
        ones, processor time in seconds."""
        if self.stopped:
            raise Stopped
        words = [word.format(source=self.source, build=self.build) for word in command.split()]
        self.process = subprocess.Popen([*words, *more], stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.STDOUT, errors="replace",
                                        start_new_session=True)
        timer = threading.Timer(limit_s, self.kill)
        timer.start()
        said = deque(maxlen=20)
        for line in self.process.stdout:
            said.append(line)
            if until and re.search(until, line):
                said = [line.strip()]
                self.kill()
                break
        self.process.stdout.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        if self.stopped:
            raise Stopped
        return self.process.returncode, "".join(said), usage.ru_utime + usage.ru_stime

    def kill(self) -> None:
        if self.process and self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        self.stopped = True
        self.kill()

    def test(self, filters: Iterable[str]) -> dict:
        """Runs the cases of each filter until one is wrong."""
        spent = 0.0
        for text in filters:
            command, *words = [self.commands.test, *text.split()]
            if text.startswith("ptx_test_"):
                command, *words = [self.commands.program + words[0], *words[1:]]
            code, said, seconds = self.run(command, *words, until=self.commands.wrong)
            spent += seconds
            if code != 0:
                outcome = "hangs" if re.search(self.commands.hang, said) else "caught"
                return {"outcome": outcome, "by": said, "filter": text, "test_s": spent}
        return {"outcome": "survived", "test_s": spent}

    def outcome(self, mutant: Mutant, filters: Iterable[str]) -> dict:
        path = self.source / mutant.file
        original, times = path.read_text(), path.stat()
        try:
            path.write_text(original[:mutant.begin] + mutant.put + original[mutant.end:])
            code, said, build_s = self.run(self.commands.build,
                                           limit_s=self.commands.build_limit_s)
            if code != 0:
                return {"outcome": "does not compile", "by": said, "build_s": build_s}
            return {**self.test(filters), "build_s": build_s}
        finally:
            path.write_text(original)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            self.put_back()


# --- the campaign ---------------------------------------------------------------------------------

class State:
    """What was drawn and what came of it, a line of JSON each."""

    def __init__(self, path: Path):
        self.path, self.lock, self.checking = path, threading.Lock(), threading.Lock()
        self.drawn: list[Mutant] = []
        self.outcomes: dict[str, dict] = {}
        self.head: dict = {}
        if not path.exists():
            return
        whole, _, torn = path.read_text().rpartition("\n")
        if torn:  # what was being written when it ended
            path.write_text(whole + "\n")
        for row in map(json.loads, whole.splitlines()):
            if "draw" in row:
                self.head = row
            elif "outcome" in row:
                self.outcomes[row["id"]] = row
            else:
                row.pop("diff")
                self.drawn.append(Mutant(**row))

    def begin(self, head: dict, drawn: list[Mutant], texts: dict[str, str]) -> None:
        self.head, self.drawn = head, drawn
        rows = [head] + [{**dataclasses.asdict(mutant), "diff": mutant.lines(texts[mutant.file])}
                         for mutant in drawn]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def add(self, identity: str, outcome: dict) -> None:
        with self.lock:
            self.outcomes[identity] = {"id": identity, **outcome}
            with self.path.open("a") as file:
                file.write(json.dumps(self.outcomes[identity]) + "\n")


class Queue:
    """Hands out what was drawn, and a spare of the class for each that does not compile."""

    def __init__(self, drawn: list[Mutant]):
        self.todo = deque(mutant for mutant in drawn if not mutant.spare)
        self.spares = deque(mutant for mutant in drawn if mutant.spare)
        self.lock = threading.Lock()

    def next(self) -> Mutant | None:
        with self.lock:
            return self.todo.popleft() if self.todo else None

    def replace(self, mutant: Mutant) -> None:
        with self.lock:
            spare = next((other for other in self.spares if other.kind == mutant.kind), None)
            if spare:
                self.spares.remove(spare)
                self.todo.append(spare)


def check_unbroken(copy: Copy, filters: Iterable[str], state: State) -> None:
    """What is wrong without a mutation catches nothing."""
    for text in filters:
        with state.checking:
            if text in state.outcomes:
                continue
            result = copy.test([text])
            if result["outcome"] != "survived":
                raise RuntimeError(f"wrong without a mutation: {result['by']}")
            state.add(text, result)
            print(f"{'unbroken':16} {result['test_s']:17.1f} s  {text}", flush=True)


def work(copy: Copy, queue: Queue, state: State, full: bool) -> None:
    while (mutant := queue.next()) is not None:
        known = state.outcomes.get(mutant.id())
        again = known and known["outcome"] == "survived" and full and not known.get("full")
        if known is None or again:
            filters = [text + FULL if again else text for text in filters_of(mutant.file)]
            check_unbroken(copy, filters, state)
            outcome = copy.outcome(mutant, filters)
            if again:
                outcome["full"] = True
                outcome["outcome"] = IN_FULL[outcome["outcome"]]
            state.add(mutant.id(), outcome)
            print(f"{outcome['outcome']:16} {outcome['build_s']:6.1f} s +"
                  f" {outcome.get('test_s', 0):6.1f} s  {describe(mutant)}"
                  f"  {outcome.get('by', '')}".rstrip(), flush=True)
        if state.outcomes[mutant.id()]["outcome"] == "does not compile":
            queue.replace(mutant)


def run(copies: list[Copy], state: State, full: bool) -> None:
    """All that was drawn, a thread for each copy; the first error, or the user, ends all."""
    queue = Queue(state.drawn)
    with ThreadPoolExecutor(len(copies)) as threads:
        try:
            for copy in copies:  # one after another: a compiler cache has all of the second
                copy.prepare()
            running = {threads.submit(work, copy, queue, state, full) for copy in copies}
            while running:  # awake now and then: a signal that another thread gets wakes nobody
                ended, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for thread in ended:
                    thread.result()
        except BaseException:
            for copy in copies:
                copy.stop()
            raise


def describe(mutant: Mutant) -> str:
    return f"{mutant.file}:{mutant.line}  {mutant.kind}: {mutant.operator}"


def equivalents(path: Path) -> dict[tuple, str]:
    rows = json.loads(path.read_text())
    return {(row["file"], row["before"], row["after"]): row["reason"] for row in rows}


def report(state: State, texts: dict[str, str], argued: dict[tuple, str]) -> int:
    """Prints the table and the survivors; how many of these are not argued."""
    counts = {kind: Counter() for kind in CLASSES}
    survivors = []
    for mutant in state.drawn:
        if outcome := state.outcomes.get(mutant.id()):
            counts[mutant.kind][outcome["outcome"]] += 1
            if outcome["outcome"] == "survived":
                survivors.append(mutant)
    columns = ("caught", "hangs", "caught in full", "survived", "does not compile")
    print(f"\n{'class':16}" + "".join(f" {column:>16}" for column in columns))
    for kind, row in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        print(f"{kind:16}" + "".join(f" {row[column]:16}" for column in columns))
    not_argued = 0
    for mutant in survivors:
        before, after = mutant.lines(texts[mutant.file])
        reason = argued.get((mutant.file, before, after))
        not_argued += reason is None
        print(f"\nsurvived: {describe(mutant)}\n- {before}\n+ {after}\n"
              f"equivalent: {reason or 'not argued'}")
    spent = [row.get("build_s", 0) + row.get("test_s", 0) for row in state.outcomes.values()]
    print(f"\n{sum(spent) / 60:.1f} minutes of processor time")
    return not_argued


def main(arguments: list[str], repository: Path = REPOSITORY,
         commands: Commands = Commands()) -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draw", type=int, default=80, help="mutants that compile")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="mutants at a time, a copy each")
    parser.add_argument("--list", action="store_true", help="draw, print, run nothing")
    parser.add_argument("--full", action="store_true",
                        help="what survives, with every shape in every mode: hours")
    options = parser.parse_args(arguments)

    folder = repository / "build" / "mutants"
    texts = texts_of(repository)
    head = {"draw": options.draw, "seed": options.seed, "tree": fingerprint(repository)}
    state = State(folder / f"draw{options.draw}_seed{options.seed}.jsonl")
    if not state.head:
        state.begin(head, draw(texts, options.draw, options.seed), texts)
    elif state.head != head:
        parser.error(f"{state.path} was drawn from another tree: delete it to begin anew")
    for mutant in state.drawn:
        before, after = mutant.lines(texts[mutant.file])
        print(f"{'spare ' if mutant.spare else ''}{describe(mutant)}\n- {before}\n+ {after}")
    if options.list:
        return 0
    for stop in (signal.SIGINT, signal.SIGTERM):  # also in the background, where SIGINT is ignored
        signal.signal(stop, signal.default_int_handler)
    copies = [Copy(repository, folder / str(i), commands) for i in range(options.workers)]
    try:
        run(copies, state, options.full)
    except KeyboardInterrupt:
        print("interrupted: the same command goes on from here", file=sys.stderr)
        return 130
    argued = equivalents(Path(__file__).with_name("equivalent_mutants.json"))
    return 1 if report(state, texts, argued) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
