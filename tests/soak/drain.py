#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an outage of a day leaves in the spool, and how it goes: 8 streams with sketches of 60 samples, a window a minute, so 1440 messages. They
are put into the spool's file as the agent would have, from one that it made; then broker and agent start. Prints how long until all
have arrived, how late what is new arrives meanwhile, rows per MiB, and the memory with the backlog of an hour, of a day, and of a full spool.
"""
import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib

import wire
from rig import BUILD, Broker, decode, until

STREAMS = 8
agents = []


def config(path, port, every, window):
    with open(path + ".yaml", "w") as f:
        f.write('device: board\nsite: drain\nwindow: %s\nmqtt: {broker: "mqtt://127.0.0.1:%d"}\nspool: {path: %s.db, max_size: 64MiB}\nsensors:\n' %
                (window, port, path))
        for n in range(STREAMS):
            f.write("  n%d: {driver: sim, shape: random_walk, seed: %d, unit: Cel, every: %s, offset: 20, resolution: 0.01}\n" % (n, n, every))
        f.write("streams:\n")
        for n in range(STREAMS):
            f.write("  s%d: {from: n%d.value, quantiles: true}\n" % (n, n))


def run(path):
    with open(path + ".log", "a") as log:
        agents.append(subprocess.Popen([BUILD + "/runnel", "run", "-c", path + ".yaml"], stderr=log))
    return agents[-1]


def end(agent):
    agent.send_signal(signal.SIGTERM)
    agent.wait()


def varint(n):
    out = b""
    while n > 0x7F:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def rows_of(template, n):
    """As many different messages: an unknown field more, which readers of protobuf pass over."""
    for i in range(n):
        yield template + varint(100 << 3) + varint(i + 1)


def fill(path, template, n, max_bytes=None):
    """@return rows put in, bytes of the file"""
    db = sqlite3.connect(path + ".db")
    db.execute("PRAGMA synchronous=OFF")
    last, put = db.execute("SELECT last_id FROM book").fetchone()[0], 0
    for payload in rows_of(template, n):
        put += 1
        db.execute("INSERT INTO row VALUES(?, 0, 0, 7, ?, 0, ?, ?)", (last + put, put, zlib.crc32(payload), payload))
    db.execute("UPDATE book SET last_id = ?, waiting = waiting + ?", (last + put, put))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    used = (db.execute("PRAGMA page_count").fetchone()[0] - db.execute("PRAGMA freelist_count").fetchone()[0]) * 1024
    db.close()
    return put, used


def memory(agent):
    with open("/proc/%d/smaps_rollup" % agent.pid) as f:
        found = {line.split(":")[0]: int(line.split()[1]) for line in f if line.endswith("kB\n")}
    return found["Pss"], found["Anonymous"]


def template_of(work, broker, recorder):
    """A message of 60 samples a stream, made in a second."""
    path = os.path.join(work, "template")
    config(path, broker.port, "16ms", "1s")
    agent = run(path)

    def partials():
        return [m for t, _, m in recorder.messages if t.endswith("/partial")]
    until(60, "messages", lambda: len(partials()) > 3)
    end(agent)
    return partials()[2]


def drain(work, name, template, n, broker, seconds):
    """How long until all are there, and how late live windows were meanwhile."""
    path = os.path.join(work, name)
    config(path, broker.port, "1s", "1s")
    agent = run(path)
    time.sleep(1.5)
    end(agent)
    put, used = fill(path, template, n)
    agent = run(path)
    time.sleep(3)
    before = memory(agent)
    broker.start()
    recorder = wire.Recorder(broker.port)
    until(20, "the recorder", lambda: recorder.is_up)
    wanted = set(rows_of(template, n))

    def arrived():
        return [(at, m) for at, (t, _, m) in zip(list(recorder.times), list(recorder.messages)) if t.endswith("/partial")]
    until(100, "the first", lambda: arrived())
    first = arrived()[0][0]
    deadline = time.time() + seconds
    while time.time() < deadline and sum(m in wanted for _, m in arrived()) < n:
        time.sleep(0.2)
    got = [(at, m) for at, m in arrived() if m in wanted]
    last = max(at for at, _ in got)
    live = [(at, p) for (at, m), p in ((x, decode([x[1]])[0]) for x in arrived() if x[1] not in wanted and first + 1 < x[0] <= last)]
    late = sorted(at - p["w0"] - p["wl"] for at, p in live if p["w0"] + p["wl"] > first)
    after = memory(agent)
    end(agent)
    recorder.is_over = True
    broker.end(signal.SIGKILL)
    print("   %-12s %6d %9.1f %10.0f %9d %12d %14.2f %12.2f %9d %9d" %
          (name, len(got), used / put, put / (used / 1048576), len({m for _, m in got}) == n and len(got) - n, last - first,
           late[len(late) // 2] if late else 0, late[-1] if late else 0, before[0], before[1]), flush=True)
    return len({m for _, m in got}) == n, last - first, after


def full(work, template, n, broker):
    """The memory with a spool that is full, and no broker."""
    path = os.path.join(work, "full")
    config(path, broker.port, "1s", "1s")
    agent = run(path)
    time.sleep(1.5)
    end(agent)
    put, used = fill(path, template, n)
    agent = run(path)
    time.sleep(8)
    pss, anonymous = memory(agent)
    end(agent)
    print("   %-12s %6d %9.1f %10.0f %67d %9d" % ("full", put, used / put, put / (used / 1048576), pss, anonymous), flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=100)
    o = options.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("mosquitto"):
        print("skipped: mosquitto is not installed")
        sys.exit(77)
    work = tempfile.mkdtemp(prefix="runnel-drain-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    broker = Broker(work, "broker")
    try:
        broker.start()
        recorder = wire.Recorder(broker.port)
        template = template_of(work, broker, recorder)
        recorder.is_over = True
        broker.end(signal.SIGKILL)
        broker.forget()
        print("   a message of %d streams has %d bytes" % (STREAMS, len(template)))
        print("   %-12s %6s %9s %10s %9s %12s %14s %12s %9s %9s" % ("backlog", "rows", "B a row", "rows/MiB", "doubled", "drained, s",
                                                          "live, median s", "live, max s", "PSS KiB", "anon KiB"))
        is_good = drain(work, "an hour", template, 60, broker, o.seconds)[0]
        whole, took, _ = drain(work, "a day", template, 1440, broker, o.seconds)
        full(work, template, 125000, broker)
        sys.exit(not (is_good and whole and took < 60))
    finally:
        for agent in agents:
            if agent.poll() is None:
                agent.kill()
                agent.wait()
        if broker.process.poll() is None:
            broker.end(signal.SIGKILL)
        shutil.rmtree(work)


main()
