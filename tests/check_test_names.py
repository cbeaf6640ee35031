# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Every name that `ctest -N` prints is one of words, and stands for one test: no bytes of a parameter
that cannot be printed, no address, no path, no position in a list; but <7> for the type of a typed test, since
CMake knows no other words for it than the whole type.

check_test_names.py CTEST BUILD
"""

import collections
import json
import re
import subprocess
import sys

ctest, build = sys.argv[1:]
listing = subprocess.run([ctest, "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True)
names = [test["name"] for test in json.loads(listing.stdout)["tests"]]
faults = ["no tests found"] if not names else []
faults += [f"not of letters, digits and _: {name}" for name in names if not re.fullmatch(r"[\w/.]+(<\d+>)?", name)]
faults += [f"ends with a position, give the parameter a name: {name}" for name in names if re.search(r"/\d+$", name)]
faults += [f"is the name of {count} tests: {name}" for name, count in collections.Counter(names).items() if count > 1]
print("\n".join(faults[:40]))
sys.exit(bool(faults))
