# SPDX-License-Identifier: Apache-2.0
"""Checks of fleet_view.sh: a small fleet with a page, asked well and badly."""
import fcntl
import http.client
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

BUILD = os.environ["RUNNEL_BUILD"]
problems = []


def check(ok, text):
    if not ok:
        problems.append(text)
        print("FAILED:", text)


class Page:
    def __init__(self, url):
        self.port = int(re.search(r":(\d+)/", url)[1])

    def ask(self, path, method="GET", headers=None, body=None, is_patient=True):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        c.request(method, path, headers=headers or {}, body=body)
        r = c.getresponse()
        data = r.read()
        c.close()
        if r.status == 503 and is_patient:
            time.sleep(int(r.getheader("Retry-After")))
            return self.ask(path, method, headers, body)
        return r.status, {k.lower(): v for k, v in r.getheaders()}, data

    def json(self, path):
        status, _, data = self.ask(path)
        check(status == 200, f"{path}: {status}")
        return json.loads(data)

    def raw(self, data, wait=3.0):
        """What comes back for these bytes until the other end closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as s:
            s.settimeout(wait)
            out = b""
            try:
                s.sendall(data)
                while piece := s.recv(65536):
                    out += piece
            except OSError:
                pass
            return out


def files_and_headers(page):
    index = page.ask("/")[2].decode()
    names = re.findall(r'(?:src|href)="([^"#:]+)"', index)
    check({"style.css", "app.js", "icon.svg"} <= set(names), f"the page names {names}")
    scripts = set(re.findall(r'from "\./([^"]+)"', "".join(page.ask("/" + n)[2].decode() for n in ("app.js", "fleet.js", "devices.js", "device.js", "kpi.js", "plot.js"))))
    for path in ["/"] + ["/" + n for n in set(names) | scripts if n != "top"] + ["/api/fleet", "/api/devices", "/top"]:
        status, headers, data = page.ask(path)
        check(status == 200 and data, f"{path}: {status}")
        csp = headers.get("content-security-policy", "")
        check("default-src 'none'" in csp and "unsafe" not in csp and "frame-ancestors 'none'" in csp, f"{path}: CSP {csp}")
        check(headers.get("x-content-type-options") == "nosniff" and "access-control-allow-origin" not in headers, f"{path}: {headers}")
        check("http://" not in data.decode().replace("http://www.w3.org/2000/svg", "") or path.startswith(("/api", "/top")), f"{path} names another address")
        status, head, data = page.ask(path, "HEAD")
        check(status == 200 and not data and "content-length" in head, f"HEAD {path}: {status}, {len(data)} bytes")
    check("javascript" in page.ask("/app.js")[1]["content-type"], "the type of a script")
    check(page.ask("/api/fleet")[1]["content-type"] == "application/json", "the type of JSON")


def numbers(page, directory):
    told = {}
    for line in open(f"{directory}/told", encoding="utf-8"):
        k = json.loads(line)
        told[k["name"], k["w0"]] = k
    fleet, devices = page.json("/api/fleet"), page.json("/api/devices")
    check(fleet["devices"]["total"] == 3 and fleet["devices"]["sensors"] == 12, f"devices: {fleet['devices']}")
    check(fleet["broker"]["state"] == "connected" and fleet["store"]["problem"] == "", "broker or store")
    check(len(fleet["kpis"]) == 6 and len(fleet["streams"]) == 4, "KPIs and streams")
    check(fleet["counters"]["parts"] == 15 and sum(fleet["pulse"]["parts"]) in range(1, 16), f"parts: {fleet['counters']} {fleet['pulse']}")
    rows = [dict(zip(devices["columns"], r)) for r in devices["rows"]]
    check([r["name"] for r in rows] == ["greenhouse-01", "greenhouse-02", "greenhouse-03"], f"rows: {rows}")
    check("note=<b>&amp;\"'</b>" in rows[0]["labels"], f"labels: {rows[0]['labels']}")
    for kpi in fleet["kpis"]:
        newest = told[kpi["name"], max(w0 for name, w0 in told if name == kpi["name"])]
        check({k: v for k, v in kpi["newest"].items()} == newest, f"{kpi['newest']} is not {newest}")
        history = page.json(f"/api/history?site=delft&name={kpi['name']}&from=0")
        want = [[k["w0"], k["value"], k["value"], k["value"], k["coverage"], k["state"]] for (name, _), k in sorted(told.items()) if name == kpi["name"]]
        check([r[:6] for r in history["rows"]] == want, f"history of {kpi['name']}: {history['rows']} is not {want}")
    few = page.json("/api/history?site=delft&name=temp_mean&from=0&points=2")
    values = [k["value"] for (name, _), k in sorted(told.items()) if name == "temp_mean"]
    check(1 <= len(few["rows"]) <= 3 and min(r[2] for r in few["rows"]) == min(values) and max(r[3] for r in few["rows"]) == max(values), f"few points: {few}")
    one = page.json("/api/device?site=delft&name=greenhouse-02&from=0")
    check(len(one["series"]) == 5 and len(one["metrics"]) == 4 and one["status"]["sensors"]["air"]["state"] == "ok", f"device: {one}")
    means = [s[2][0] for s in one["series"]]
    check(all(5 < m < 40 for m in means), f"means: {means}")
    for path in ("/api/device?site=delft&name=nobody", "/api/device", "/api/history?site=x&name=y", "/api/device?site=%00&name=%ff"):
        check(page.ask(path)[0] == 404, f"{path} is there")
    for query in ("from=-9223372036854775808&to=9223372036854775807&points=-1", "from=x&to=&points=99999999999999999999", "from=9e9&points=0"):
        page.json(f"/api/history?site=delft&name=temp_mean&{query}")
        page.json(f"/api/device?site=delft&name=greenhouse-01&{query}")


def hostile(page):
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"):
        status, headers, _ = page.ask("/api/fleet", method, body="x" * 1000)
        check(status == 405 and headers.get("allow") == "GET, HEAD", f"{method}: {status}")
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "localhost.evil.example"):
        check(page.ask("/api/fleet", headers={"Host": host})[0] in (400, 421), f"Host '{host}' is answered")
    for host in ("localhost:9", "192.0.2.1", "[::1]:80"):
        check(page.ask("/api/fleet", headers={"Host": host})[0] == 200, f"Host '{host}' is not answered")
    check(page.ask("/api/fleet", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})[0] == 403, "another site's page")
    check(page.ask("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})[0] == 200, "a link on another page")
    for path in ("/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/style.css/../../etc/passwd", "/index.html~", "/.", "/api", "/api/",
                 "/etc/passwd", "http://127.0.0.1/etc/passwd"):
        got = page.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        check(b"root:" not in got and got.split(b" ")[1:2] in ([b"404"], [b"400"]), f"{path}: {got[:60]}")
    for data in (b"\0" * 3000, os.urandom(5000), b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nabc",
                 b"GET /api/device?" + b"&".join(b"a%d=b" % i for i in range(2000)) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"):
        got = page.raw(data, 0.5)
        check(not got or got.startswith(b"HTTP/1."), f"{data[:40]}: {got[:60]}")
    twice = page.raw(b"GET /top HTTP/1.1\r\nHost: localhost\r\n\r\nGET /top HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    check(twice.count(b"HTTP/1.1 200") == 2, f"two requests at once: {twice[:200]}")
    idle = [socket.create_connection(("127.0.0.1", page.port), 5) for _ in range(100)]
    for s in idle[:60]:
        try:
            s.send(b"GET / HT")
        except OSError:
            pass
    time.sleep(0.3)
    for s in idle:
        s.close()
    time.sleep(0.3)
    check(page.ask("/top")[0] == 200, "a hundred idle connections")


def arguments_that_mean_nothing(page):
    """What is made once in 0.7 s tells the time of its making: the same for all who ask meanwhile."""
    for path in ("/api/fleet", "/api/devices"):
        pairs = ([page.ask(f"{path}?{n}={i}")[2] for n in "ab"] for i in range(5))
        check(any(a == b for a, b in pairs), f"{path} is made anew for an argument")
    check(page.ask("/api/device?site=delft&name=greenhouse-01")[2] != page.ask("/api/device?site=delft&name=greenhouse-02")[2], "two devices are one")


def too_many_questions(page):
    """Some are answered; then the answer is when to come again, and what is made for all goes on. How many: test_http_share.c."""
    path, got = "/api/history?site=delft&name=temp_mean&from=0", []

    def ask_on(end):
        while time.time() < end and 503 not in [status for status, _, _ in got]:
            got.append(page.ask(path, is_patient=False))

    askers = [threading.Thread(target=ask_on, args=(time.time() + 30,)) for _ in range(4)]
    for a in askers:
        a.start()
    for a in askers:
        a.join()
    refused = [answer for answer in got if answer[0] == 503]
    check(len(refused) >= 1 and all(status in (200, 503) for status, _, _ in got), f"{len(got)} answers, {len(refused)} times 503")
    for _, headers, data in refused:
        check(int(headers["retry-after"]) in range(1, 20) and json.loads(data)["error"] and "content-security-policy" in headers, f"refused with {headers}")
    check(page.ask("/api/fleet", is_patient=False)[0] == 200 and page.ask("/top", is_patient=False)[0] == 200, "what is not searched for is refused too")
    if refused:
        time.sleep(int(refused[-1][1]["retry-after"]))
        check(page.ask(path, is_patient=False)[0] == 200, "who waits is not answered")


def terminal(page):
    top = [f"{BUILD}/runnel-collector", "top", str(page.port)]
    r = subprocess.run(top, capture_output=True, text=True, timeout=20, check=False)
    check(r.returncode == 0 and "greenhouse-03" in r.stdout and "temp_p95" in r.stdout and "\033" not in r.stdout, f"top in a pipe: {r}")
    r = subprocess.run(top[:2] + ["127.0.0.1:1"], capture_output=True, text=True, timeout=20, check=False)
    check(r.returncode == 69 and "--http" in r.stderr, f"top without a collector: {r}")
    for wrong in (["x"], ["1", "2"], ["--every", "1"], ["--nope"]):
        r = subprocess.run(top[:2] + wrong, capture_output=True, text=True, timeout=20, check=False)
        check(r.returncode == 64 and r.stderr, f"top {wrong}: {r}")
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        os.execv(top[0], top + ["--every", "200ms"])
    out, end = b"", time.time() + 20
    while out.count(b"greenhouse-01") < 3 and time.time() < end:
        if select.select([fd], [], [], 1)[0]:
            out += os.read(fd, 65536)
    os.kill(pid, signal.SIGINT)
    while select.select([fd], [], [], 10)[0]:
        try:
            out += os.read(fd, 65536)
        except OSError:  # it has ended
            break
    check(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "top ends well")
    check(out.count(b"greenhouse-01") >= 3 and b"\x1b[?1049h" in out and out.endswith(b"\x1b[?1049l"), f"top on a terminal: {out[-300:]}")


def others(page, pid):
    run = [f"{BUILD}/runnel-collector", "run", "--broker", "mqtt://127.0.0.1:1", "--seconds", "1", "--http"]
    r = subprocess.run(run + [str(page.port)], capture_output=True, text=True, timeout=20, check=False)
    check(r.returncode == 69 and "fleet view: cannot listen" in r.stderr, f"a port that is taken: {r}")
    r = subprocess.run(run + ["nowhere:80"], capture_output=True, text=True, timeout=20, check=False)
    check(r.returncode == 64, f"a name: {r}")
    check(os.path.exists(f"/proc/{pid}"), "the collector lives")


def main():
    rig = subprocess.Popen([sys.executable, "-B", "tests/view/fleet.py", "--devices", "3", "--past", "5", "--live", "0", "--store"], stdout=subprocess.PIPE, text=True)
    try:
        url, pid, directory = rig.stdout.readline().split()
        page = Page(url)
        files_and_headers(page)
        numbers(page, directory)
        hostile(page)
        arguments_that_mean_nothing(page)
        too_many_questions(page)
        terminal(page)
        others(page, int(pid))
        log = open(f"{directory}/collector.log", encoding="utf-8").read()
        check("rror" not in log, f"the log: {log}")
    finally:
        rig.terminate()
        rig.wait()
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
