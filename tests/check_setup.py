# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""What cmake/setup.sh makes of a machine, told by a tree of files like its /proc, /sys and /dev.

usage: check_setup.py SETUP_SH
"""

import subprocess
import sys
import tempfile
from pathlib import Path


class Machine:
    def __init__(self, folder, setup):
        self.root, self.setup = Path(folder), setup

    def write(self, path, text="", mode=0o644):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text))
        path.chmod(mode)

    def bash(self, commands):
        """What the commands print; no nvidia-smi is in the PATH."""
        places = "\n".join(f"{name}={self.root}/{path}" for name, path in {
            "proc": "proc", "dev": "dev", "wsl": "wsl"}.items())
        only_these = " ".join("bash awk cat sed sort grep head timeout dirname".split())
        script = (f"set -euo pipefail\nfor tool in {only_these}; do\n"
                  f'  ln -sf "$(command -v $tool)" {self.root}/bin/; done\n'
                  f"source {self.setup}\nPATH={self.root}/bin\n{places}\n{commands}")
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done
        return done.stdout.split()

    def gpu(self):
        return self.bash('find_gpu; echo "${gpu:-none}" "${device:-none}" "${driver:-none}"')


def check_gpu_under_windows(machine):
    """/dev/dxg is every vendor's."""
    assert machine.gpu() == ["none", "none", "none"]
    machine.write("dev/dxg")
    assert machine.gpu() == ["none", "none", "none"]
    machine.write("wsl/libcuda.so.1")
    assert machine.gpu() == ["yes", "none", "none"]
    machine.write("wsl/nvidia-smi", "#!/bin/sh\necho 8.9, 560.94\n", 0o755)
    assert machine.gpu() == ["yes", "89", "560.94"]


def check_gpu_without_nvidia_smi(machine):
    machine.write("dev/nvidia0")
    machine.write("proc/driver/nvidia/version", "NVRM version: x86_64 Kernel Module  550.54.15  Tue\n")
    assert machine.gpu() == ["yes", "none", "550.54.15"]


def main():
    for check in (check_gpu_under_windows, check_gpu_without_nvidia_smi):
        with tempfile.TemporaryDirectory() as folder:
            check(Machine(folder, sys.argv[1]))


main()
