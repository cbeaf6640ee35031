# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""What cmake/setup.sh makes of a machine, told by a tree of files like its /proc, /sys and /dev.

usage: check_setup.py SETUP_SH
"""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

GIB = 1 << 30


class Machine:
    def __init__(self, folder, setup):
        self.root, self.setup = Path(folder), setup
        self.write("proc/meminfo", f"MemTotal: 1 kB\nMemAvailable: {64 * GIB // 1024} kB\n")

    def write(self, path, text="", mode=0o644):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text))
        path.chmod(mode)

    def bash(self, commands, processors=64):
        """What the commands print; no nvidia-smi is in the PATH."""
        self.write("bin/nproc", f"#!/bin/sh\necho {processors}\n", 0o755)
        root, setup = (shlex.quote(str(path)) for path in (self.root, self.setup))
        places = "\n".join(f"{name}={root}/{path}" for name, path in {
            "proc": "proc", "cgroups": "cgroup", "dev": "dev", "wsl": "wsl"}.items())
        only_these = " ".join("bash awk cat sed sort grep head timeout dirname".split())
        script = (f"set -euo pipefail\nfor tool in {only_these}; do\n"
                  f'  ln -sf "$(command -v $tool)" {root}/bin/; done\n'
                  f"source {setup}\nPATH={root}/bin\n{places}\n{commands}")
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done
        return done.stdout.split()

    def jobs(self, processors=64):
        return int(self.bash("build_jobs", processors)[0])

    def gpu(self):
        return self.bash('find_gpu; echo "${gpu:-none}" "${device:-none}" "${driver:-none}"')


def check_memory_of_the_machine(machine):
    assert machine.jobs(8) == 8
    assert machine.jobs(64) == 64 * GIB // 1500000000
    machine.write("proc/meminfo", "MemAvailable: 1000000 kB\n")
    assert machine.jobs() == 1


def check_memory_of_a_container(machine):
    """The least of all groups above counts, less what is no file cache."""
    machine.write("proc/self/cgroup", "5:cpu,memory:/pod/leaf\n0::/\n")
    machine.write("cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    machine.write("cgroup/memory/memory.usage_in_bytes", 0)
    machine.write("cgroup/memory/pod/leaf/memory.limit_in_bytes", 9223372036854771712)
    machine.write("cgroup/memory/pod/memory.limit_in_bytes", 8 * GIB)
    machine.write("cgroup/memory/pod/memory.usage_in_bytes", 5 * GIB)
    assert machine.jobs() == 2
    machine.write("cgroup/memory/pod/memory.stat", f"inactive_file 1\ntotal_inactive_file {4 * GIB}\n")
    assert machine.jobs() == 5
    machine.write("proc/self/cgroup", "0::/pod/leaf\n")
    assert machine.jobs() == 64 * GIB // 1500000000  # none of version 1's groups is ours now
    machine.write("cgroup/pod/leaf/memory.max", "max\n")
    machine.write("cgroup/pod/memory.max", 6 * GIB)
    machine.write("cgroup/pod/memory.current", 5 * GIB)
    machine.write("cgroup/pod/memory.stat", f"anon 1\ninactive_file {2 * GIB}\n")
    assert machine.jobs() == 2
    machine.write("cgroup/memory.max", 2 * GIB)  # the container sees its own as the root
    assert machine.jobs() == 1


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


def check_tree_that_is_there(machine):
    """One of the tests serves the benchmark too, but for GPUs that it has no machine code for."""
    machine.write("build/build.ninja")
    stand_ins = f"""build={shlex.quote(str(machine.root))}/build cuda=ON nvcc=/nvcc
        log=$build/log
        say() {{ echo "$1"; }}
        rm() {{ :; }}
        tail() {{ cat; }}
        cmake() {{ :; }}
        ninja() {{ echo no work to do; }}
        tree() {{ echo "$root Release CUDA=ON:/nvcc SANITIZE= WERROR=ON $1" >"$build/setup.options"; }}
        """

    def configured(tree, device):
        return "configuring" in machine.bash(
            f"{stand_ins} tree '{tree}'; setup_build OFF '{device}' bench_all")

    assert not configured("TESTS=ON DEVICE=", "90")
    assert configured("TESTS=ON DEVICE=", "120")
    assert not configured("TESTS=OFF DEVICE=", "120")
    assert not configured("TESTS=OFF DEVICE=120", "120")
    assert configured("TESTS=OFF DEVICE=90", "120")


def main():
    for name in [name for name in os.environ if name.startswith("ROOFPROOF_")]:
        del os.environ[name]  # choices of who runs the tests
    for check in (check_memory_of_the_machine, check_memory_of_a_container,
                  check_gpu_under_windows, check_gpu_without_nvidia_smi,
                  check_tree_that_is_there):
        with tempfile.TemporaryDirectory() as folder:
            check(Machine(folder, sys.argv[1]))


main()
