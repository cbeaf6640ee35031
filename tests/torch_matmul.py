# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""PyTorch's matmul beside a recorded run's FP16 GEMMs: is cuBLAS used here as others use it?

    torch_matmul.py RESULT.json

Timed as the suite times: random operands, as many sets of them in rotation, batches of at least 10
ms after a lead-in. Exit code 0: cuBLAS takes at most 3 % longer here than in PyTorch, 1: it takes
longer, 2: the result has no FP16 GEMM of cuBLAS.
"""

import json
import statistics
import sys

import torch

SIZES = (4096, 8192)
IMPLEMENTATIONS = ("cublas", "cublaslt", "hand")
MARGIN = 1.03
BATCHES = 11
BATCH_MS = 10
LEAD_IN_MS = 300


def torch_time_us(size, copies):
    """The median over batches of one product's time."""
    operands = [[torch.rand((size, size), dtype=torch.float16, device="cuda") * 2 - 1
                 for _ in range(2)] for _ in range(copies)]
    start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def batch_ms(launches):
        start.record()
        for i in range(launches):
            a, b = operands[i % copies]
            torch.matmul(a, b.T)
        stop.record()
        stop.synchronize()
        return start.elapsed_time(stop)

    batch_ms(3)
    once_ms = batch_ms(3) / 3
    launches = max(3, int(BATCH_MS / once_ms) + 1)
    batch_ms(int(LEAD_IN_MS / once_ms) + 1)
    return statistics.median(batch_ms(launches) for _ in range(BATCHES)) / launches * 1e3


def main(path):
    # Sums in FP32 alone, as here.
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["benchmarks"]
    slower = found = False
    for size in SIZES:
        times_us = {}
        copies = 1
        for implementation in IMPLEMENTATIONS:
            name = f"gemm/fp16/{implementation}/m:{size}/n:{size}/k:{size}"
            sessions = [row for row in rows if row["name"] == name]
            if sessions:
                times_us[implementation] = statistics.median(
                    row["real_time"] for row in sessions) * 1e-3
                copies = sessions[0]["copies"]
        if "cublas" not in times_us:
            continue
        found = True
        theirs_us = torch_time_us(size, copies)
        line = f"fp16 {size} x {size} x {size}: torch {theirs_us:.1f} us"
        for implementation, ours_us in times_us.items():
            line += f", {implementation} {ours_us:.1f} ({ours_us / theirs_us:.3f})"
        if not times_us["cublas"] <= MARGIN * theirs_us:
            slower = True
            line += ": cublas takes longer here"
        print(line, flush=True)
    return 1 if slower else 0 if found else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
