# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""What a build for one GPU compiles: machine code of every kernel, those of older generations too.

    check_device_build.py SOURCE CMAKE NVCC

Nothing is compiled: the commands of a configured build are read.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HOPPER_ALONE = {"wgmma_sm90", "wgmma_sm90_skinny", "wgmma_sm90_tile"}
OLDER = {"peak sm75", "peak sm80", "tiled sm75", "tiled sm80", "simt_fp32", "simt_sm75_fp32",
         "linear simt", "linear mma_sm75", "linear mma_sm80", "decode mma_sm75", "decode mma_sm80",
         "vector", "gate", "clock_probe"}
# What nvcc is asked for, and for the kernels that no other GPU than Hopper runs.
GPUS = {"90": ("sm_90", "sm_90a"), "120": ("sm_120", "compute_90a")}


def check(source, cmake, nvcc, gpu):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([cmake, "-S", source, "-B", folder, "-G", "Ninja", "-DROOFPROOF_CUDA=ON",
                        f"-DCMAKE_CUDA_COMPILER={nvcc}", f"-DROOFPROOF_CUDA_DEVICE={gpu}",
                        "-DROOFPROOF_TESTS=OFF", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"],
                       check=True, stdout=subprocess.DEVNULL)
        commands = json.loads((pathlib.Path(folder) / "compile_commands.json").read_text())
    code = {}
    for command in commands:
        file = pathlib.Path(command["file"])
        if file.suffix == ".cu":
            name = file.stem
            if name.endswith("instances"):  # one file, compiled for each variant or generation
                variant = re.search(r"-DROOFPROOF_(?:VARIANT|GENERATION)=(\w+)", command["command"]).group(1)
                name = f"{file.parent.name} {variant}"
            code.setdefault(name, set()).add(
                " ".join(re.findall(r"code=\[([^\]]*)\]", command["command"])))
    missing = (OLDER | HOPPER_ALONE) - set(code)
    assert not missing, f"not compiled: {missing}"
    for name, kinds in sorted(code.items()):
        wanted = GPUS[gpu][name in HOPPER_ALONE]
        assert kinds == {wanted}, f"{name} is compiled to {kinds} for {gpu}, not to {wanted}"


def main(source, cmake, nvcc):
    known = subprocess.run([nvcc, "--list-gpu-code"], capture_output=True, text=True, check=True)
    for gpu in GPUS:
        if f"sm_{gpu}\n" in known.stdout:
            check(source, cmake, nvcc, gpu)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
