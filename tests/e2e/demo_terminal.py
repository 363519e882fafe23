#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""demo_terminal.py RUNNEL: `runnel demo` on a terminal of 80 x 24, as a person meets it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

failures = []


def expect(condition, text):
    if not condition:
        failures.append(text)


def start(environment):
    pid, fd = pty.fork()
    if pid == 0:
        # The size is set by the parent before it lets the program go.
        os.read(0, 1)
        os.execve(sys.argv[1], [sys.argv[1], "demo"], environment)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.write(fd, b"\n")
    return pid, fd


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def read_until(fd, pattern, limit_s):
    text, end = "", time.monotonic() + limit_s
    while not re.search(pattern, plain(text)) and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                text += os.read(fd, 65536).decode()
            except OSError:  # the other side has ended
                break
    return text


def finish(pid, fd):
    os.write(fd, b"\x03")
    rest = read_until(fd, r"\Z.", 5)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return rest, os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return rest, None


environment = {**os.environ, "TERM": "xterm-256color"}
environment.pop("NO_COLOR", None)
pid, fd = start(environment)
# A value that is there before any window can have closed, then the share of the first window that was covered.
first = read_until(fd, r"vibration +[0-9.]+ +mm/s +ok", 10)
expect(re.search(r"vibration +[0-9.]+ +mm/s +ok", plain(first)), "no reading of vibration")
later = first + read_until(fd, r"[0-9]+/[0-9]+[^\n]*%", 10)
for word in ("STREAM", "SENSOR", "MEAN", "COVER", "KPIs", "Events", "temp_p95", "runnel demo --config >my.yaml"):
    expect(word in plain(later), f"'{word}' is not on the screen")
expect(re.search(r"[0-9]+/[0-9]+[^\n]*[0-9]%", plain(later)), "no closed window on the screen")
expect(re.search(r"\x1b\[[0-9]*(A|H|;)", later), "the table is not redrawn in place")
expect(re.search(r"\x1b\[[0-9;]*3[0-9]m", later), "no colour on a terminal")
rows = plain(later).split("STREAM")[1:]
expect(all(len(row.splitlines()) <= 24 for row in rows), "a screen has more lines than the terminal")
expect(all(len(line.rstrip()) <= 80 for line in plain(later).split("\n")), "a line is wider than the terminal")
rest, code = finish(pid, fd)
expect(code == 0, f"Ctrl-C ends it with {code}")
os.close(fd)

pid, fd = start({**environment, "NO_COLOR": "1"})
text = read_until(fd, r"vibration +[0-9]", 10)
expect(not re.search(r"\x1b\[[0-9;]*3[0-9]m", text), "colour in spite of NO_COLOR")
rest, code = finish(pid, fd)
expect(code == 0, f"Ctrl-C ends it with {code}")
os.close(fd)

print("\n".join(failures))
sys.exit(bool(failures))
