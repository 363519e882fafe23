# SPDX-License-Identifier: Apache-2.0
"""Chromium without a screen, driven over its debugging pipe: pages, sizes, keys and pictures, with nothing but Python's own library."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time


def find():
    return next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="runnel-chromium-")
        from_us, to_us = os.pipe(), os.pipe()

        def place():
            os.dup2(from_us[0], 13)
            os.dup2(to_us[1], 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        self.process = subprocess.Popen(
            [find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
             "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us[0])
        os.close(to_us[1])
        self.out, self.back, self.rest, self.number = from_us[1], to_us[0], b"", 0
        self.session, self.problems, self.requests = None, [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def receive(self):
        while b"\0" not in self.rest:
            piece = os.read(self.back, 1 << 20)
            if not piece:
                raise SystemExit("chromium ended")
            self.rest += piece
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def note(self, m):
        """What a page must not do: fail, be refused by its own rules, or ask somebody else."""
        p = m.get("params", {})
        if m.get("method") == "Runtime.exceptionThrown":
            self.problems.append("exception: " + json.dumps(p["exceptionDetails"])[:300])
        elif m.get("method") == "Log.entryAdded" and p["entry"]["level"] == "error":
            self.problems.append("log: " + p["entry"]["text"] + " " + p["entry"].get("url", ""))
        elif m.get("method") == "Runtime.consoleAPICalled" and p["type"] == "error":
            self.problems.append("console: " + json.dumps(p["args"])[:300])
        elif m.get("method") == "Network.requestWillBeSent":
            self.requests.append(p["request"]["url"])

    def call(self, method, **parameters):
        self.number += 1
        m = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            m["sessionId"] = self.session
        os.write(self.out, json.dumps(m).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def evaluate(self, script):
        r = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in r:
            raise SystemExit(f"{script}: {r['exceptionDetails']}")
        return r["result"].get("value")

    def wait(self, script, seconds=10):
        end = time.time() + seconds
        while not self.evaluate(f"!!({script})"):
            if time.time() > end:
                raise SystemExit(f"waited {seconds} s for {script}; {self.problems[:5]}; {self.evaluate('document.body.innerText')[:300]}")
            time.sleep(0.1)

    def size(self, width, height, dark=False, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def key(self, name):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode={"Tab": 9, "Enter": 13, "ArrowLeft": 37}.get(name, 0))

    def picture(self, path, whole=False):
        more = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            more = {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}}
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"]))

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
