# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""Prints every text that a user may read: file, line, text. For a pass over the wording.

A text is the string literals that stand side by side, joined, with at least three words; of
setup.sh what `say` and `fail` print; of report.html what stands between tags.

usage: tests/strings.py [FOLDER OR FILE ...]     default: all folders with user-visible texts
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = ["analysis", "bench", "kernels", "models", "results", "cmake/setup.sh"]
FEWEST_WORDS = 3

LITERAL = r'"(?:[^"\\\n]|\\.)*"'
TOKENS = {
    "cpp": re.compile(rf'//[^\n]*|/\*.*?\*/|\'(?:[^\'\\\n]|\\.)\'|R"\((.*?)\)"|({LITERAL})', re.S),
    "js": re.compile(r"//[^\n]*|/\*.*?\*/|(`(?:[^`\\]|\\.)*`)|"
                     rf"({LITERAL}|'(?:[^'\\\n]|\\.)*')", re.S),
    "html": re.compile(r"<!--.*?-->|<(?:style|script).*?</(?:style|script)>|>([^<]+)()<", re.S),
    "sh": re.compile(r'^\s*#[^\n]*|\b(?:say|fail)\s+"((?:[^"\\]|\\.)*)"()', re.S | re.M),
}
LANGUAGES = {".cpp": "cpp", ".h": "cpp", ".js": "js", ".html": "html", ".sh": "sh"}


def texts(path):
    """(line, text) of each run of literals that only blanks or `<<` separate."""
    source = path.read_text()
    language = LANGUAGES[path.suffix]
    joined, end = None, -1
    for found in TOKENS[language].finditer(source):
        raw, literal = found.group(1), found.group(2)
        if raw is None and literal is None:
            continue
        text = raw if raw is not None else literal
        if literal or language == "js":
            text = text[1:-1]
        if joined and literal and re.fullmatch(r"[\s+]*", source[end:found.start()]):
            joined = (joined[0], joined[1] + text)
        else:
            if joined:
                yield joined
            joined = (source.count("\n", 0, found.start()) + 1, text)
        end = found.end()
    if joined:
        yield joined


def main():
    for place in [ROOT / name for name in sys.argv[1:] or PLACES]:
        for path in sorted(place.rglob("*") if place.is_dir() else [place]):
            if path.suffix not in LANGUAGES:
                continue
            for line, text in texts(path):
                shown = " ".join(text.replace("\\n", " ").split())
                if len(re.findall(r"(?<!\S)\W*[A-Za-z]{2,}", shown)) >= FEWEST_WORDS:
                    print(f"{path.relative_to(ROOT)}:{line}: {shown}")


main()
