# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Which kernel has run on which machine, from the recorded results: the table in docs/seen_on.md,
and the status in README.md.

usage: seen_on.py [--check] BENCH_ALL REPOSITORY

Rewrites the text between the "seen-on" comments of the one and the "status" comments of the other;
with --check only says whether both are up to date. A kernel counts as seen where a recorded,
complete run in results/ has a row from it: checked against the reference before it was timed. It
counts as executed as a GPU that the file of this GPU in tests/ptx/executed, written by ptx_cases,
names it in. A row of the catalogue for GPUs that no file has is an error.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

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
    """{(backend, kernel): machines}, and {machine: backend}."""
    seen, machines = defaultdict(set), {}
    for path in sorted(results.glob("*/*.json")):
        record = json.loads(path.read_text())
        ours = record["context"].get("roofproof", {}) if "context" in record else {}
        if not ours.get("complete") or ours.get("synthetic"):
            continue
        machine = ours["device"]["name"]
        machines.setdefault(machine, ours["device"]["backend"])
        for row in record["benchmarks"]:
            seen[ours["device"]["backend"], row["kernel"]].add(machine)
    return seen, machines


GENERATIONS = ["T4", "A100", "A10G", "L4", "H100"]


def executions(folder, found):
    """{(backend, kernel): GPUs that the PTX machine executed it as}; every row must be somewhere."""
    rows = {gpu: set((folder / f"{gpu}.txt").read_text().split()) for gpu in GENERATIONS}
    names = {key: {operation.replace(" ", "/") + "/" + key[1] for operation in operations}
             for key, operations in found.items() if key[0] == "cuda"}
    known, executed = set().union(*names.values()), set().union(*rows.values())
    for what, wrong in (("executed on no generation", known - executed),
                        ("executed, but not of the catalogue", executed - known)):
        if wrong:
            sys.exit(f"{what}: {', '.join(sorted(wrong))}; see tests/ptx/cases/shapes.cpp")
    return {key: [gpu for gpu in GENERATIONS if rows[gpu] & of_kernel]
            for key, of_kernel in names.items()}


def short(operations):
    """["gemm fp16", "gemm int8"] -> "gemm fp16, int8"."""
    precisions = defaultdict(list)
    for operation in operations:
        op, precision = operation.split()
        precisions[op].append(precision)
    return "; ".join(f"{op} {', '.join(dict.fromkeys(p))}" for op, p in precisions.items())


def status(machines):
    gpus = [machine for machine, backend in machines.items() if backend == "cuda"]
    timed = f"timed on {', '.join(gpus)}" if gpus else "not yet timed on a GPU"
    return (f"**Status: {timed}.** An emulator on the CPU executes the CUDA kernels as\n"
            f"{', '.join(GENERATIONS[:-1])} and {GENERATIONS[-1]}, with a stand-in for cuBLAS:\n"
            "[which kernel ran where](docs/seen_on.md), [what that does not prove](docs/not_proven.md).")


def table(found, seen, machines, executed):
    lines = ["| kernel | computes | seen on | executed on the PTX machine as |", "|---|---|---|---|"]
    for (backend, kernel), operations in found.items():
        where = ", ".join(m for m in machines if m in seen[backend, kernel]) or "never run"
        played = ", ".join(executed.get((backend, kernel), []))
        if kernel.startswith("cublas"):
            played = f"our calls, on a stand-in for the library: {played}"
        lines.append(f"| {kernel} ({backend}) | {short(operations)} | {where} | {played} |")
    return "\n".join(lines)


def main():
    check = "--check" in sys.argv
    bench_all, repository = [a for a in sys.argv[1:] if a != "--check"]
    root = Path(repository)
    found = kernels(bench_all)
    seen, machines = sightings(root / "results")
    executed = executions(root / "tests/ptx/executed", found)
    for page, mark, generated in (("docs/seen_on.md", "seen-on", table(found, seen, machines, executed)),
                                  ("README.md", "status", status(machines))):
        text = (root / page).read_text()
        begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
        before, rest = text.split(begin)
        wanted = f"{before}{begin}\n{generated}\n{end}{rest.split(end)[1]}"
        if not check:
            (root / page).write_text(wanted)
        elif text != wanted:
            sys.exit(f"{page} is not what the recorded results say; "
                     f"run: python3 tests/seen_on.py {bench_all} {repository}")


main()
