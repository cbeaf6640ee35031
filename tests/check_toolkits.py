# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/toolkits.md: what ./bench_all and ./test_all make of a GPU, a toolkit and a driver.

usage: check_toolkits.py SOURCE CMAKE [NVCC] [--write]

Every combination goes through cmake/setup.sh and cmake/cuda_code.cmake, with stand-ins for nvidia-smi
and for nvcc, which names what this version of it can. A real NVCC is held against its stand-in.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What `nvcc --list-gpu-code` prints (NVIDIA's documentation of each nvcc: "GPU Feature List").
OF_12 = "50 52 53 60 61 62 70 72 75 80 86 87 89 90 90a"
OF_13 = "75 80 86 87 88 89 90 90a 100 100a 100f 103 103a 103f 110 110a 110f 120 120a 120f 121 121a 121f"
NVCC = {
    "12.4": OF_12,
    "12.8": OF_12 + " 100 100a 101 101a 120 120a",
    "12.9": OF_12 + " 100 100a 100f 101 101a 101f 103 103a 103f 120 120a 120f 121 121a 121f",
    "13.0": OF_13,
    "13.1": OF_13,
}
WHEELS = "13.0"

# The CUDA that the newest driver of each branch compiles PTX of, and how nvidia-smi's table says so.
DRIVERS = {"525": "12.0", "570": "12.8", "575": "12.9", "580": "13.0", "590": "13.1"}
FIRST_OF_MAJOR = ("525", "580")  # machine code knows no other difference
OLD_TABLE = "| NVIDIA-SMI {0}.10   Driver Version: {0}.10   CUDA Version: {1}     |"
NEW_TABLE = "| NVIDIA-SMI {0}.10   KMD Version: {0}.10   CUDA UMD Version: {1}     |"

ROWS = [  # compute capabilities, name, what is run
    ("70", "V100", "native"), ("75", "T4", "native"), ("80", "A100", "native"),
    ("86", "A10G", "native"), ("87", "Jetson Orin", "native"), ("89", "L4", "native"),
    ("90", "H100", "native"), ("100", "B200", "native"), ("103", "B300", "native"),
    ("110", "Jetson Thor", "native"), ("120", "RTX 5090", "native"),
    ("121", "DGX Spark", "native"), ("130", "one that no toolkit knows", "native"),
    ("86 120", "A10G and RTX 5090", "native"), ("70 75", "V100 and T4", "native"),
    ("90", "H100", "tests"), ("120", "RTX 5090", "tests"),
]
# Libraries of kernels that a newer GPU than this runs on demand alone (--kernel mma_sm75), or never.
CHOSEN_UP_TO = {("75:sm_75",): 75, ("75:sm_75,sm_90",): 75, ("80:sm_80",): 89}
ON_CHIP = {"72", "87", "88", "101", "110"}
BEGIN, END = "<!-- toolkits: begin -->\n", "<!-- toolkits: end -->\n"


def dotted(capability):
    return f"{capability[:-1]}.{capability[-1]}"


def drivers_of(gpus, code):
    return DRIVERS if code == "tests" or gpus == "130" else FIRST_OF_MAJOR


def runs(code, capability):
    """Whether a GPU runs this machine code: of its own generation, not newer; on a chip its own alone."""
    version = code.removeprefix("sm_").rstrip("a")
    return version == capability or (
        version[:-1] == capability[:-1] and int(version) < int(capability) and
        not {version, capability} & ON_CHIP)


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


class Machines:
    """Stand-ins in a folder, and what the set-up chooses among them."""

    def __init__(self, folder, source):
        self.folder, self.source = Path(folder), source
        for version, codes in NVCC.items():
            lines = "".join(f"sm_{code}\\n" for code in codes.split())
            script(self.nvcc(version), f"""case $1 in
                --version) echo "Cuda compilation tools, release {version}, V{version}.99" ;;
                --list-gpu-code) printf '{lines}' ;;
                esac""")
            header = self.nvcc(version).parent.parent / "include/cublasLt.h"
            header.parent.mkdir()
            header.touch()
        script(self.folder / "bin/nvidia-smi", """case $1 in
            --query-gpu=*) for one in $GPUS; do echo "${one%?}.${one#"${one%?}"}, $DRIVER.10"; done ;;
            *) echo; echo "$TABLE" ;;
            esac""")

    def nvcc(self, version):
        return self.folder / version / "bin/nvcc"

    def set_up(self, version):
        """The (nvcc's version or None, what was said) of each (row, driver), in their order."""
        tables = {driver: table.format(driver, cuda) for (driver, cuda), table in
                  zip(DRIVERS.items(), [OLD_TABLE, NEW_TABLE] * len(DRIVERS))}
        cases = [f"GPUS='{gpus}' DRIVER={driver} TABLE='{tables[driver]}' one_case {code}"
                 for gpus, _, code in ROWS for driver in drivers_of(gpus, code)]
        done = subprocess.run(["bash", "-c", f"""
            set -euo pipefail
            source '{self.source}/cmake/setup.sh'
            build='{self.folder}/build' PATH='{self.folder}/bin':$PATH
            mkdir -p "$build"
            nvcc_candidates() {{
              echo '{self.nvcc(version)}'
              [[ ! $wheels ]] || echo '{self.nvcc(WHEELS)}'
            }}
            install_wheels() {{ wheels=yes; }}
            ls() {{ :; }}  # processes cost time: of what the machine looks like nothing is asked
            xargs() {{ :; }}
            timeout() {{ shift; "$@"; }}
            one_case() {{
              export GPUS DRIVER TABLE
              ( wheels='' chosen=none
                rm -f "$build/setup.machine"
                setup_cuda "$1"
                echo "chosen $nvcc ${{wheels:+from wheels}}" >&2 ) 2>&1 || echo "exit $?"
              echo ----
            }}
            """ + "\n".join(cases)], capture_output=True, text=True)
        assert done.returncode == 0, done
        said = done.stdout.split("----\n")[:-1]
        assert len(said) == len(cases), done
        return said


def entries_of(source):
    """The CODE of every CUDA library: ["75:sm_75", "80:sm_80"]."""
    found = set()
    common = (source / "cmake/cuda_code.cmake").read_text()
    for file in sorted(path for folder in ("kernels", "bench")
                       for path in (source / folder).rglob("CMakeLists.txt")):
        text = file.read_text()
        for name, value in re.findall(r"set\((\w+) ([^)]*)\)", common + text):
            text = text.replace(f"${{{name}}}", value)
        found |= {tuple(code.split()) for code in re.findall(
            r"^\s*(?:CODE|roofproof_cuda_instances\(\w+ \w+) ([\w:, ]+)\)?$", text, re.M)}
    assert len(found) > 5, found
    return sorted(found)


def code_of(cmake, source, folder, libraries, builds):
    """{(nvcc's path, device or "", tests): [what each library is compiled to]}"""
    lines = ["cmake_minimum_required(VERSION 3.22)", f'include("{source}/cmake/cuda_code.cmake")']
    for nvcc, device, tests in builds:
        lines += [f'set(ROOFPROOF_CUDA_DEVICE "{device}")', f"set(ROOFPROOF_TESTS {tests})",
                  f'roofproof_choose_cuda_code("{nvcc}")']
        for entries in libraries:
            lines += [f"roofproof_gencode(code {' '.join(entries)})", 'message("${code}")']
    file = Path(folder) / "code.cmake"
    file.write_text("\n".join(lines))
    done = subprocess.run([cmake, "-P", file], capture_output=True, text=True, check=True)
    codes = [sum((part.split(",") for part in re.findall(r"code=\[([^\]]*)\]", line)), [])
             for line in done.stderr.splitlines()]
    assert len(codes) == len(builds) * len(libraries), done.stderr
    return {build: codes[i * len(libraries):][:len(libraries)] for i, build in enumerate(builds)}


def built(libraries, codes, gpus):
    """What the GPUs run of a build, of every library that they choose: machine code, or PTX."""
    run = set()
    for gpu in gpus:
        for entries, code in zip(libraries, codes):
            oldest = entries[0].split(":")[0]
            if oldest.endswith("a") or int(oldest) > int(gpu):
                continue  # not launched there
            machine = {c for c in code if c.startswith("sm_") and runs(c, gpu)}
            ptx = {c for c in code if c.startswith("compute_") and int(c[8:]) <= int(gpu)}
            assert machine or ptx, f"nothing for {gpu} in {entries}: {code}"
            if int(gpu) <= CHOSEN_UP_TO.get(entries, int(gpu)):
                run |= machine or {"PTX"}
    return ", ".join(sorted(run))


def check_passed_over(gpus, driver, said):
    """In place of this toolkit come the wheels, or the reason why they cannot, and what to do."""
    if len(gpus) == 1 and int(gpus[0]) < 75:
        assert "exit 4" in said and "the kernels need 7.5 or newer" in said, said
    elif int(driver) >= 580:
        assert f"{WHEELS}/bin/nvcc from wheels" in said, said
    else:
        assert "exit 4" in said and f"for driver {driver}" in said, said
    if "skipping" in said:
        reasons = [f"cannot name compute capability {dotted(gpu)}" for gpu in gpus]
        reasons += ["needs driver", "would get its PTX, and driver"]
        assert any(reason in said for reason in reasons), said


def make_table(source, cmake, folder):
    machines = Machines(folder, source)
    libraries = entries_of(source)
    builds = {(machines.nvcc(version), gpus if len(gpus.split()) == 1 and code == "native" else "",
               "ON" if code == "tests" else "OFF")
              for version in NVCC for gpus, _, code in ROWS}
    builds = [build for build in builds if build[1] != "70"]
    codes = code_of(cmake, source, folder, libraries, builds)
    said = {version: iter(machines.set_up(version)) for version in NVCC}
    lines = ["| GPU | compute capability | run | " + " | ".join(f"CUDA {v}" for v in NVCC) + " |",
             "|---|---|---|" + "---|" * len(NVCC)]
    for gpus, name, code in ROWS:
        cells = []
        for version in NVCC:
            serves = []
            drivers = list(drivers_of(gpus, code))
            for driver in drivers:
                answer = next(said[version])
                if f"chosen {machines.nvcc(version)} " in answer:
                    serves.append(driver)
                else:
                    check_passed_over(gpus.split(), driver, answer)
            # A driver that serves is not followed by one that does not.
            assert serves == drivers[len(drivers) - len(serves):], (gpus, version, serves)
            device = gpus if len(gpus.split()) == 1 and code == "native" else ""
            build = (machines.nvcc(version), device, "ON" if code == "tests" else "OFF")
            usable = [gpu for gpu in gpus.split() if int(gpu) >= 75]
            cells.append(f"{built(libraries, codes[build], usable)} from {serves[0]}" if serves
                         else "-")
        program = "`./test_all`" if code == "tests" else "`./bench_all`"
        capabilities = ", ".join(dotted(gpu) for gpu in gpus.split())
        lines.append(f"| {name} | {capabilities} | {program} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def check_stand_in(nvcc):
    def ask(what):
        return subprocess.run([nvcc, what], capture_output=True, text=True, check=True).stdout
    version = re.search(r"release (\S+),", ask("--version"))[1]
    if version in NVCC:
        plain = {code for code in NVCC[version].split() if code.isdigit()}
        listed = set(re.findall(r"^sm_(\d+)$", ask("--list-gpu-code"), re.M))
        assert listed == plain, f"nvcc {version} names {listed}, its stand-in {plain}"


def main(source, cmake, *more):
    for name in [name for name in os.environ if name.startswith("ROOFPROOF_")]:
        del os.environ[name]  # choices of who runs the tests
    source = Path(source).resolve()
    for nvcc in set(more) - {"--write"}:
        check_stand_in(nvcc)
    page = source / "docs/toolkits.md"
    text = page.read_text()
    with tempfile.TemporaryDirectory() as folder:
        table = make_table(source, cmake, folder)
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    if "--write" in more:
        page.write_text(text[:before] + table + text[after:])
    elif text[before:after] != table:
        sys.exit(f"{page} has another table than this:\n{table}")


if __name__ == "__main__":
    main(*sys.argv[1:])
