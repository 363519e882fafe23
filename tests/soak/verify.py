# SPDX-License-Identifier: Apache-2.0
"""Whether what arrived is what truth.py says, and whether the collector makes the same of it."""
import collections
import json
import os
import signal
import subprocess
import time
import zlib

import truth
import wire
from rig import BUILD, Broker, decode, say, until


def verify(rig):
    payloads = rig.partials()
    partials = sorted(decode(payloads), key=lambda p: (p["device"], p["boot"], p["seq"]))
    keys = collections.Counter((p["device"], p["boot"], p["w0"], p["wl"], p["part"]) for p in partials)
    assert max(keys.values()) == 1, ("other bytes for a key", keys.most_common(1))
    start_of = {(p["device"], p["boot"]): p["metrics"][0]["exact"]["first"] // truth.ROWS_A_START for p in partials if p["metrics"][0]["n"]}
    accounts, windows, n_sent = {}, collections.defaultdict(list), sum(t.endswith("/partial") for t, _, _ in rig.recorder.messages)
    for p in partials:
        if (p["device"], p["boot"]) in start_of:
            start = start_of[p["device"], p["boot"]]
            taken = accounts.setdefault(start, truth.Account(start)).take(p)
            if taken:
                windows[p["w0"], p["wl"]].append(taken)
    in_hand = rows = 0
    for agent in rig.agents:
        for start, when, how, shifts, began in agent.ends:
            account = accounts.get(start) or truth.Account(start)
            account.check_sums()
            rows += account.next_row - account.base
            lasts = [account.last_end - shift for shift in shifts] if account.last_end else [began + 0.5]
            last = min(lasts, key=lambda at: abs(when - at))
            missing = int(max(0, when - last)) # whole windows between the last that came and the end
            in_hand += missing
            slow = agent.slow_s(start, began)
            slack = agent.hand_s + 2 * slow
            allowed = int(max(0, when - last)) if when - last < 1 + slack else int(slack)
            assert how == signal.SIGKILL or when <= last + 0.2, ("stopped, and the last window is missing", agent.name, start, when, last)
            assert missing <= allowed, ("windows lost", agent.name, start, "ended", when, "last window", last, "stood still", slow)
    verify_events(rig, accounts)
    verify_retained(rig, partials)
    say("partials %d (received %d, the others were duplicates), windows %d, merged messages %d, rows %d of %d starts" %
        (len(partials), n_sent, sum(a.n_windows for a in accounts.values()), sum(a.n_merged for a in accounts.values()), rows, len(accounts)))
    say("lost beyond the bound 0, doubled 0; batches in hand at kills: %d of %d kills" %
        (in_hand, sum(how == signal.SIGKILL for a in rig.agents for _, _, how, _, _ in a.ends)))
    return windows


def verify_events(rig, accounts):
    found = collections.defaultdict(list)
    for topic, _, message in rig.recorder.messages:
        if topic.endswith("/event"):
            e = json.loads(message)
            row = abs(e["value"]) - 1
            found[int(row) // truth.ROWS_A_START].append((row, e["event"], e["value"], message))
    broker_lost = {m for m in rig.proxy.acked if m.startswith(b'{"type":"event"') or b'"event"' in m} - {m for t, _, m in rig.recorder.messages}
    rig.counts["events lost by the broker"] = len(broker_lost)
    n = 0
    for start, account in accounts.items():
        got = sorted({(row, event, value): m for row, event, value, m in found.get(start, [])})
        assert len(got) == len({m for _, _, _, m in found.get(start, [])}), ("an event with two times", start)
        due = truth.events_due(account.base, account.next_row)
        extra = truth.events_due(account.base, account.base + truth.ROWS_A_START)
        lost = {(e["event"], e["value"]) for e in map(json.loads, broker_lost)}
        missing = [d for d in due if d not in [(e, v) for _, e, v in got] and d not in lost]
        assert not missing, ("events lost", start, missing, account.base, account.next_row)
        assert all((e, v) in extra for _, e, v in got), ("events from nowhere", start)
        n += len(got)
    say("events %d, none lost, none from nowhere" % n)


def verify_retained(rig, partials):
    kept = {t: m for t, _, m in rig.recorder.messages if "/contract/" in t}
    for agent in rig.agents:
        for contract in {p["contract"] for p in partials if p["device"] == agent.name and "contract" in p}:
            name = contract if isinstance(contract, str) else "%08x" % contract
            message = kept["runnel/1/soak/%s/contract/%s" % (agent.name, name)]
            assert "%08x" % zlib.crc32(message) == name, ("a contract that is not its hash", name)
        assert any(t.startswith("runnel/1/soak/%s/contract/" % agent.name) for t in kept), ("no contract", agent.name)
    for t, m in kept.items():
        assert "%08x" % zlib.crc32(m) == t.rsplit("/", 1)[1], ("a contract that is not its hash", t)


def feed_collector(rig, windows):
    """Everything twice and shuffled, to a collector that is killed on the way and starts with nothing."""
    broker = Broker(rig.work, "clean")
    broker.start()
    out = os.path.join(rig.work, "fleet.jsonl")

    def connects():
        with open(os.path.join(rig.work, "collector.log")) as log:
            return log.read().count("connected to")

    def start():
        with open(out, "w") as f, open(os.path.join(rig.work, "collector.log"), "a") as log:
            return subprocess.Popen([BUILD + "/runnel-collector", "run", "--broker", "mqtt://127.0.0.1:%d" % broker.port, "--json"], stdout=f, stderr=log)
    retained = {t: m for t, _, m in rig.recorder.messages if "/contract/" in t or t.endswith("/birth")}
    wire.send_all(broker.port, [(t, m, True) for t, m in retained.items()])
    ahead = max((w0 + wl for w0, wl in windows), default=0) - time.time()
    if ahead > 0:  # of a clock that was ahead: a collector takes nothing from the future
        time.sleep(ahead)
    messages = [(t, m, False) for t, _, m in rig.recorder.messages if t.endswith("/partial")] * 2
    rig.random.shuffle(messages)
    collector = start()
    try:
        until(20, "the collector to listen", lambda: connects() == 1)
        time.sleep(1)
        wire.send_all(broker.port, messages[:len(messages) // 3])
        collector.kill()
        collector.wait()
        collector = start()
        until(20, "the collector to listen again", lambda: connects() == 2)
        time.sleep(1)
        wire.send_all(broker.port, messages[len(messages) // 3:] + messages)
        told, expected = {}, truth.fleet(windows)

        def is_same():
            with open(out) as f:
                for line in f:
                    k = json.loads(line) if line.endswith("\n") else {}
                    if k.get("type") == "fleet_kpi":
                        told[k["name"], k["w0"], k["wl"]] = k["value"]
            return all(told.get(k) == v for k, v in expected.items() if k[2] == 1)
        try:
            until(30, "the collector", is_same)
        except AssertionError:
            wrong = [(k, told.get(k), v) for k, v in expected.items() if k[2] == 1 and told.get(k) != v]
            raise AssertionError(("the collector says otherwise: key, told, expected", len(wrong), wrong[:5])) from None
        others = [k for k, v in expected.items() if k[2] > 1 and k in told and told[k] != v]
        assert not others, others[:5]
        strange = [k for k in told if told[k] not in (None, 0) and k not in expected]  # a window without a reading has 0 rows
        assert not strange, ("windows from nowhere", strange[:5])
        say("collector, killed once, everything at least twice: %d fleet KPIs, all equal to the bit" % len([k for k in told if k in expected]))
    finally:
        collector.kill()
        collector.wait()
        broker.end(signal.SIGKILL)
