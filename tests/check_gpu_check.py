# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""tests/gpu_check with stand-ins for the GPU and for the programs: what its table says.

    check_gpu_check.py GPU_CHECK
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PROGRAMS = ["test_cuda_tensors", "test_timer_gpu", "test_cuda_memory", "test_gemv_gpu",
            "test_workloads_gpu", "test_cuda_gemm", "test_tiled_gemm_gpu", "test_wgmma_gpu",
            "gemm_ratios"]


def write_program(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + body + "\n")
    path.chmod(0o755)


class Stage:
    """A folder with programs that do nothing, and the PATH to run gpu_check with."""

    def __init__(self, gpu_check, folder):
        self.gpu_check, self.folder = gpu_check, pathlib.Path(folder)
        self.tools, self.build, self.out = (self.folder / n for n in ("tools", "build", "out"))
        write_program(self.tools / "nvidia-smi", "echo GPU 0")
        for name in PROGRAMS:
            write_program(self.build / "bin" / name, "exit 0")
        write_program(self.build / "bin/bench_all", "echo measured")
        self.environment = {**os.environ, "PATH": f"{self.tools}:/usr/bin:/bin"}
        self.environment.pop("LD_LIBRARY_PATH", None)

    def start(self, steps):
        return subprocess.Popen([self.gpu_check, self.build, self.out, steps], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=self.environment)

    def run(self, steps):
        process = self.start(steps)
        text, _ = process.communicate(timeout=60)
        return process.returncode, text

    def table(self):
        """Of each line that a step left its name and how it ended."""
        lines = (self.out / "table.txt").read_text().splitlines()
        return [(line.split()[0], line.rsplit("s  ", 1)[1]) for line in lines if "s  " in line]


def check_table(stage):
    write_program(stage.build / "bin/test_cuda_memory", "exit 1")
    write_program(stage.build / "bin/test_wgmma_gpu", "echo '[  SKIPPED ] A.B (0 ms)'")
    code, text = stage.run("tensors$|quick|memory|wgmma_gpu")
    assert code == 1, text
    assert stage.table() == [("test_cuda_tensors", "ok"), ("quick", "ok"),
                             ("test_cuda_memory", "exit code 1"),
                             ("test_wgmma_gpu", "ok, 1 skipped")], stage.table()
    assert text.endswith((stage.out / "table.txt").read_text()), text
    assert "measured" in text, text  # the tail of the quick run
    code, text = stage.run("quick")
    assert code == 0, text


def check_missing_program(stage):
    (stage.build / "bin/test_gemv_gpu").unlink()
    code, text = stage.run("gemv|workloads_gpu")
    assert code == 1 and "test_gemv_gpu: not built" in text, text
    assert stage.table() == [("test_workloads_gpu", "ok")], stage.table()


def check_signal(stage):
    ended = stage.folder / "ended"
    write_program(stage.build / "bin/bench_all",
                  f'case "$*" in *standard*) trap "touch {ended}; exit 5" TERM; echo begun; '
                  'while :; do sleep 0.1; done;; esac')
    process = stage.start("quick|standard|gemm_ratios")
    while not (stage.out / "standard.log").exists() or not (stage.out / "standard.log").read_text():
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 1, text
    assert ended.exists(), "the step under way was not told"
    assert stage.table() == [("quick", "ok")], text
    assert text.endswith("standard: cut short by a signal\n"), text


def check_without_gpu(stage):
    (stage.tools / "nvidia-smi").unlink()
    code, text = stage.run("quick")
    assert code == 4 and "no GPU here" in text, text


def check_cublas(stage):
    library = "libcublas.so.99"  # of no toolkit that may be here
    write_program(stage.tools / "ldd",
                  f'[ -e "$LD_LIBRARY_PATH/{library}" ] || echo "  {library} => not found"')
    write_program(stage.tools / "python3", "exit 1")
    code, text = stage.run("quick")
    assert code == 4 and f"not found: {library}" in text, text
    folder = stage.folder / "site-packages/nvidia/cu13/lib"
    folder.mkdir(parents=True)
    (folder / library).touch()
    write_program(stage.tools / "python3", f"echo /nowhere {stage.folder}/site-packages")
    write_program(stage.build / "bin/bench_all", "echo with $LD_LIBRARY_PATH")
    code, text = stage.run("quick")
    assert code == 0 and f"with {folder}\n" in text, text


def main(gpu_check):
    for check in (check_table, check_missing_program, check_signal, check_without_gpu,
                  check_cublas):
        with tempfile.TemporaryDirectory() as folder:
            check(Stage(gpu_check, folder))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
