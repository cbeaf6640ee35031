# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""What mutate.py may do to a line of the CUDA backend, and which cases would have to notice."""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Operator:
    """Replaces a match of `find` by `put`, where the line that the match begins in matches `where`
    and the file's path `files`. Comments, preprocessor lines, static_asserts and messages are not
    searched; string literals only with `text`: instructions are strings."""
    name: str
    find: str
    put: str | Callable[[re.Match], str]
    where: str = ""
    files: str = ""
    text: bool = False


def group(change: Callable[[str], str]) -> Callable[[re.Match], str]:
    """Changes the match's first group."""
    def put(match: re.Match) -> str:
        begin, end = match.start(1) - match.start(), match.end(1) - match.start()
        return match[0][:begin] + change(match[1]) + match[0][end:]
    return put


def swap(*words: str) -> Callable[[re.Match], str]:
    """Each of `words` becomes the next, the last the first."""
    return group(dict(zip(words, words[1:] + words[:1])).__getitem__)


def number(change: Callable[[int], int]) -> Callable[[re.Match], str]:
    return group(lambda digits: str(change(int(digits))))


def call(names: str) -> str:
    """A statement that calls one of `names` (a regular expression)."""
    return rf"(?<![\w:>])(?:ptx::|[\w\->.]+(?:\.|->))?(?:{names})\((?:[^;{{}}]*)\);"


DESCRIPTOR = r"descriptor|eight_rows|k_step_bytes"
SWIZZLE = r"swizzle|chunk|piece|slice_block|row_bytes|value_offset"
BYTES = r"expect|stage_bytes|\bbytes\b"
CLUSTER = r"cluster|rank|blocks|split"
LAUNCH = r"gridDim|blockDim|clusterDim|Smem|shared_bytes|<<<|LaunchShape|\bgrid\b|threads\b"
PACK = (r"linear/(layout|pack|dequantize|device_pack|activations|accumulate)|tiled/(fragment|copy)|"
        r"decode/sweep")
LAYER = r"layer/|linear/finish|decode/tokens|memory/|gemm/"
ARRIVE = r"arriv|atomic|last|turn|counted"

# By class of fault.
CLASSES: dict[str, tuple[Operator, ...]] = {
    "tensor map": (
        Operator("narrower swizzle", r"SWIZZLE_128B", "SWIZZLE_64B"),
        Operator("no swizzle", r"SWIZZLE_128B", "SWIZZLE_NONE"),
        Operator("dimension swapped", r"\bspec\.(rows|columns)\b", swap("rows", "columns")),
        Operator("size + 1", r"\(spec\.(rows|columns)\)", r"(spec.\1 + 1)"),
        Operator("stride + 16 bytes", r"spec\.columns \* spec\.element_bytes", r"\g<0> + 16"),
        Operator("elements of twice the size", r"spec\.element_bytes(?=\))", r"\g<0> * 2"),
        Operator("box of half the rows", r"(config\.(?:tokens|rows)|\.rows|wgmma_rows)(?=\)|\})",
                 r"\1 / 2", where=r"operand_map|make_tensor_map|wgmma_rows\}"),
        Operator("box of half the bytes", r"box_bytes = 128", "box_bytes = 64"),
        Operator("another operand", r"operands\.(a|b|c)\b", swap("a", "b", "c"),
                 where=r"operand_map|make_tensor_map|operands\.c,"),
        Operator("another extent", r"shape\.(m|n|k)\b", swap("m", "n", "k"),
                 where=r"operand_map|make_tensor_map|operands\.c,"),
        Operator("coordinates swapped", r"\{%(\d), %(\d)\}", r"{%\2, %\1}", files=r"tensor_copy",
                 text=True),
        Operator("coordinate + 1", r"\bcolumn(?=, row\b)", "column + 1", files=r"gemm/wgmma"),
    ),
    "descriptor": (
        Operator("shift + 1", r"(?:<<|>>) (\d+)", number(lambda n: n + 1),
                 where=DESCRIPTOR + "|<< 62|address"),
        Operator("shift - 1", r"(?:<<|>>) (\d+)", number(lambda n: n - 1),
                 where=DESCRIPTOR + "|<< 62|address"),
        Operator("address cut", r"0x3ffff", "0x3fff"),
        Operator("stride halved", r"= (8) \* k_row_bytes", number(lambda n: n // 2)),
        Operator("step of K doubled", r"step \* k_step_bytes", "step * 2 * k_step_bytes"),
        Operator("not advanced", r" \+\s+step \* k_step_bytes", ""),
        Operator("row + 8", r"(?<![\w.])row \* k_row_bytes", "(row + 8) * k_row_bytes",
                 files=r"gemm/wgmma"),
        Operator("other stage",
                 r"_(?:offset|descriptor)\(config, (?:hardware\.descriptors, )?(stage)\b",
                 r"\g<0> / 2"),
        Operator("operands swapped", r"\b(a_rows, b_rows|weight_rows, token_rows)\b",
                 lambda m: ", ".join(reversed(m[1].split(", ")))),
    ),
    "swizzle": (
        Operator("xor to or", r"(?<!parity) \^ (?=[\w(])", " | "),
        Operator("xor to plus", r"(?<!parity) \^ (?=[\w(])", " + "),
        Operator("modulus halved", r"% ((?:2|4|8|16|32|128)\b)", number(lambda n: n // 2),
                 where=SWIZZLE + "|lane|thread"),
        Operator("quotient halved", r"/ ((?:2|4|8|16|32)\b)", number(lambda n: n * 2),
                 where=SWIZZLE + "|lane|thread"),
        Operator("column of another row", r"swizzle_mask<RowBytes>\(row\)",
                 r"swizzle_mask<RowBytes>(row + 1)"),
        Operator("period", r"swizzle_alignment = 1024", "swizzle_alignment = 128"),
        Operator("16 bytes to 32", r"\* 16\b", "* 32", where=SWIZZLE),
    ),
    "barrier": (
        Operator("other parity", r"parity(_?) \^ 1", r"parity\1"),
        Operator("parity kept", r"parity(_?) \^= [^;]+;", ";"),
        Operator("waits for the other parity", r"(wait\w*\([^;{}]*, (?:place\.)?parity_?)\)",
                 r"\1 ^ 1)"),
        Operator("count + 1", r"(barrier_init\([^;{}]*)\);", r"\1 + 1);"),
        Operator("count - 1", r"(_arrivals(?:\([^)]*\))?(?: = |\);$))",
                 lambda m: m[1][:-2] + " - 1);" if m[1].endswith(");") else m[1] + "-1 + "),
        Operator("wait removed", call(r"mbarrier_wait_parity|wait_full|wait_empty|wait_turn|wait"), ";",
                 files=r"gemm|linear|bulk"),
        Operator("arrival removed", call(r"mbarrier_arrive\w*|arrive\w*|release|end_turn"), ";",
                 files=r"gemm|linear"),
        Operator("in the place of another", r"\b(full|empty)_barrier\(config, stage\)",
                 swap("full", "empty")),
        Operator("named barrier of other threads", r"ptx::barrier_sync\((\d)",
                 number(lambda n: n + 1)),
        Operator("stage not advanced", call(r"place\.advance"), ";"),
        Operator("barriers overlap", r"(?:\* (8|barrier_bytes)\b|\b(8) \* slot)",
                 lambda m: m[0].replace(m[1] or m[2], "4"), where=r"barrier"),
    ),
    "expected bytes": (
        Operator("16 too many",
                 r"(expect\w*\([^;()]*(?:\([^()]*\))?, [^;]*)\);",
                 r"\1 + 16);"),
        Operator("16 too few",
                 r"(expect\w*\([^;()]*(?:\([^()]*\))?, [^;]*)\);",
                 r"\1 - 16);"),
        Operator("one operand's alone", r"\(config\.(\w+) \+ config\.(\w+)\)", r"config.\1",
                 where=BYTES + "|k_row_bytes"),
        Operator("copies half", r"\b(bytes|unit_bytes\(Format\)), (?=\s*&?barrier)", r"\1 / 2, "),
        Operator("array left out", r"\? 2 : 1", "? 1 : 1", where=r"loaded_arrays"),
        Operator("announced in place of counted", r"mbarrier\.arrive\.expect_tx", "mbarrier.arrive",
                 text=True),
        Operator("size of another thing", r"\* (4|16)\b", number(lambda n: n // 2),
                 where=BYTES + "|size"),
    ),
    "groups": (
        Operator("waits for one less", r"wait\w*<(\d)>\(\)",
                 number(lambda n: n + 1)),
        Operator("waits for one less", r"<(slots|stages|Stages|slots_) - 2>", r"<\1 - 1>"),
        Operator("commit removed", call(r"\w*commit\w*|end_batch"), ";"),
        Operator("wait removed",
                 call(r"(?:wgmma|cp_async\w*)_wait_group\w*<[^>]+>|wait_all\w*"), ";"),
        Operator("reads awaited, not writes", r"bulk\.wait_group %0",
                 "bulk.wait_group.read %0", text=True),
        Operator("instruction removed",
                 r'"(?:cp\.async|wgmma)\.(?:bulk\.)?(?:commit|wait)_group[^"]*"', '""', text=True),
    ),
    "fences": (
        Operator("block barrier removed", r"__syncthreads\(\);", ";"),
        Operator("warp barrier removed", r"__syncwarp\(\);", ";"),
        Operator("fence removed",
                 call(r"fence_\w+|wgmma_fence|begin_batch|__threadfence\w*"),
                 ";"),
        Operator("cluster barrier removed", call(r"barrier_cluster_sync\w*"), ";"),
        Operator("named barrier removed", call(r"barrier_sync"), ";"),
        Operator("instruction removed", r'"(?:fence|wgmma\.fence|barrier\.cluster|membar)[^"]*"',
                 '""', text=True),
        Operator("pin removed", call(r"pin|pin_sums"), ";"),
        Operator("block barrier to warp barrier", r"__syncthreads\(\)", "__syncwarp()"),
    ),
    "cluster": (
        Operator("rank 0", r"ptx::cluster_ctarank\(\)", "0"),
        Operator("quotient for rest", r"rank (%|/) ", swap("%", "/")),
        Operator("other dimension", r"cluster_(m|n)\b", swap("m", "n"), files=r"gemm/wgmma"),
        Operator("mask of the next block", r"1u? << \((\w+ \+ )", r"1u << (1 + \1"),
        Operator("no multicast to others", r"\b(\w)\.blocks\)", r"static_cast<std::uint16_t>(1))"),
        Operator("fewer", r"< (cluster|split)\b", r"< \1 - 1"),
        Operator("mapped to another", r"ptx::mapa\((\w+), ([^)]+)\)",
                 r"ptx::mapa(\1, (\2) ^ 1)"),
        Operator("size", r"(cluster_blocks\(tile_configs\[\w+\]\)|1 << split_shift)(?=[},])",
                 r"2 * (\1)"),
        Operator("shift", r"(?:<<|>>) (\w*shift)\b", r"\g<0> / 2", where=CLUSTER),
        Operator("own memory for another's", r"shared::cluster(?=\.b64| |\.v4)", "shared::cta",
                 files=r"ptx/cluster", text=True),
    ),
    "launch": (
        Operator("block less", r"(gridDim = dim3\(static_cast<unsigned>\([^;]*)\);", r"\1 - 1);"),
        Operator("block less", r"<<<(static_cast<unsigned>\([\w.]+\)|\w+)", r"<<<\1 - 1"),
        Operator("block less", r"(\.grid\(\)|\bgrid\b)(?=, )", r"\1 - 1", where=r"launch|threads"),
        Operator("block less", r"dim3\(static_cast<unsigned>\(([\w.]+)\)\)",
                 r"dim3(static_cast<unsigned>(\1 - 1))"),
        Operator("too little shared memory",
                 r"(shared_bytes(?:_|\([^;{}]*?\))?)(?=[,;)]\s*(?:$|\w|\)))", r"\1 - 16",
                 where=LAUNCH + "|shared"),
        Operator("threads", r"\b(\w+_threads|threads)(?=, )", r"\1 - 32",
                 where=r"<<<|launch|dim3|LaunchShape|grid\(\)"),
        Operator("attribute not passed", r"numAttrs\+\+", "numAttrs"),
        Operator("always dependent", r"if \(shape\.dependent\)", "if (true)"),
        Operator("dependent on what does not wait", r"dependent && \w+_", "dependent"),
        Operator("dependent", r"\bfalse, stream\)", "true, stream)"),
        Operator("no more shared memory asked for",
                 r"cudaFuncAttributeMaxDynamicSharedMemorySize, ([^;)]+)",
                 r"cudaFuncAttributeMaxDynamicSharedMemorySize, 0 * (\1)"),
        Operator("argument", r"&(a_|b_|c_)(?=[,}])", swap("a_", "b_", "c_"),
                 where=r"void\* arguments", files=r"\.cpp"),
    ),
    "bounds": (
        Operator("< to <=", r" < ", " <= ", where=r"\b(if|for|while|valid|inside|exists|\?)"),
        Operator("<= to <", r" <= ", " < "),
        Operator("> to >=", r" > ", " >= ", where=r"\b(if|for|while)|\?"),
        Operator(">= to >", r" >= ", " > "),
        Operator("+ 1 left out", r" \+ 1\b(?!\.)", ""),
        Operator("- 1 left out", r" - 1\b(?!\.)", ""),
        Operator("min for max", r"\b(min|max)\(", swap("min", "max")),
        Operator("begins at 1", r"(for \((?:const )?(?:int|std::int64_t|auto) \w+ = )0;",
                 r"\g<1>1;"),
    ),
    "packing": (
        Operator("shift + 1", r"(?:<<|>>) (\d+)", number(lambda n: n + 1), files=PACK),
        Operator("nibbles swapped", r"% 2 \* 4\b", "% 2 * 4 ^ 4", files=PACK),
        Operator("mask", r"\b(15|255)u", number(lambda n: n // 2), files=PACK),
        Operator("selector or constant", r"0x([0-9a-f]{4,8})u?\b",
                 lambda m: f"0x{int(m[1], 16) ^ 0x100:x}u", files=PACK),
        Operator("halves swapped", r"(?<=\.)(x|y|z|w)\b", swap("x", "y", "z", "w"), files=PACK),
        Operator("quotient for rest", r"(?<=\w) (%|/) 2\b", swap("%", "/"), files=PACK),
        Operator("rest for quotient", r"(?<=\w) (%|/) (?:4|8|16)\b", swap("%", "/"), files=PACK),
        Operator("distance", r"\+ (8|16) \*", number(lambda n: n // 2), files=PACK),
    ),
    "masks": (
        Operator("condition gone",
                 r"\b(if|while) \((?!constexpr)([^;{}]*(?: < | > | <= | >= )[^;{}]*?)\) ",
                 r"\1 (true) ", files=LAYER),
        Operator("always valid", r"(const bool \w+ = )[^;]+;", r"\1true;",
                 where=r"valid|inside|exists|seen", files="gemm|linear|layer"),
        Operator("nothing masked", r": minus_infinity\b|= minus_infinity;",
                 lambda m: m[0].replace("minus_infinity", "0.0f")),
        Operator("tail not shorter", r"\b(?:std::)?min(?:<[^>]+>)?\(([^,;]+), [^;)]+\)", r"(\1)",
                 files=LAYER + "|linear"),
        Operator("one more",
                 r" (<|>=|>|<=) (\w*(?:left|tokens|batch|rows|end|count|units|elements|n|m|k))\b",
                 r" \1 1 + \2", files=LAYER + "|linear"),
        Operator("diagonal", r"- lane / 4\b|\+ lane % 4 \* 2", "", where=r"over", files=r"layer"),
        Operator("not zero", r": 0(?=[;)])|make_uint4\(0, 0, 0, 0\)",
                 lambda m: m[0].replace("0", "1", 1), where=r"valid|exists|\?", files=r"\.cuh?$"),
    ),
    "counters": (
        Operator("not reset", r"(?:\*arrivals|job\.arrivals\[\w+\]) = 0;", ";"),
        Operator("reset to 1", r"(?:\*arrivals|arrivals\[\w+\]) = (0);", number(lambda n: 1)),
        Operator("last but one", r"(job\.slices|shares|slices|splits\w*) - 1", r"\1", where=ARRIVE),
        Operator("counts twice", r"(atomicAdd\([^,]+), 1u?\)", r"\1, 2u)"),
        Operator("memory not cleared",
                 r"ROOFPROOF_CUDA_CHECK\(\s*cudaMemset(?:Async)?\([^;]*;|\w+\.clear\(\w*\);", ";"),
        Operator("all are last", r"\bif \(!(?:\*last|last\[\w+\])\) (?:return|continue);", ";"),
        Operator("of another", r"(arrivals|partial|flags) \+ (\w+)", r"\1 + 0 * \2"),
        Operator("fewer", r"\) \* sizeof\(unsigned\)", ") / 2 * sizeof(unsigned)"),
        Operator("sum not emptied", r"(?<!= )\bsum_?(?:\[\w+\])+ = 0;", ";"),
    ),
    "order": (
        Operator("event not awaited", r"ROOFPROOF_CUDA_CHECK\(cudaStreamWaitEvent\([^;]*;", ";"),
        Operator("event not recorded", r"\w[\w.]*\.record\([^;]*\);", ";",
                 files=r"decode|layer|linear"),
        Operator("other stream", r"capture_stream\(\)|lane\.stream\.get\(\)", "nullptr",
                 files="decode"),
        Operator("host does not wait",
                 r"ROOFPROOF_CUDA_CHECK\(cuda(?:Stream|Device)Synchronize\([^;]*;|"
                 r"\w+\.synchronize\(\);",
                 ";"),
        Operator("predecessor not awaited", call(r"griddepcontrol_wait"), ";"),
        Operator("predecessor not awaited", r'"griddepcontrol\.wait;"', '""', text=True),
        Operator("steps exchanged", r"\bactivations\.(middle|query|attention|gated)\b",
                 swap("middle", "query", "attention", "gated"), files=r"layer"),
        Operator("layer's input for its output", r"input_of\(([\w ]+)\+ 1\)", r"input_of(\1)"),
        Operator("lane of the one before", r"turn\+\+ % lanes", "turn % lanes"),
        Operator("read through the cache of constants", r"__ldcg\(", "__ldg("),
    ),
}

WGMMA = ("gemm/fp16/wgmma", "gemm/int8/wgmma", "tiles/fp16/wgmma", "tiles/int8/wgmma")
MMA_SM75 = ("gemm/fp16/mma_sm75", "gemm/int8/mma_sm75", "tiles/fp16/mma_sm75",
            "tiles/int8/mma_sm75")
MMA_SM80 = ("gemm/fp16/mma_sm80", "gemm/int8/mma_sm80", "tiles/fp16/mma_sm80",
            "tiles/int8/mma_sm80")
SIMT = ("gemm/fp32/simt", "tiles/fp32/simt")
PACKED = ("gemv/int4", "gemv/int8", "gemv/fp16/m", "gemv/fp32", "gemv/fp16/simt", "gemv/fp16/bulk")
PACKED_TILES = ("gemm/w4a16", "gemm/w8a16")
MEMORY = ("read/", "copy/", "triad/")
STEP = ("decode/int4", "decode/fp32")
# Which cases of ptx_cases, or programs, are about a file, cheapest first: the first row that
# matches its path.
FAMILIES = (
    (r"ptx/wgmma|gemm/wgmma_sm90_layout\.h", (*WGMMA, "peak/fp16/wgmma")),
    (r"ptx/(tensor_copy|cluster)|gemm/(wgmma|tensor_map)", WGMMA),
    (r"ptx/(mbarrier|bulk_copy)", ("read/fp32/bulk", "triad/fp32/bulk", "gemv/int8/bulk", *WGMMA)),
    (r"ptx/", ("gemv/int8", "gemv/int4", *MMA_SM80, *MMA_SM75, *SIMT, "prefill/int4", *WGMMA)),
    (r"gemm/tiled/instances", MMA_SM75 + MMA_SM80),
    (r"gemm/tiled/simt", SIMT),
    (r"gemm/(tile_order|swizzle)", (*MMA_SM80, *MMA_SM75, *WGMMA)),
    (r"gemm/", (*MMA_SM80, *MMA_SM75, *SIMT)),
    (r"linear/(tiled|dequantize)", (*PACKED_TILES, "gemv/int4", "gemv/int8", "prefill/int4")),
    (r"linear/(skinny|stream|accumulate)", (*PACKED, "layer/int4")),
    (r"linear/", (*PACKED, *PACKED_TILES, "layer/int4", "layer/fp32")),
    (r"layer/causal", ("prefill/fp16", "prefill/int4")),
    (r"layer/", ("layer/int4", "layer/fp32", "prefill/fp16", *STEP)),
    (r"decode/", (*STEP, "decode/int8", "decode/fp16")),
    (r"memory/", MEMORY),
    (r"cuda/(tensors|fill)", ("ptx_test_cuda_tensors", *MEMORY, "gemm/fp16/mma_sm80", "gemv/int4")),
    (r"peak/wgmma", ("peak/fp16/wgmma",)),
    (r"peak/mma_instances", ("peak/fp16/mma_sm75", "peak/int8/mma_sm75", "peak/fp16/mma_sm80")),
    (r"peak/fp32", ("peak/fp32",)),
    (r"peak/", ("peak/fp16/mma_sm80", "peak/int8/mma_sm80")),
    (r"", (*MEMORY, "gemm/fp16/mma_sm80", "gemv/int4")),
)


def filters_of(file: str) -> tuple[str, ...]:
    return next(filters for pattern, filters in FAMILIES if re.search(pattern, file))
