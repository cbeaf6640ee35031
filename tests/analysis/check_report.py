# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

"""Opens the report in headless Chromium and looks at what it became.

  check_report.py ROOFPROOF RESULT

ROOFPROOF makes a page of four invented GPUs with hostile names, and one of RESULT, a recorded run.
Exit code 77: no Chromium here.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import report_fixtures
from browser import Browser, find_chromium

SCRIPTS = 13  # the data, Chart.js and the page's own
SKIPPED = 77

# Of every canvas in sight: its section, label, number of data sets, of points or bars in each, the
# share of its pixels that are painted, and how many colours they have.
CHARTS = """[...document.querySelectorAll('canvas')].map((canvas) => {
  const chart = Chart.getChart(canvas);
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return {
    section: canvas.closest('section').id, label: canvas.getAttribute('aria-label'),
    datasets: chart ? chart.data.datasets.map((one) => one.label) : [],
    counts: chart ? chart.data.datasets.map((one) => one.data.filter((value) => value !== null).length) : [],
    painted: pixels.filter((pixel) => pixel !== 0).length / pixels.length,
    colours: new Set(pixels).size};
})"""

failures = []


def expect(what, found, wanted):
    if found != wanted:
        failures.append(f"{what}: {found!r}, not {wanted!r}")


def complaints(events):
    """What the page said to the console, threw, or was refused by its own policy."""
    found = []
    for event in events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            found.append(parameters["exceptionDetails"].get("exception", {}).get("description"))
        elif method == "Runtime.consoleAPICalled":
            found.append(str(parameters["args"]))
        elif method == "Log.entryAdded":
            found.append(parameters["entry"]["text"])
    return found


def requests(events):
    return [event["params"]["request"]["url"] for event in events
            if event.get("method") == "Network.requestWillBeSent"]


def open_page(browser, what, path):
    browser.open(path)
    expect(f"{what}: console", complaints(browser.events), [])
    expect(f"{what}: number of requests, itself included", len(requests(browser.events)), 1)


def check_charts(browser, what, wanted):
    """`wanted`: section -> how many values each data set has, or None where any will do."""
    charts = browser.evaluate(CHARTS)
    expect(f"{what}: charts", [chart["section"] for chart in charts], list(wanted))
    for chart in charts:
        name = f"{what}: {chart['section']}"
        counts = wanted.get(chart["section"])
        if counts:
            expect(f"{name}: values in {chart['datasets']}", chart["counts"], counts)
        if not (0.002 < chart["painted"] < 0.9 and chart["colours"] > 20):
            failures.append(f"{name}: looks blank, {chart['painted']:.4f} painted in {chart['colours']} colours")
        if not chart["label"]:
            failures.append(f"{name}: no aria-label")


def check_tables(browser, what):
    """Every chart has its figures as a table, and no table is empty."""
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.evaluate("new Promise((done) => setTimeout(done, 200))")
    expect(f"{what}: charts without a table", browser.evaluate(
        "[...document.querySelectorAll('figure')].filter((one) => !one.querySelector('tbody tr')).length"), 0)
    expect(f"{what}: empty tables", browser.evaluate(
        "[...document.querySelectorAll('table')].filter((one) => !one.querySelector('tbody tr')).length"), 0)
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")


def check_first_screen(browser, what):
    """Tokens/s come first, then a roofline whose legend can be read."""
    expect(f"{what}: first sections", browser.evaluate(
        "[...document.querySelectorAll('section:not([hidden])')].slice(0, 2).map((one) => one.id)"),
        ["tokens", "roofline"])
    legend = browser.evaluate(
        "Chart.getChart(document.querySelector('#roofline canvas')).legend.legendItems.map((one) => one.text)")
    if not 2 <= len(legend) <= 8:
        failures.append(f"{what}: {len(legend)} entries in the roofline's legend: {legend}")


def check_wide_intervals(browser):
    """An interval above 2x is not drawn, and counted."""
    expect("wide intervals: drawn", browser.evaluate("""(() => {
      const points = Chart.getChart(document.querySelector('#roofline canvas')).data.datasets.flatMap((one) => one.data);
      return points.filter((point) => point.high > 2 * point.low).length;
    })()"""), 0)
    caption = browser.evaluate("document.querySelector('#roofline figcaption').textContent")
    expect("wide intervals: counted", "1 interval wider than 2x is left out" in caption, True)


def check_width(browser, what, page, width):
    """No table is wider than its place, whatever is unfolded."""
    browser.screen(width, 900)
    open_page(browser, what, page)
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.evaluate("new Promise((done) => setTimeout(done, 200))")
    expect(f"{what}: tables wider than their place at {width} pixels", browser.evaluate("""
      [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => `${one.closest('section').id}: ${one.scrollWidth} in ${one.clientWidth}`)"""), [])


def check_hostile(browser):
    expect("hostile names: ran", browser.evaluate("String(window.hacked)"), "undefined")
    expect("hostile names: elements", browser.evaluate(
        "document.querySelectorAll('img, iframe, object, link, [onerror]').length"), 0)
    expect("hostile names: scripts", browser.evaluate("document.scripts.length"), SCRIPTS)
    for text in ("document.title", "document.querySelector('h1').textContent",
                 "document.querySelector('#conditions').textContent"):
        if report_fixtures.HOSTILE not in browser.evaluate(text):
            failures.append(f"hostile names: {text} does not show the name as it is")


def check_hover(browser):
    """The mouse over a kernel names it, its figure and its share of each roof."""
    browser.evaluate("document.querySelector('#roofline canvas').scrollIntoView()")
    point = browser.evaluate("""(() => {
      const canvas = document.querySelector('#roofline canvas'), chart = Chart.getChart(canvas);
      const index = chart.data.datasets.findIndex((one) => one.label === 'gemm');
      const {x, y} = chart.getDatasetMeta(index).data[0], box = canvas.getBoundingClientRect();
      return {x: x + box.x, y: y + box.y};
    })()""")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", **point)
    text = browser.evaluate("""new Promise((done) => setTimeout(() => done(
      Chart.getChart(document.querySelector('#roofline canvas')).tooltip.body.flatMap((one) => one.lines).join('\\n')), 200))""")
    for wanted in (r"gemm/fp16/hand/m:\d+", r"50\.\d \[.*\] TFLOP/s",
                   r"7\d\.\d % of the datasheet roof", r"8\d\.\d % of the measured roof"):
        if not re.search(wanted, text):
            failures.append(f"hover: no {wanted} in {text!r}")


def check_four(browser, page, claims):
    browser.screen(1180, 900)
    open_page(browser, "four GPUs", page)
    roofs, gemm, gemv, decode = 3 * [3], [6], [21], [9]
    check_charts(browser, "four GPUs", {
        # GEMM by hand and by two libraries; GEMV and decode in three formats.
        "roofline": roofs + gemm + gemv + decode,
        "shares": [16, 3],
        # Predicted, and five causes of the time measured, of three formats.
        "decode": 6 * [3],
        # Measured and allowed: one, two, four ... 32.
        "batches": 3 * [3, 6],
        # Rates of an engine with a law, the others, and two ends of a line.
        "published": [27, 47, 2],
        # The earlier and the later run, of read, GEMM, GEMV and decode.
        "history": 11 * [2]})
    expect("claims", browser.evaluate("document.querySelectorAll('#claims .claim').length"), claims)
    expect("distinct claims", browser.evaluate(
        "new Set([...document.querySelectorAll('#claims summary')].map((one) => one.textContent)).size"), claims)
    counts = browser.evaluate("[...document.querySelectorAll('#verdicts span')].map((one) => one.textContent)")
    expect("verdicts by arithmetic", sum(map(int, re.findall(r"\d+", counts[0]))), claims)
    expect("synthetic runs decide", counts[1], "Claims by measurement0 decided on a GPU")
    banner = browser.evaluate("document.querySelector('#notices').innerText") or ""
    expect("synthetic runs said", banner.count("SYNTHETIC"), 4)
    check_first_screen(browser, "four GPUs")
    heads = browser.evaluate("[...document.querySelectorAll('#tokens thead th')].map((one) => one.textContent)")
    expect("first columns", heads[1:4], ["predicted", "measured [95 %]", "of read bandwidth"])
    check_wide_intervals(browser)
    check_hostile(browser)
    check_hover(browser)
    check_tables(browser, "four GPUs")

    browser.evaluate("document.querySelectorAll('#devices button')[1].click()")
    if "A10G" not in browser.evaluate("document.querySelector('#roofline canvas').getAttribute('aria-label')"):
        failures.append("choosing the second GPU does not show it")
    browser.evaluate("document.querySelectorAll('#arithmetic button')[1].click()")
    if "fp32" not in browser.evaluate("document.querySelector('#roofline canvas').getAttribute('aria-label')"):
        failures.append("choosing fp32 does not show it")
    expect("after choosing: console", complaints(browser.events), [])

    check_width(browser, "four GPUs", page, 1200)
    browser.screen(390, 800)
    open_page(browser, "phone", page)
    expect("phone: width of the page", browser.evaluate("document.documentElement.scrollWidth"), 390)
    browser.screen(1180, 900, dark=True)
    open_page(browser, "dark", page)
    expect("dark: paper", browser.evaluate("getComputedStyle(document.body).backgroundColor"),
           "rgb(20, 24, 28)")

    # Last, as it is meant to be complained about: the policy refuses a script of somebody else's.
    browser.evaluate("""(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = 1';
      document.body.append(script);
    })()""")
    expect("policy: a script put in ran", browser.evaluate("String(window.injected)"), "undefined")


def check_recorded(browser, page, claims):
    browser.screen(1180, 900)
    open_page(browser, "recorded run", page)
    check_charts(browser, "recorded run", {"roofline": None, "shares": None, "decode": None, "batches": None, "published": None})
    expect("recorded run: claims", browser.evaluate("document.querySelectorAll('#claims .claim').length"), claims)
    text = browser.evaluate("document.querySelector('#verdicts').textContent")
    expect("recorded run: decided on a GPU", "0 decided on a GPU; same law on this CPU" in text, True)
    expect("recorded run: notices", browser.evaluate("document.querySelector('#notices').textContent"), "")
    check_first_screen(browser, "recorded run")
    expect("recorded run: answers", browser.evaluate("document.querySelectorAll('#dials h3').length"), 4)
    check_tables(browser, "recorded run")
    check_width(browser, "recorded run", page, 1200)


def check_without_charts(browser, page, folder):
    """Without Chart.js, and with its version 2, which has no Chart.version."""
    with open(page, encoding="utf-8") as file:
        whole = file.read()
    begin = whole.rindex("<script>", 0, whole.index("Chart.js v"))
    end = whole.index("</script>", begin)
    for what, script, note in (("without", "", "had no Chart.js"),
                               ("with version 2", "window.Chart = function () {};", "is version 2")):
        path = os.path.join(folder, "tables.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole[:begin] + "<script>" + script + whole[end:])
        browser.call("Page.setBypassCSP", enabled=True)
        open_page(browser, f"{what} Chart.js", path)
        expect(f"{what} Chart.js: charts", browser.evaluate("document.querySelectorAll('canvas').length"), 0)
        expect(f"{what} Chart.js: said", note in browser.evaluate(
            "document.querySelector('#chart-note').textContent"), True)
        check_tables(browser, f"{what} Chart.js")
    browser.call("Page.setBypassCSP", enabled=False)


def main():
    roofproof, recorded = sys.argv[1:3]
    chromium = find_chromium()
    if not chromium:
        print("SKIPPED: no Chromium here (Debian: apt-get install chromium); the report was not looked at")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder, Browser(chromium) as browser:
        four, one = os.path.join(folder, "four.html"), os.path.join(folder, "one.html")
        files = report_fixtures.write_results(folder)
        subprocess.run([roofproof, "report", *files, "-o", four], check=True)
        subprocess.run([roofproof, "report", recorded, "-o", one], check=True)
        answer = subprocess.run([roofproof, "claims", "--json"], check=True, stdout=subprocess.PIPE)
        claims = len(json.loads(answer.stdout)["claims"])
        check_four(browser, four, claims)
        check_recorded(browser, one, claims)
        check_without_charts(browser, four, folder)
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
