# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0
"""The forms of `roofproof check` that other programs read: JUnit against its schema, Markdown as
GitHub's own renderer shows it, and both against what --json says. Names are hostile.

usage: check_forms.py ROOFPROOF JUNIT_XSD XMLLINT CMARK_GFM
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

from gate_results import t4_result, write, write_history

ROOFPROOF, JUNIT_XSD, XMLLINT, CMARK_GFM = sys.argv[1:5]
TODAY = "2026-11-01T10:00:00Z"

# What XML has no form of, no UTF-8, a surrogate, the end of CDATA; emphasis, links, code, entities.
HOSTILE = b"a\x07\x1b\xff\xc0\xaf\xed\xa0\x80]]>\"'&amp;*b*_c_`d`~~e~~[f](g)|\\|<b>\n# h"


def check(form, files, options):
    ended = subprocess.run([ROOFPROOF, "check", *files, *options, form], capture_output=True,
                           check=False)
    assert ended.returncode in (0, 1, 3), ended
    return ended.returncode, ended.stdout


def one_line(text):
    """With blanks alike, and what is no UTF-8 or has no form in XML as one replacement."""
    return " ".join(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd-\uffff]+", "\ufffd", text).split())


# --- JUnit ----------------------------------------------------------------------------------------

def outcome(judgement, strict):
    return {"fine": None, "better": None, "none": "skipped", "inconclusive": "error",
            "worse": "failure", "missing": "failure" if strict else "skipped"}[judgement]


def expected_cases(report, strict):
    """(group, name) and the element within, as --json has them."""
    yield ("roofproof", "verdict"), {0: None, 1: "failure", 3: "error"}[report["exit_code"]]
    for row in report["floors"]["rows"]:
        yield ("roofproof.floors", row["name"] or row["kind"]), outcome(row["judgement"], strict)
    history = report["history"] or {"rows": [], "missing": []}
    for row in history["rows"]:
        yield ("roofproof.history", row["name"]), outcome(row["judgement"], strict)
    for row in history["missing"]:
        yield ("roofproof.history", row["name"]), outcome("missing", strict)


def schema_takes(text):
    return subprocess.run([XMLLINT, "--noout", "--nonet", "--schema", JUNIT_XSD, "-"], input=text,
                          capture_output=True, check=False)


def check_junit(text, report, strict):
    taken = schema_takes(text)
    assert taken.returncode == 0, taken.stderr.decode()
    suite = ElementTree.fromstring(text).find("testsuite")
    cases = [((case.get("classname"), one_line(case.get("name"))),
              case[0].tag if len(case) else None) for case in suite.iter("testcase")]
    expected = [((group, one_line(name)), tag) for (group, name), tag in
                expected_cases(report, strict)]
    assert cases == expected, (cases, expected)
    tags = [tag for _, tag in cases]
    assert int(suite.get("tests")) == len(tags)
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(attribute)) == tags.count(tag), attribute
    # Readers take "skipped" for passed, and each case alone.
    passed = "failure" not in tags and "error" not in tags
    assert passed == (report["exit_code"] == 0), report["text"]
    # Each says why.
    assert all(element.get("message") for case in suite.iter("testcase") for element in case)
    assert one_line(report["text"]) in one_line(suite.find("system-out").text)


def check_schema_can_fail(text):
    for damage in ((b' type="', b' kind="'), (b"<system-err></system-err>", b""),
                   (b' classname="', b' class="'), (b'Z" hostname', b'" hostname'),
                   (b'T10:00:00"', b'T10:00:00Z"'), (b"<error ", b"<mistake ")):
        damaged = text.replace(*damage)
        assert damaged == text or schema_takes(damaged).returncode != 0, damage
        assert damaged != text or damage[0].startswith(b"Z"), damage


# --- Markdown -------------------------------------------------------------------------------------

class Page(HTMLParser):
    """The rendered page: its tags, and the texts within some of them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.open = set(), {"h3": [], "li": [], "td": [], "th": []}, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag in self.texts:
            self.open.append(tag)
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        if tag in self.texts:
            self.open.remove(tag)

    def handle_data(self, data):
        for tag in self.open:
            self.texts[tag][-1] += data

    def texts_of(self, tag):
        return [one_line(text) for text in self.texts[tag]]


def render(markdown):
    rendered = subprocess.run(
        [CMARK_GFM, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"],
        input=markdown, capture_output=True, check=True)
    return Page(rendered.stdout.decode(errors="replace"))


def check_markdown(text, report):
    page = render(text)
    known = {"h3", "p", "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.tags <= known, page.tags - known
    assert page.texts_of("h3") == [one_line(report["text"])]
    notices = report["notices"] + ((report["history"] or {}).get("notices") or [])
    if report["floors"]["why_none"]:
        notices.append(report["floors"]["why_none"])
    for notice in notices:
        assert one_line(notice) in page.texts_of("li"), (notice, page.texts_of("li"))
    floors = [row["name"] or row["kind"] for row in report["floors"]["rows"]]
    floors = [] if report["floors"]["why_none"] else floors
    history = report["history"] or {"rows": [], "missing": []}
    # What is short of all is not repeated for each.
    past = [row for row in history["rows"] if row["why"] or not history.get("shortage")]
    past += history["missing"]
    columns = 6 * len(floors) + 7 * len(past)
    assert len(page.texts["td"]) == columns, (len(page.texts["td"]), columns)
    cells = page.texts_of("td")
    assert cells[:6 * len(floors):6] == [one_line(name) for name in floors]
    assert cells[6 * len(floors)::7] == [one_line(row["name"]) for row in past]
    for row, cell in zip(past, cells[6 * len(floors) + 6::7]):
        assert one_line(row["why"]) in cell, (row, cell)


# --------------------------------------------------------------------------------------------------

def hostile_result():
    made = t4_result("new", TODAY, hostile=True)
    made["context"]["roofproof"]["device"]["name"] = "Tesla T4"  # with floors
    made["context"]["host_name"] = "\u0001<b>\ufffe"
    reason = HOSTILE.decode(errors="replace")
    made["not_measured"] = [{"name": f"gemm/int8/{reason}", "status": "failed", "reason": reason}]
    # One that the past has: its reason stands in a table.
    lost = next(row["name"] for row in made["benchmarks"] if row["op"] == "decode")
    made["benchmarks"] = [row for row in made["benchmarks"] if row["name"] != lost]
    made["not_measured"].append({"name": lost, "status": "crashed", "reason": reason})
    for row in made["benchmarks"]:
        if row["op"] == "triad":
            row["validity"], row["reasons"] = "disturbed", [reason]
    return made


def runs(folder):
    """(files, options) of checks that end in every way."""
    name = os.fsencode(folder) + b"/" + HOSTILE.replace(b"/", b"") + b".json"
    with open(name, "w", encoding="utf-8") as file:
        json.dump(hostile_result(), file)
    write_history(folder / "past")
    partly = t4_result("part", TODAY)
    partly["benchmarks"] = [row for row in partly["benchmarks"] if row["op"] != "gemv"]
    files = {key: os.fsencode(write(folder / f"{key}.json", made)) for key, made in {
        "fine": t4_result("fine", TODAY), "slow": t4_result("slow", TODAY, 0.6),
        "unknown": t4_result("unknown", TODAY, device={**copy.deepcopy(
            t4_result("", TODAY)["context"]["roofproof"]["device"]), "name": "X *y*",
            "pci_device_id": "FFFF"}),
        "part": partly, "open": t4_result("open", TODAY, complete=False)}.items()}
    write(folder / "short/1.json", t4_result("past1", "2026-10-01T10:00:00Z"))
    for options in ([], ["--history", folder / "past"], ["--history", folder / "short"],
                    ["--history", folder / "past", "--strict"]):
        for file in (*files.values(), name):
            yield [file], options
    yield [files["slow"], os.fsencode(write(
        folder / "again.json", t4_result("again", "2026-11-01T11:00:00Z", 0.6)))], \
        ["--history", folder / "past"]


def main():
    ends = set()
    with tempfile.TemporaryDirectory() as folder:
        for files, options in runs(Path(folder)):
            code, text = check("--json", files, options)
            report = json.loads(text)
            assert report["exit_code"] == code
            ends.add(code)
            for form, hold in (("--junit", lambda text: check_junit(text, report, "--strict" in
                                                                    options)),
                               ("--markdown", lambda text: check_markdown(text, report))):
                formed, text = check(form, files, options)
                assert formed == code, (form, formed, code)
                hold(text)
        _, with_error = check("--junit", [Path(folder) / "open.json"], [])
        check_schema_can_fail(with_error)
    assert ends == {0, 1, 3}, ends


main()
