# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""What CONTRIBUTING.md promises of additions: how many files each touches, and that the programs then
show it.

    check_additions.py SOURCE CMAKE FOLDER

In a copy of the tree, in FOLDER, a GPU, a claim, a size and a kernel are added, in no more files than the table in
CONTRIBUTING.md says; then the programs are built without CUDA and asked. The added kernel has to pass
the catalogue's tests, and has to fail them when it is wrong.
"""

import pathlib
import re
import shutil
import subprocess
import sys

failures = []


def expect(what, holds):
    if not holds:
        failures.append(what)


def put_in(path, anchor, text):
    """Puts text behind the anchor, which is in the file once."""
    content = path.read_text()
    assert content.count(anchor) == 1, f"{path} has {content.count(anchor)} times {anchor!r}"
    path.write_text(content.replace(anchor, anchor + text))


def add_gpu(root):
    spec = (root / "analysis/specs/t4.json").read_text()
    for old, new in (('"T4"', '"Added GPU"'), ("Tesla T4", "Added GPU"), ("1EB8", "FFFE")):
        spec = spec.replace(old, new)
    (root / "analysis/specs/added-gpu.json").write_text(spec)


def add_claim(root):
    put_in(root / "analysis/claims/peaks.cpp", "\nconstexpr Claim table[] = {", """
    {.id = "added-claim",
     .statement = "Two and two are four",
     .what = "their sum",
     .unit = "ratio",
     .predicted = exactly(4),
     .tolerance = 0.01,
     .tolerance_reason = "a sum of whole numbers",
     .tested_by = "arithmetic",
     .by_arithmetic = [](const SpecTable&, Decision& decision) {
       decision.compute("their sum", "ratio", exactly(4), 2 + 2);
     }},""")


def add_size(root):
    put_in(root / "bench/suite.cpp", "\nconst std::vector<SuiteRow> rows = {",
           "\n    {gemm, {fp32}, squares({1234}), {hand}, host, quick},")


KERNEL = """
#include <cstring>

#include "kernels/host/stream.h"
#include "kernels/host/workload.h"
#include "kernels/host/workloads.h"
#include "kernels/reference.h"

namespace roofproof::host {
namespace {

class AddedCopy final : public HostWorkload {
 public:
  AddedCopy(const Problem& problem, const Device& device, const Preparation& preparation)
      : HostWorkload(problem, device, preparation, {"c"},
                     {{"a", ElementType::fp32, problem.shape.bytes / 4, Fill::random},
                      {"c", ElementType::fp32, problem.shape.bytes / 4, Fill::poison}}) {}

  std::string label() const override { return std::string("added ") + stream_kernels().simd; }

 private:
  void run(int copy) override {
    std::memcpy(buffers().data("c", copy), buffers().data("a", copy),
                static_cast<std::size_t>(problem().shape.bytes));
  }

  Check compare() const override {
    const auto* const c = buffers().as<float>("c", 0);
    Comparison comparison;
    for (std::int64_t i = 0; i < problem().shape.bytes / 4; ++i) {
      const double a = buffers().input("a", 0).uniform(static_cast<std::uint64_t>(i));
      comparison.add([i] { return "c[" + std::to_string(i) + "]"; }, c[i], {a, 0});
    }
    return comparison.result();
  }
};

}  // namespace

std::unique_ptr<Workload> prepare_added(std::string_view, const Problem& problem,
                                        const Device& device, const Preparation& preparation) {
  return std::make_unique<AddedCopy>(problem, device, preparation);
}

}  // namespace roofproof::host
"""


def add_kernel(root):
    (root / "kernels/host/added.cpp").write_text(KERNEL)
    put_in(root / "kernels/host/CMakeLists.txt", "\n  SOURCES", " added.cpp")
    put_in(root / "kernels/host/workloads.h", "\nnamespace roofproof::host {", "\nPrepare prepare_added;")
    put_in(root / "kernels/catalogue.cpp",
           "\n      {{read, copy, triad}, {fp32}, hand, highway, host, stream_unsupported, prepare_stream},",
           '\n      {{copy}, {fp32}, hand, {{"added"}}, host, stream_unsupported, prepare_added},')


ADDITIONS = {"a GPU": add_gpu, "a claim": add_claim, "a size or a sweep": add_size, "a kernel": add_kernel}


def contents(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def promised(root):
    """Files that each addition touches, by the table in CONTRIBUTING.md."""
    rows = re.findall(r"^\| (.+?) \| (\d+) \|", (root / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    return {what: int(files) for what, files in rows}


def add_all(root):
    promise = promised(root)
    for what, add in ADDITIONS.items():
        before = contents(root)
        add(root)
        after = contents(root)
        touched = [str(path.relative_to(root)) for path in after if before.get(path) != after[path]]
        print(f"{what}: {len(touched)} of {promise.get(what)} files: {', '.join(touched)}")
        expect(f"CONTRIBUTING.md has no number of files for {what}", what in promise)
        expect(f"{what} touches {touched}, CONTRIBUTING.md promises {promise.get(what)} files",
               len(touched) <= promise.get(what, 0))


def main():
    source, cmake, folder = sys.argv[1:]
    # What was built there before is used again: copies have the times of their originals.
    root, build = pathlib.Path(folder, "tree"), pathlib.Path(folder, "build")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(source, root, ignore=lambda at, names: [
        name for name in names if name == ".git" or pathlib.Path(at, name, "CMakeCache.txt").exists()])
    add_all(root)
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    # Compiled quickly: nothing is timed.
    subprocess.run([cmake, "-S", root, "-B", build, "-G", "Ninja", "-DROOFPROOF_CUDA=OFF",
                    "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", *launcher],
                   check=True, stdout=subprocess.DEVNULL)

    def make(*targets):
        done = subprocess.run([cmake, "--build", build, "--target", *targets],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(done.stdout[-4000:])

    def output(program, *arguments):
        return subprocess.run([build / "bin" / program, *arguments], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def kernel_fails():
        done = subprocess.run([build / "bin/test_catalogue_host", "--gtest_filter=*copy_fp32_hand_added*"],
                              stdout=subprocess.PIPE, text=True)
        expect("tests iterate the catalogue and do not have the kernel", "[ RUN " in done.stdout)
        return "" if done.returncode == 0 else done.stdout[-2000:]

    make("roofproof", "bench_all", "test_catalogue_host")
    expect("roofproof specs does not show the GPU", "Added GPU" in output("roofproof", "specs"))
    expect("roofproof claims does not show the claim",
           "\nadded-claim\n" in output("roofproof", "claims"))
    expect("bench_all --list does not show the size",
           "gemm/fp32/hand/m:1234/n:1234/k:1234\n"
           in output("bench_all", "--device", "host", "--profile", "quick", "--list"))
    expect("bench_all --kernels does not show the kernel",
           "host\tadded\tcopy\tfp32\n" in output("bench_all", "--kernels"))
    why = kernel_fails()
    expect(f"the kernel fails the tests of the catalogue: {why}", not why)
    put_in(root / "kernels/host/added.cpp", "buffers().data(\"a\", copy),\n                ", "-4 +")
    make("test_catalogue_host")
    expect("a kernel that leaves out an element passes the tests of the catalogue", kernel_fails())
    print("\n".join(f"FAILED: {failure}" for failure in failures))
    return 1 if failures else 0


sys.exit(main())
