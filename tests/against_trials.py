# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Whether bench_all --against keeps its word on this machine: 10 times a build against itself, which
must end with 0 at least 9 times and never with 1; 10 times a build whose GEMV takes a tenth longer
against it, which must end with 1 every time.

Results, and what each trial printed, go to OUT. Exit code 0: it keeps its word, 1: it does not.
Needs a quiet machine for 40 minutes. Further options are bench_all's own, for both builds; without
any:
--device host --profile quick --filter ^gemv/(fp16|int8)/.*batch:1$ --sessions 60

On two cores of a shared AMD EPYC, where the medians of two sessions side by side differ by 15 % (one
standard deviation), 60 sessions kept it: 10 x 0 and 10 x 1; 15 sessions were too few to tell.
"""

import argparse
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

DEFAULTS = ["--device", "host", "--profile", "quick", "--filter", "^gemv/(fp16|int8)/.*batch:1$",
            "--sessions", "60"]


def run_trial(mine, other, out, options):
    command = [mine, *options, "--against", other, "--out", out.with_suffix(".json")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    out.with_suffix(".txt").write_text(ended.stdout + ended.stderr)
    counts = [line for line in ended.stdout.splitlines() if " without change · " in line]
    load = os.getloadavg()[0]
    print(f"{out.name}: exit code {ended.returncode}  {''.join(counts)}  load {load:.1f}",
          flush=True)
    return ended.returncode


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--trials", type=int, default=10)
    arguments, options = parser.parse_known_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    build = arguments.build / "bin" / "bench_all"
    slower = arguments.build / "bin" / "slow_bench"

    codes = {"same": Counter(), "slower": Counter()}
    for trial in range(1, arguments.trials + 1):
        for name, mine in (("same", build), ("slower", slower)):
            out = arguments.out / f"{name}-{trial}"
            codes[name][run_trial(mine, build, out, options or DEFAULTS)] += 1
    for name, counter in codes.items():
        print(f"{name}: " + ", ".join(f"{n} x exit code {code}" for code, n in counter.items()))
    keeps_word = (codes["same"][1] == 0 and codes["same"][0] >= 0.9 * arguments.trials
                  and codes["slower"][1] == arguments.trials)
    return 0 if keeps_word else 1


if __name__ == "__main__":
    sys.exit(main())
