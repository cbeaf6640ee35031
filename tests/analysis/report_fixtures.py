# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""Result files of four GPUs for the test of the report. Every figure is invented, from one round
efficiency per operation; every file says `synthetic`."""
import json
import math
import os

# Words that would run or load something if a page took them for markup.
HOSTILE = ("</script><script>window.hacked = 1</script>"
           "<img src=x onerror=\"window.hacked = 2\"><!--<script>")

GIB = 1 << 30
PRECISIONS = ("fp32", "fp16", "int8", "int4")
# Mistral-7B: its weights, their rows, the elements of its norms.
WEIGHTS, ROWS, NORMS = 32 * 218103808 + 131072000, 32 * 43008 + 32000, 65 * 4096
WIDE = ("gemv", "int4", 256)  # its interval spans more than 2x
RUNGS = {"stream_only": 0.90, "gemv_only": 0.93, "unordered": 0.95, "launches_only": 0.02}

# name, PCI id, capability, SMs, SM clock, memory clock, bus, memory, L2, watts; dense TFLOP/s in
# fp32, fp16 and int8, and GB/s.
GPUS = [
    ("Tesla T4", "1EB8", "7.5", 40, 1.59e9, 5.001e9, 256, 15.8e9, 4 << 20, 70, 8.1, 65, 130, 320),
    ("NVIDIA A10G", "2237", "8.6", 80, 1.71e9, 6.251e9, 384, 24e9, 6 << 20, 300, 35, 70, 140, 600),
    ("NVIDIA A100-SXM4-80GB", "20B2", "8.0", 108, 1.41e9, 1.593e9, 5120, 85e9, 40 << 20, 400, 19.5, 312, 624, 2039),
    ("NVIDIA H100 80GB HBM3", "2330", "9.0", 132, 1.98e9, 2.619e9, 5120, 85e9, 50 << 20, 700, 67, 989, 1979, 3350),
]


def weight_bytes(precision, weights, rows):
    """Of matrices with so many weights and rows; FP32 scales of rows, FP16 scales of 128 weights."""
    return {"fp32": 4 * weights, "fp16": 2 * weights, "int8": weights + 4 * rows,
            "int4": weights / 2 + weights / 128 * 2}[precision]


def decode_work(precision, batch, rung=None):
    """FLOP and bytes of a step of Mistral-7B without context, or of a rung of its ladder."""
    matrices = weight_bytes(precision, WEIGHTS, ROWS)
    if rung == "launches_only":
        return 0, 0
    if rung == "stream_only":
        return 0, WEIGHTS if precision == "int8" else matrices
    if rung == "gemv_only":
        return 2 * WEIGHTS, matrices
    return (batch * (2 * WEIGHTS + 4 * 4096 * 32),
            matrices + 2 * NORMS + batch * (2 * 4096 + 131072))


def row(op, precision, maker, shape, time_s, flop, byte_count, session, gpu, condition=None):
    order = {"gemm": "mnk", "gemv": ["n", "k", "batch"], "decode": ["model", "batch", "context"]}
    parts = [op, precision, maker] + [f"{key}:{shape[key]}" for key in order.get(op, ["bytes"])
                                      if key in shape]
    if condition:
        parts.append(condition)
    noise = 1 + 0.004 * math.sin(7.1 * session + len("/".join(parts)))
    if (op, precision, shape.get("batch")) == WIDE:
        noise = (0.6, 1, 1.7)[session]
    time_s *= noise
    result = {
        "name": "/".join(parts), "run_name": "/".join(parts), "run_type": "iteration",
        "repetitions": 3, "repetition_index": session, "threads": 1, "iterations": 50,
        "real_time": time_s * 1e9, "cpu_time": time_s * 1e9, "time_unit": "ns",
        "label": f"{maker} {HOSTILE}" if op == "gemv" else maker, "op": op, "precision": precision,
        "implementation": maker, "shape": shape, "session": session, "kernel": maker,
        "launches_per_batch": 10, "samples_s": [time_s] * 5, "flop": flop, "bytes": byte_count,
        "copies": 8, "validity": "ok", "sm_clock_hz": gpu[4] * 0.93, "memory_clock_hz": gpu[5],
        "power_w": gpu[9] * 0.9, "temperature_c": 61, "throttle_reasons": 4}
    if condition:
        result["condition"] = condition
    if op == "gemm" and precision == "fp16":
        result["validity"] = "annotated"
        result["reasons"] = ["power cap"]
    return result


def cases(gpu):
    """(op, precision, maker, shape, seconds, FLOP, bytes, condition) of one session."""
    peak = {"fp32": gpu[10] * 1e12, "fp16": gpu[11] * 1e12, "int8": gpu[12] * 1e12}
    bandwidth = gpu[13] * 1e9 * 0.88
    for precision, rate in peak.items():
        yield "peak", precision, "hand", {}, 1e12 / (0.95 * rate), 1e12, 0, None
        for size in (4096, 8192):
            for maker, share in (("hand", 0.78), ("cublas", 0.80), ("cublaslt", 0.82)):
                flop = 2 * size**3
                byte_count = size * size * (12 if precision == "fp32" else 6)
                yield ("gemm", precision, maker, {"m": size, "n": size, "k": size},
                       flop / (share * rate), flop, byte_count, None)
    for op, arrays, share in (("read", 1, 1), ("copy", 2, 0.97), ("triad", 3, 0.96)):
        byte_count = arrays * GIB
        yield (op, "fp32", "hand", {"bytes": GIB}, byte_count / (share * bandwidth),
               GIB / 2 if op == "triad" else 0, byte_count, None)
    n, k = 14336, 4096
    for precision in PRECISIONS:
        for batch in (1, 4, 8, 16, 32, 64, 256):
            value_bytes = 4 if precision == "fp32" else 2
            byte_count = weight_bytes(precision, n * k, n) + batch * (n + k) * value_bytes
            flop = 2 * n * k * batch
            rate = 0.7 * peak["fp32" if precision == "fp32" else "fp16"]
            yield ("gemv", precision, "hand", {"n": n, "k": k, "batch": batch},
                   byte_count / (0.9 * bandwidth) + flop / rate, flop, byte_count, None)
    for precision in PRECISIONS[1:]:
        for batch in (1, 8, 32):
            shape = {"model": "mistral-7b", "batch": batch, "context": 0}
            flop, byte_count = decode_work(precision, batch)
            time_s = byte_count / (0.85 * bandwidth) + flop / (0.6 * peak["fp16"])
            yield "decode", precision, "hand", shape, time_s, flop, byte_count, None
            for rung, share in RUNGS.items() if batch == 1 else ():
                yield ("decode", precision, "hand", shape, share * time_s,
                       *decode_work(precision, batch, rung), f"kernel:{rung}")


def result(gpu, date, speed=1.0, hostile=False):
    rows = [row(op, precision, maker, shape, time_s / speed, flop, byte_count, session, gpu, condition)
            for session in range(3)
            for op, precision, maker, shape, time_s, flop, byte_count, condition in cases(gpu)]
    device = {
        "backend": "cuda", "name": gpu[0] + (f" {HOSTILE}" if hostile else ""), "ordinal": 0,
        "uuid_hash": gpu[1], "pci_device_id": gpu[1], "compute_capability": gpu[2],
        "processors": gpu[3], "sm_clock_max_hz": gpu[4], "memory_clock_max_hz": gpu[5],
        "memory_bus_bits": gpu[6], "memory_bytes": int(gpu[7]), "last_level_cache_bytes": gpu[8],
        "ecc": True, "mig": "off", "power_limit_w": gpu[9]}
    ours = {
        "schema_version": 1, "run_id": "5f17", "complete": True, "synthetic": True, "duration_s": 200,
        "device": device,
        "software": {"roofproof": "0.1.0", "compiler": HOSTILE, "flags": "-O3", "driver": "580.1",
                     "cuda_runtime": "13.0", "cublas": "13.1"},
        "protocol": {"profile": "standard", "sessions": 3, "batches": 5, "batch_time_s": 0.01,
                     "warmup_s": 1, "fill": "uniform"}}
    return {
        "context": {"date": date, "host_name": "a1b2", "executable": "bench_all", "num_cpus": 8,
                    "mhz_per_cpu": 2600, "cpu_scaling_enabled": False, "caches": [], "load_avg": [],
                    "library_build_type": "release", "roofproof": ours},
        "benchmarks": rows,
        "not_measured": [{"name": "layer/fp16/hand/model:mistral-7b/batch:1/context:0",
                          "status": "unsupported", "reason": HOSTILE}]}


def write_results(folder):
    """Four GPUs, the first with an earlier run and a hostile name; returns the files."""
    runs = [(GPUS[0], "2026-10-01T10:00:00Z", 0.97, True), (GPUS[0], "2026-11-01T10:00:00Z", 1, True)]
    runs += [(gpu, "2026-11-02T10:00:00Z", 1, False) for gpu in GPUS[1:]]
    files = []
    for number, (gpu, date, speed, hostile) in enumerate(runs):
        # A file system takes any name without a slash.
        suffix = HOSTILE.replace("/", "") if hostile else ""
        files.append(os.path.join(folder, f"run{number}{suffix}.json"))
        with open(files[-1], "w", encoding="utf-8") as file:
            json.dump(result(gpu, date, speed, hostile), file)
    return files
