#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Assembles the newest PTX of each CUDA object for GPUs that builds with tests have no machine code for,
and holds the kernels to registers alone, but for those that EXPECTED names.

    check_newer_gpus.py NVCC CUOBJDUMP OBJECTS      OBJECTS: a file with the path of an object per line
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ARCHITECTURES = ("sm_100", "sm_120")  # as far as nvcc knows them

# Architecture, part of the mangled name, why it is left. Bytes stored / loaded as ptxas 13.0.88 has it.
EXPECTED = (
    ("sm_100", "paired_tiled_kernelILNS1_7VariantE3ELNS1_12WeightFormatE4E",
     "84 / 120: INT4 for two blocks of 128 registers; on sm_90 they suffice"),
    ("sm_120", "7VariantE3E", "bulk_sm90 is not for 12.x (newest_of_rings)"),
    ("sm_100", "10GenerationE0ENS", "INT8 of mma_sm75, where m8n8k16 is emulated; asked for by name alone"),
    ("sm_120", "10GenerationE0ENS", "the same"),
    ("sm_120", "15peak_mma_kernelILNS0_10GenerationE1ENS0_4Int8E", "8 / 8, outside the loop"),
)
SPILL = re.compile(r"spilled to local memory in function '(\w+)', (.*)")


def newest_ptx(cuobjdump: str, obj: str, folder: Path) -> Path | None:
    """The file with the object's PTX of the highest architecture that newer GPUs run."""
    for old in folder.iterdir():
        old.unlink()
    subprocess.run([cuobjdump, "-xptx", "all", obj], cwd=folder, check=True, capture_output=True)
    files = {int(m[1]): f for f in folder.iterdir() if (m := re.search(r"\.sm_(\d+)\.ptx$", f.name))}
    return files[max(files)] if files else None


def main() -> None:
    nvcc, cuobjdump, objects = sys.argv[1:]
    paths = [p for p in Path(objects).read_text().split("\n") if p.endswith(".cu.o")]
    known = subprocess.run([nvcc, "--list-gpu-code"], check=True, text=True, stdout=subprocess.PIPE).stdout
    architectures = [name for name in ARCHITECTURES if name in known.split()]
    assembled, wrong = 0, []
    with tempfile.TemporaryDirectory() as name:
        for path in paths:
            ptx = newest_ptx(cuobjdump, path, Path(name))
            if ptx is None:  # for one architecture's own code alone
                continue
            for architecture in architectures:
                done = subprocess.run(
                    [Path(nvcc).with_name("ptxas"), "-arch", architecture, "-warn-spills", "-o", "/dev/null", str(ptx)],
                    check=True, text=True, stderr=subprocess.PIPE)
                assembled += 1
                for kernel, what in SPILL.findall(done.stderr):
                    if not any(a == architecture and part in kernel for a, part, _ in EXPECTED):
                        wrong.append(f"{architecture}: {kernel}: {what}")
    print(f"{assembled} assemblies of {len(paths)} objects for {architectures}", *wrong, sep="\n")
    if wrong or (architectures and assembled == 0):
        sys.exit(1)


main()
