# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""tests/gpu_check with stand-ins for the GPU, the programs, and time: what its table says.

    check_gpu_check.py GPU_CHECK

No step is timed by this machine's clock: `date` is a file that programs move forward, and of the
limits that `timeout` is given it only makes a note, but for a program that is to hang.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

PROGRAMS = ["test_cuda_tensors", "test_timer_gpu", "test_cuda_memory", "test_gemv_gpu",
            "test_workloads_gpu", "test_cuda_gemm", "test_tiled_gemm_gpu", "test_wgmma_gpu",
            "gemm_ratios", "roofproof", "sweep_wgmma", "bench_all"]
FIRST = ["tensors", "small", "wgmma", "tiled_gemm", "gemm", "gemv", "memory", "timer", "workloads",
         "quick"]
SECOND = ["standard", "ratios", "claims", "sweep-fp16", "sweep-int8", "sweep-gemv", "has-ncu",
          "ncu-copy", "ncu-gemv", "ncu-decode", "has-torch", "torch-matmul"]


def write_program(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/bash\n" + body + "\n")
    path.chmod(0o755)


class Stage:
    """A folder with programs that do nothing, and the PATH to run gpu_check with."""

    def __init__(self, gpu_check, folder):
        self.gpu_check, self.folder = gpu_check, pathlib.Path(folder)
        self.tools, self.build, self.out, self.temporary = (
            self.folder / name for name in ("tools", "build", "out", "temporary"))
        self.temporary.mkdir()
        for name in PROGRAMS:
            self.program(name, "exit 0")
        (self.build / "lib").mkdir()
        (self.build / "lib/libhelper.so").touch()
        for name in ("ncu", "compute-sanitizer", "python3"):
            self.tool(name, "exit 1")
        self.tool("nvidia-smi", "echo GPU 0")
        self.tool("nproc", "echo 3")
        self.tool("strip", 'cp "$3" "$2"')
        # Time, and what moves it: pass SECONDS.
        (self.folder / "now").write_text("1000")
        self.tool("date", f"cat {self.folder}/now")
        self.tool("pass", f'echo $(($(cat {self.folder}/now) + $1)) >{self.folder}/now')
        # timeout --kill-after SECONDS LIMIT bash -c COMMAND
        self.hanging = "none"
        self.environment = {**os.environ, "PATH": f"{self.tools}:/usr/bin:/bin",
                            "TMPDIR": str(self.temporary)}
        for name in ("LD_LIBRARY_PATH", "GPU_CHECK_SECONDS", "GPU_CHECK_SCALE"):
            self.environment.pop(name, None)

    def tool(self, name, body):
        write_program(self.tools / name, body)

    def program(self, name, body):
        write_program(self.build / "bin" / name, body)

    def start(self, call, steps=".", programs=None):
        self.tool("timeout", f"""
echo "$3 $6" >>{self.folder}/limits
shift 3
case "$*" in
  *{self.hanging}*) exec /usr/bin/timeout --kill-after 0.3 0.5 "$@" ;;
  *) exec /usr/bin/timeout 300 "$@" ;;
esac""")
        return subprocess.Popen([self.gpu_check, call, programs or self.build, self.out, steps],
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=self.environment)

    def run(self, *arguments):
        (self.folder / "limits").write_text("")
        process = self.start(*arguments)
        text, _ = process.communicate(timeout=600)
        return process.returncode, text

    def pack(self, archive):
        done = subprocess.run([self.gpu_check, "pack", self.build, archive], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=self.environment, timeout=300)
        return done.returncode, done.stdout

    def table(self):
        """Of each step its name and how it ended."""
        table = {}
        for line in (self.out / "table.txt").read_text().splitlines():
            name, rest = line.split(None, 1)
            left_out = name.removesuffix(":")
            if left_out != name:
                table[left_out] = rest
            else:
                table[name] = rest.split("s  ", 1)[1]
        return table

    def limits(self):
        lines = (self.folder / "limits").read_text().splitlines()
        return [int(line.split()[0]) for line in lines]


def check_first(stage):
    code, text = stage.run("first")
    assert code == 0, text
    assert list(stage.table().items()) == [(name, "ok") for name in FIRST], text
    assert text.endswith((stage.out / "table.txt").read_text()), text
    assert stage.limits() == [15, 30, 30, 30, 30, 40, 30, 10, 40, 110], stage.limits()


def check_second(stage):
    code, text = stage.run("second")
    assert code == 0, text  # what is not here has not failed
    expected = {name: "ok" for name in SECOND}
    expected.update({"has-ncu": "no: what needs it is not verified",
                     "has-torch": "no: what needs it is not verified",
                     "torch-matmul": "left out: needs has-torch"})
    expected.update({name: "left out: needs has-ncu"
                     for name in ("ncu-copy", "ncu-gemv", "ncu-decode")})
    assert list(stage.table().items()) == list(expected.items()), text
    assert stage.limits()[0] == 400, stage.limits()


def check_what_is_here(stage):
    # ncu that runs but reads no counter is no ncu.
    stage.tool("ncu", "echo profiled")
    stage.tool("python3", 'echo "python3 $*"')
    assert stage.run("second")[0] == 0
    assert stage.table()["ncu-copy"] == "left out: needs has-ncu", stage.table()
    assert stage.table()["torch-matmul"] == "ok", stage.table()
    stage.tool("ncu", 'echo dram__bytes_read.sum; echo "ncu $*"; for i in 1 2 3 4 5 6; do '
                      'while [ $# -gt 0 ] && [ "${1##*/}" != bench_all ]; do shift; done; done; '
                      'shift; echo "words $#: $*"')
    code, text = stage.run("second", "ncu")
    assert code == 0 and set(stage.table().values()) == {"ok"}, text
    log = (stage.out / "ncu-copy.log").read_text()
    assert "--clock-control none" in log and "--kernel-name regex:^(bulk|vector).*_kernel" in log, log
    assert "words 8: " in log and "--filter ^copy/fp32/hand/bytes:1073741824$\n" in log, log


def check_all(stage):
    stage.program("gemm_ratios", "pass 5000")
    code, text = stage.run("all")
    assert code == 1, text  # the stand-in for compute-sanitizer fails
    table = stage.table()
    assert list(table)[:len(FIRST + SECOND)] == FIRST + SECOND, text
    assert list(table)[len(FIRST + SECOND):][:7] == [
        "settled", "ratios-settled", "forced-simt", "forced-sm75", "forced-sm80", "has-sanitizer",
        "memcheck-tensors"], text
    assert table["synccheck-peak"] == "exit code 1", text
    assert "s left" not in text, text  # it has no clock
    assert stage.limits()[0] == 60 and stage.limits()[9] == 440, stage.limits()


def check_endings(stage):
    stage.program("test_cuda_memory", "exit 1")
    stage.program("test_timer_gpu", "echo '[       OK ] A.B (1 ms)'; echo '[  SKIPPED ] A.C (0 ms)'")
    stage.program("test_cuda_tensors", "echo noise; echo '[  PASSED  ] 1 test.'")
    stage.program("bench_all", "echo measured")
    (stage.build / "bin/test_gemv_gpu").unlink()
    code, text = stage.run("first", "tensors|timer|quick|memory|gemv")
    assert code == 1, text
    assert stage.table() == {"tensors": "ok", "gemv": "exit code 127", "memory": "exit code 1",
                             "timer": "ok, 1 passed, 1 skipped", "quick": "ok"}, stage.table()
    assert "measured" in text and "noise" not in text, text
    assert "not found" in text.lower() or "no such file" in text.lower(), text


def check_much_output(stage):
    for name in PROGRAMS:
        stage.program(name, "for i in {1..40}; do printf '%0500d\\n' 7; done; exit 1")
    text = stage.run("all")[1]
    table = (stage.out / "table.txt").read_text()
    assert text.endswith(table) and len(text) < 12000, len(text)
    assert max(map(len, text.splitlines())) <= 160, text


def check_shards(stage):
    stage.program("test_gemv_gpu", 'echo "shard $GTEST_SHARD_INDEX of $GTEST_TOTAL_SHARDS"; '
                                   '[ "$GTEST_SHARD_INDEX" != 1 ] || exit 3')
    code, text = stage.run("first", "^gemv$")
    assert code == 1 and stage.table() == {"gemv": "exit code 3"}, text
    log = sorted((stage.out / "gemv.log").read_text().splitlines())
    assert log == [f"shard {i} of 3" for i in range(3)], log


def check_clock(stage):
    stage.program("test_wgmma_gpu", '[ "$GTEST_SHARD_INDEX" != 0 ] || pass 100')
    code, text = stage.run("first")
    assert code == 0, text
    left_out = "left out: 20 s left"
    assert stage.table() == {
        "tensors": "ok", "small": "ok", "wgmma": "ok", "tiled_gemm": left_out, "gemm": left_out,
        "gemv": left_out, "memory": left_out, "timer": "ok", "workloads": left_out,
        "quick": "ok"}, text
    assert " 100s  ok" in text, text
    stage.environment["GPU_CHECK_SECONDS"] = "219"
    stage.run("first")
    assert stage.table()["quick"] == "left out: 119 s left", stage.table()
    stage.environment["GPU_CHECK_SECONDS"] = "220"
    stage.run("first")
    assert stage.table()["quick"] == "ok", stage.table()
    # Everything of it may take three times as long, also until when.
    del stage.environment["GPU_CHECK_SECONDS"]
    stage.environment["GPU_CHECK_SCALE"] = "3"
    stage.program("test_wgmma_gpu", '[ "$GTEST_SHARD_INDEX" != 0 ] || pass 280')
    stage.run("first")
    assert stage.table()["tiled_gemm"] == "left out: 80 s left", stage.table()
    assert stage.table()["timer"] == "ok", stage.table()
    assert stage.limits()[0] == 45 and stage.limits()[-1] == 330, stage.limits()


def check_unpacking_counts(stage):
    archive = stage.folder / "gpu.tar.xz"
    stage.pack(archive)
    stage.tool("tar", 'pass 30; exec /usr/bin/tar "$@"')
    stage.environment["GPU_CHECK_SECONDS"] = "50"
    stage.run("first", "tensors|timer", archive)
    assert stage.table() == {"tensors": "left out: 20 s left", "timer": "ok"}, stage.table()
    # The run to record has room for it.
    del stage.environment["GPU_CHECK_SECONDS"]
    stage.run("second", "standard", archive)
    assert stage.table() == {"standard": "ok"}, stage.table()


def check_hang(stage):
    pids = stage.folder / "pids"
    stage.hanging = "test_gemv_gpu"
    stage.program("test_gemv_gpu",
                  f"trap '' TERM; echo '[       OK ] A.B (1 ms)'; echo $$ >>{pids}; "
                  "while :; do sleep 0.05; done")
    code, text = stage.run("first", "^gemm|gemv|memory")
    assert code == 1, text
    assert stage.table() == {"gemm": "ok", "gemv": "over its 40 s, 3 passed",
                             "memory": "ok"}, stage.table()
    for pid in pids.read_text().split():
        # It may still be on its way out, or be nobody's child that nobody waits for.
        for _ in range(600):
            status = pathlib.Path(f"/proc/{pid}/status")
            if not status.exists() or "State:\tZ" in status.read_text():
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{pid} is alive")


def check_what_cannot_be_killed(stage):
    stuck = stage.folder / "stuck"
    process = stage.start("first", "tensors|timer")  # writes timeout
    process.communicate(timeout=300)
    whole = (stage.tools / "timeout").read_text()
    (stage.tools / "timeout").write_text(whole.replace(
        "#!/bin/bash\n", '#!/bin/bash\ncase "$6" in *tensors*) echo $$ >' + str(stuck) +
        '; exec tail -f /dev/null >/dev/null 2>&1;; esac\n', 1))
    stage.tool("sleep", f'[ "$1" != 35 ] || exit 0; exec /usr/bin/sleep "$@"')
    done = subprocess.run([stage.gpu_check, "first", stage.build, stage.out, "tensors|timer"],
                          text=True, stdout=subprocess.PIPE, env=stage.environment, timeout=300)
    if stuck.exists():
        os.kill(int(stuck.read_text()), signal.SIGKILL)
    assert done.returncode == 1, done.stdout
    assert stage.table() == {"tensors": "cannot be killed", "timer": "ok"}, stage.table()


def check_signal(stage):
    ended = stage.folder / "ended"
    # By the shell itself: timeout tells its child and then its whole group, and on a busy machine the
    # second signal met the touch that the first had started.
    stage.program("bench_all",
                  f'case "$*" in *standard*) trap ": >{ended}; exit 5" TERM; echo begun; '
                  'while :; do sleep 0.1; done;; esac')
    (stage.folder / "limits").write_text("")
    process = stage.start("all", "^(quick|standard|ratios)$")
    while not (stage.out / "standard.log").exists() or not (stage.out / "standard.log").read_text():
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    text, _ = process.communicate(timeout=600)
    assert process.returncode == 1, text
    assert ended.exists(), "the step under way was not told"
    assert stage.table() == {"quick": "ok", "standard": "cut short by a signal"}, text
    assert text.endswith("standard: cut short by a signal\n"), text


def check_result_of_a_failed_run(stage):
    stage.program("bench_all", f'touch {stage.out}/standard.json; exit 5')
    code, text = stage.run("second", "standard|ratios")
    assert code == 1, text
    assert stage.table() == {"standard": "exit code 5", "ratios": "ok"}, text


def check_without_gpu(stage):
    (stage.tools / "nvidia-smi").unlink()
    code, text = stage.run("first")
    assert code == 4 and "no GPU here" in text, text


def check_usage(stage):
    for arguments in (["third"], ["pack", stage.build], []):
        done = subprocess.run([stage.gpu_check, *arguments], env=stage.environment,
                              stderr=subprocess.PIPE, text=True)
        assert done.returncode == 2 and done.stderr.startswith("gpu_check: "), done


def check_cublas(stage):
    library = "libcublas.so.99"  # of no toolkit that may be here
    stage.program("bench_all", f"echo with $LD_LIBRARY_PATH, opens {library}")
    code, text = stage.run("first", "quick")
    assert code == 0 and "with , opens" in text, text
    folder = stage.folder / "site-packages/nvidia/cu13/lib"
    folder.mkdir(parents=True)
    (folder / library).touch()
    stage.tool("python3", f"echo /nowhere {stage.folder}/site-packages")
    code, text = stage.run("first", "quick")
    assert code == 0 and f"with {folder}, opens" in text, text
    stage.tool("ldd", 'echo "  libfmt.so.99 => not found"')
    code, text = stage.run("first", "quick")
    assert code == 4 and "not found: libfmt.so.99" in text, text


def check_pack(stage):
    archive = stage.folder / "gpu.tar.xz"
    code, text = stage.pack(archive)
    assert code == 0 and f"{archive}: " in text, text
    with tarfile.open(archive) as contents:
        names = {name.removeprefix("./") for name in contents.getnames()}
    assert names == {".", "bin", "lib", "lib/libhelper.so", "tests", "tests/gpu_check",
                     "tests/torch_matmul.py"} | {f"bin/{name}" for name in PROGRAMS}, names
    # What was packed runs, and nothing of it stays.
    stage.program("bench_all", "exit 1")
    code, text = stage.run("first", ".", archive)
    assert code == 0 and list(stage.table()) == FIRST, text
    assert not list(stage.temporary.iterdir()), "not cleaned up"


def check_pack_errors(stage):
    archive = stage.folder / "gpu.tar.xz"
    stage.tool("xz", "cat >/dev/null; head -c 30000001 /dev/zero")
    code, text = stage.pack(archive)
    assert code == 2 and "30000001 bytes, more than 30000000" in text, text
    assert not list(stage.folder.glob("gpu.tar.xz*")), "an archive that is too large was left"
    stage.tool("xz", "cat >/dev/null; head -c 30000000 /dev/zero")
    assert stage.pack(archive)[0] == 0
    (stage.build / "bin/sweep_wgmma").unlink()
    code, text = stage.pack(archive)
    assert code == 2 and "bin/sweep_wgmma is not built" in text, text
    assert not list(stage.temporary.iterdir()), "not cleaned up"


TORCH = """
class Tensor:
    T = None
    def __mul__(self, other): return self
    def __sub__(self, other): return self
class Event:
    launches = 0
    def __init__(self, enable_timing): pass
    def record(self): self.at = Event.launches
    def synchronize(self): pass
    def elapsed_time(self, stop): return (stop.at - self.at) * TIME_MS
class cuda:
    pass
cuda.Event = Event
class backends:
    class cuda:
        class matmul: pass
float16 = None
def rand(shape, dtype, device): return Tensor()
def matmul(a, b): Event.launches += 1
"""


def check_torch_matmul(stage):
    script = pathlib.Path(stage.gpu_check).parent / "torch_matmul.py"
    result = stage.folder / "r.json"

    def compare(torch_ms, cublas_us):
        (stage.folder / "torch.py").write_text(f"TIME_MS = {torch_ms}\n" + TORCH)
        rows = [{"name": "gemm/fp16/cublas/m:4096/n:4096/k:4096", "real_time": time_us * 1e3,
                 "copies": 3} for time_us in cublas_us]
        result.write_text(json.dumps({"benchmarks": rows}))
        done = subprocess.run([sys.executable, "-B", script, result], text=True,
                              stdout=subprocess.PIPE,
                              env={**stage.environment, "PYTHONPATH": str(stage.folder)})
        return done.returncode, done.stdout

    # The median of the sessions counts.
    assert compare(0.2, [100, 205.9, 900]) == (
        0, "fp16 4096 x 4096 x 4096: torch 200.0 us, cublas 205.9 (1.030)\n")
    code, text = compare(0.2, [206.1])
    assert code == 1 and "cublas takes longer here" in text, text
    assert compare(0.2, [150])[0] == 0
    assert compare(0.2, [float("nan")])[0] == 1
    assert compare(0.2, [])[0] == 2


CHECKS = [check_first, check_second, check_what_is_here, check_all, check_endings,
          check_much_output, check_shards, check_clock, check_unpacking_counts, check_hang,
          check_what_cannot_be_killed, check_signal, check_result_of_a_failed_run,
          check_without_gpu, check_usage, check_cublas, check_pack, check_pack_errors,
          check_torch_matmul]


def main(gpu_check):
    for check in CHECKS:
        with tempfile.TemporaryDirectory() as folder:
            print(check.__name__, flush=True)
            check(Stage(gpu_check, folder))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
