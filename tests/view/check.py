#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fleet view in Chromium: check.py DIR. Fleets of 3, 50 and 1000 devices on a desk, on a phone and in the dark; pictures of all go to DIR, to be
looked at. Fails when a page has an error, is refused something by its own rules, asks anybody else, is wider than the screen, shows what a device
says as markup, or cannot be used by keyboard. 77: no Chromium here."""
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import browser  # noqa: E402

SIZES = {"desk": (1440, 1000, False, False), "laptop": (1300, 800, False, False), "phone": (390, 844, False, True), "dark": (1280, 900, True, False), "phone-dark": (390, 844, True, True)}
# Words that stand in two lines, where there is room for one.
TORN = """[...document.querySelectorAll('.stage small, .stage dt, td[data-label=coverage]')]
    .filter(e => (s => e.getBoundingClientRect().height - 2 * parseFloat(s.paddingTop) > 1.6 * parseFloat(s.lineHeight))(getComputedStyle(e))).map(e => e.innerText)"""
problems = []


def check(ok, text):
    if not ok:
        problems.append(text)
        print("FAILED:", text)


def open_page(b, url, size):
    b.size(*SIZES[size])
    b.call("Page.navigate", url="about:blank")
    b.call("Page.navigate", url=url)
    b.wait("document.querySelector('main h1')", 20)
    time.sleep(1.2)


def views(url, directory, name):
    with urllib.request.urlopen(url + "api/devices") as answer:
        devices = json.load(answer)
    with urllib.request.urlopen(url + "api/fleet") as answer:
        kpi = json.load(answer)["kpis"][-1]
    failing = devices["columns"].index("failing")
    row = next((r for r in devices["rows"] if r[failing]), devices["rows"][0])
    pages = {"fleet": "", "devices": "#/devices", "attention": "#/devices?show=attention", "device": f"#/device/{row[0]}/{row[1]}", "kpi": f"#/kpi/{kpi['site']}/{kpi['name']}"}
    b = browser.Browser()
    for page, where in pages.items():
        for size in SIZES:
            open_page(b, url + where, size)
            wide, room = b.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            check(wide <= room, f"{name} {page} {size}: {wide} wide, room for {room}")
            torn = b.evaluate(TORN)
            check(not torn, f"{name} {page} {size}: in two lines: {torn}")
            b.picture(os.path.join(directory, f"{name}-{page}-{size}.png"), whole=page != "devices")
    use(b, url, name, len(devices["rows"]))
    check(not b.problems, f"{name}: {b.problems[:5]}")
    check(all(u.startswith((url, "about:", "data:")) for u in b.requests), f"{name} asks {[u for u in b.requests if not u.startswith(url)][:5]}")
    b.close()


def use(b, url, name, n_devices):
    """Markup stays text; keys reach what is there; the list is sorted and searched."""
    open_page(b, url + "#/device/delft/" + f"greenhouse-{1:0{max(2, len(str(n_devices)))}d}", "desk")
    check(b.evaluate("document.querySelector('main').innerText.includes(\"<b>&amp;\\\"'</b>\") && !document.querySelector('main dd b')"), f"{name}: a label is markup")
    open_page(b, url + "#/devices", "desk")
    b.evaluate("document.querySelector('[data-set=\"sort=name\"], [data-set=\"sort=-name\"]').focus()")
    b.key("Enter")
    b.evaluate("document.activeElement.click()")
    b.wait("document.querySelector('th[aria-sort=descending]')", 10)
    last = str(n_devices)
    b.wait(f"document.querySelector('tbody th').innerText.endsWith('{last}')", 10)
    b.evaluate("(e => { e.value = 'line=b ' + 'greenhouse'; e.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('input[type=search]'))")
    b.wait(f"/ of /.test(document.querySelector('h1 small').innerText)", 10)
    open_page(b, url, "desk")
    for _ in range(8):
        b.key("Tab")
    check(b.evaluate("document.activeElement !== document.body && document.activeElement.getBoundingClientRect().width > 0"), f"{name}: nothing has the focus after eight tabs")
    b.wait("document.querySelector('figure svg .line')", 15)
    b.evaluate("document.querySelector('figure').focus()")
    b.key("ArrowLeft")
    check(b.evaluate("!!document.querySelector('figure .read')"), f"{name}: the arrow keys read no plot")
    check(b.evaluate("[...document.querySelectorAll('a, button, input, select')].every(e => (e.innerText || e.getAttribute('aria-label') || e.labels?.[0]?.innerText || '').trim())"), f"{name}: something has no name")


def fleet(directory, devices, past):
    rig = subprocess.Popen([sys.executable, "-B", "tests/view/fleet.py", "--devices", str(devices), "--past", str(past), "--live", "600", "--store"], stdout=subprocess.PIPE, text=True)
    try:
        url = rig.stdout.readline().split()[0]
        views(url, directory, str(devices))
    finally:
        rig.terminate()
        rig.wait()


def main():
    directory = sys.argv[1]
    if not browser.find():
        print("skipped: no chromium here (apt-get install chromium)")
        return 77
    os.makedirs(directory, exist_ok=True)
    for devices, past in ((3, 60), (50, 60), (1000, 20)):
        fleet(directory, devices, past)
    n = len([f for f in os.listdir(directory) if re.search(r"\.png$", f)])
    print(f"{n} pictures in {directory}: look at them")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
