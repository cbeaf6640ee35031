# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Every test that tests/README.md names must exist: `Suite.Name`, `Suite.Begin...` or `Suite.*`.

usage: check_fault_list.py TESTS_FOLDER
"""

import re
import sys
from pathlib import Path


def main():
    folder = Path(sys.argv[1])
    there = set()
    for path in folder.rglob("test_*.cpp"):
        text = path.read_text()
        cases = re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", text, re.M)
        there |= {f"{suite}.{name}" for suite, name in cases}
    named = re.findall(r"`([A-Z]\w+\.(?:\w+(?:\.\.\.)?|\w*\*))`", (folder / "README.md").read_text())
    missing = []
    for name in named:
        start = re.sub(r"\.\.\.$|\*$", "", name)
        if not any(test == name or (start != name and test.startswith(start)) for test in there):
            missing.append(name)
    assert len(named) > 40, f"only {len(named)} tests are named: has the form of the list changed?"
    assert not missing, f"named, but not there: {missing}"


main()
