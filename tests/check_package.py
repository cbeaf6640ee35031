# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""What cpack made, as somebody finds it who has no compiler.

    check_package.py SOURCE PACKAGE...     an archive (.tar.xz, .tar.gz) or a .deb each
    check_package.py SOURCE --build BUILD  makes both of what is built there, quickly compressed

Each is unpacked into a folder with a space in its name, and held to a layout, to the oldest C library
that it is meant for, to its licences, and to what its programs say there.
"""

import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

SIZE_LIMIT_BYTES = 100e6
# Ubuntu 22.04 has glibc 2.35 and the C++ library of GCC 12, which Debian 12 (2.36) has too.
NEWEST = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12,)}
# What the system is to have; all else is in the package.
SYSTEM = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
          "ld-linux-aarch64.so.1"}
PROGRAMS = ["bench_all", "roofproof"]
ARCHIVED = {f"share/doc/roofproof/{name}" for name in ("LICENSE", "CHANGELOG.md")}
DEBIAN = ({f"share/doc/roofproof/{name}" for name in ("copyright", "changelog.gz", "changelog.Debian.gz")}
          | {f"share/man/man1/{name}.1.gz" for name in PROGRAMS})


def output(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE,
                          text=True, **options).stdout


def unpack(package, folder):
    """The root of what was packed."""
    if package.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        return folder / "usr"
    with tarfile.open(package) as archive:
        archive.extractall(folder)
    (root,) = folder.iterdir()
    assert package.name.startswith(root.name + ".tar."), f"{package.name} holds {root.name}"
    return root


def check_layout(root, package):
    assert package.stat().st_size <= SIZE_LIMIT_BYTES, f"{package.stat().st_size} bytes"
    files = {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}
    documents = DEBIAN if package.suffix == ".deb" else ARCHIVED
    programs = {f"bin/{name}" for name in PROGRAMS}
    assert programs | documents <= files, f"missing: {sorted((programs | documents) - files)}"
    others = [name for name in files - programs - documents
              if not re.fullmatch(r"lib/roofproof/lib[^/]+\.so\.[^/]+|share/doc/roofproof/licences/[^/]+",
                                  name)]
    assert not others, f"more than programs, libraries and licences: {others}"


def binaries(root):
    return [root / "bin" / name for name in PROGRAMS] + sorted(root.glob("lib/roofproof/*"))


def check_symbol_versions(root, _):
    for binary in binaries(root):
        needs = output("readelf", "--version-info", "-W", binary).partition("Version needs")[2]
        used = re.findall(r"Name: ([A-Z]+)_([0-9.]+)", needs)
        assert used, f"{binary.name}: no symbol versions found"
        for library, version in used:
            if library in NEWEST:
                number = tuple(int(part) for part in version.split("."))
                assert number <= NEWEST[library], f"{binary.name} needs {library}_{version}"


def check_libraries(root, _):
    packed = {path.name for path in root.glob("lib/roofproof/*")}
    needed_by_any = set()
    for binary in binaries(root):
        dynamic = output("readelf", "--dynamic", "-W", binary)
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        needed_by_any |= needed
        assert needed <= SYSTEM | packed, f"{binary.name} needs {needed - SYSTEM - packed}"
        run_path = re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", dynamic)
        if binary.parent.name == "bin":
            assert run_path == ["$ORIGIN/../lib/roofproof"], f"{binary.name}: {run_path}"
    assert packed <= needed_by_any, f"needed by nothing: {packed - needed_by_any}"


def has_section(binary, name):
    return f" {name} " in output("readelf", "--section-headers", "-W", binary)


def check_stripped(root, _):
    for binary in binaries(root):
        assert not has_section(binary, ".symtab"), f"{binary.name} is not stripped"


def check_licences(root, _, source):
    """Of every library that the set-up installs to build with, whatever becomes of it, and of the
    compiler's that are packed."""
    rows = re.findall(r'^  "build +(\S+)', (source / "cmake/setup.sh").read_text(), re.MULTILINE)
    tools = {"g++", "cmake", "ninja-build"}
    assert tools < set(rows), rows
    wanted = (set(rows) - tools) | {"libgomp1"}
    if has_section(root / "bin/bench_all", ".nv_fatbin"):
        wanted.add("nvidia-cuda-runtime")
    folder = root / "share/doc/roofproof/licences"
    # Either variant of OpenBLAS may have been there to build with.
    found = {path.name.replace("pthread", "openmp") for path in folder.iterdir()
             if path.stat().st_size > 500}
    assert found == wanted, f"missing {wanted - found}, unknown {found - wanted}"


def check_programs(root, _):
    environment = {"LC_ALL": "C", "HOME": str(root)}
    listed = output(root / "bin/bench_all", "--device", "host", "--list", env=environment)
    assert "gemm/fp32/" in listed, listed
    predicted = output(root / "bin/roofproof", "predict", "--gpu", "T4", env=environment)
    assert "22.50" in predicted, predicted
    loaded = output("ldd", root / "bin/bench_all", env={**environment, "PATH": "/usr/bin:/bin"})
    for path in root.glob("lib/roofproof/*"):
        assert f"{path.name} => {root}/bin/../lib/roofproof/" in loaded, loaded


def check_debian(root, package):
    if package.suffix != ".deb":
        return
    depends = output("dpkg-deb", "-f", package, "Depends")
    names = re.findall(r"([a-z0-9+.-]+) \(>= [0-9.]+\)", depends)
    assert names == ["libc6", "libgcc-s1", "libstdc++6"], depends
    listed = output("dpkg-deb", "-c", package)
    outside = [line for line in listed.splitlines() if not re.search(r" \./(usr/.*)?$", line)]
    assert not outside, outside
    assert all(line.split()[1] == "root/root" for line in listed.splitlines()), listed


def check(package, source):
    with tempfile.TemporaryDirectory(prefix="roofproof ") as folder:
        root = unpack(package, pathlib.Path(folder))
        for part in (check_layout, check_symbol_versions, check_libraries, check_stripped,
                     check_programs, check_debian):
            part(root, package)
        check_licences(root, package, source)
    print(f"{package.name}: {package.stat().st_size} bytes")


def make(build, folder):
    for options in (["-G", "TGZ"], ["-G", "DEB", "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"]):
        subprocess.run(["cpack", "--config", build / "CPackConfig.cmake", "-B", folder, *options],
                       check=True, stdout=subprocess.DEVNULL)
    return sorted([*folder.glob("*.tar.gz"), *folder.glob("*.deb")])


def main():
    source = pathlib.Path(sys.argv[1])
    if sys.argv[2] == "--build":
        with tempfile.TemporaryDirectory() as folder:
            packages = make(pathlib.Path(sys.argv[3]), pathlib.Path(folder))
            assert len(packages) == 2, packages
            for package in packages:
                check(package, source)
    else:
        for package in sys.argv[2:]:
            check(pathlib.Path(package), source)


if __name__ == "__main__":
    main()
