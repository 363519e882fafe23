# SPDX-License-Identifier: Apache-2.0
"""What the boards of a swarm do, drawn from a seed: their samples, parts, restarts, clocks, losses; and the script of it for feed.c.

Samples are integers k from the start: what is tested is what becomes of them later. A window has SLOTS samples of each sampled stream.
Sites differ in what can go wrong: in `north` everything is well in the end, so each window must become COMPLETE; in `west` messages get
lost that a board still has; in `south` things are lost for ever, clocks stay wrong and boards are silent.
"""
import json
import random
import zlib

SLOTS = 5
UNSYNCED, RETIMED, STEP, CUT_START, CUT_END = 1, 2, 4, 8, 16
YEAR_2099 = 4070908800
KPI_LENGTHS = {1: 5, 5: 15, 10: 30, 60: 300, 300: 900}  # of windows: a longer one for some KPIs


METRICS = {  # unit, kind, K, q, sketch
    "temp": ("Cel", "gauge", 20, 0.01, {"kind": "lin", "width": 10}),
    "humid": ("%", "gauge", 50, 0.01, {"kind": "lin", "width": 50}),
    "power": ("W", "gauge", 0, 0.01, {"kind": "exp2", "scale": 5}),
    "flow": ("L", "counter", 0, 0.001, None),
    "open": ("1", "state", 0, 1, None),
}
KPIS = {  # of each stream; True: in the longer window
    "temp": [("temp_mean", "mean(temp)", "Cel", False), ("temp_p95", "quantile(temp, 0.95)", "Cel", False),
             ("temp_sd", "stddev(temp)", "Cel", False), ("temp_max", "max(temp)", "Cel", True),
             ("temp_time", "time_mean(temp)", "Cel", False), ("temp_rise", "last(temp) - first(temp)", "Cel", True)],
    "humid": [("humid_mean", "mean(humid)", "%", False), ("humid_p50", "quantile(humid, 0.5)", "%", True)],
    "power": [("power_p50", "quantile(power, 0.5)", "W", False), ("energy", "integral(power) / 3600", "W.h", True),
              ("power_each", "sum(power) / n(temp)", "W", True)],
    "flow": [("litres", "increase(flow)", "L", False), ("flow_rate", "rate(flow)", "L/s", True)],
    "open": [("open", "100 * time_mean(open)", "%", False)],
}


def contract_of(wl, names, period_ms, temp_q=0.01):
    """Canonical text, and its hash."""
    text = {"metrics": [], "kpis": []}
    for i, name in enumerate(names):
        unit, kind, k, q, sketch = METRICS[name]
        text["metrics"].append({"id": i, "name": f"{name}@1", "unit": unit, "kind": kind, "K": k, "q": temp_q if name == "temp" else q,
                                "sketch": sketch, "period_ms": 0 if kind == "state" else period_ms, "window": wl})
        text["kpis"] += [{"name": kpi, "expression": expression, "unit": unit, "window": KPI_LENGTHS[wl] if is_long else wl}
                         for kpi, expression, unit, is_long in KPIS[name]]
    body = json.dumps(text, separators=(",", ":"))
    return body, f"{zlib.crc32(body.encode()):08x}"


class Part:
    """One part: its key, and of each metric the raw samples."""

    def __init__(self, device, w0, contract_hash, flags=0):
        self.site, self.device, self.boot, self.seq = device.site, device.name, device.boot, 0
        self.w0, self.part, self.flags, self.wm = w0, 0, flags, w0
        self.contract, self.variant, self.metrics = contract_hash, device.variant, {}
        self.metrics_merged = {}

    def key(self):
        return self.site, self.device, self.boot, self.w0, self.part


class Metric:
    def __init__(self, expected, covered):
        self.expected, self.covered, self.bad, self.increase = expected, covered, 0, 0
        self.samples, self.held = [], []  # (ms, k), (k, ms)


class Device:
    """A board: makes lines (due in s, message), later sorted with those of all others."""

    def __init__(self, swarm, site, name, role):
        self.swarm, self.site, self.name, self.role = swarm, site, name, role
        self.rng = random.Random(f"{swarm.seed} {site} {name}")
        self.boot, self.seq, self.level, self.lines = self.rng.randint(1, 50), 0, self.rng.randint(-900, 900), []
        self.variant = "small" if self.rng.random() < 0.1 else "full"
        if role == "stranger":
            self.variant = "strange"
        self.begin, self.end = 0, swarm.n
        if role == "newcomer":
            self.begin = self.rng.randint(1, max(1, swarm.n // 2))
        if role in ("retiring", "returning"):
            self.end = self.rng.randint(1, max(1, swarm.n // 2))
        self.jitter = 0.0 if swarm.healthy else 0.4

    # --- messages ---

    def topic(self, what):
        return f"runnel/1/{self.site}/{self.name}/{what}"

    def say(self, due, what, payload, retain=1, event=None):
        self.lines.append((due, ("m", retain, self.topic(what), payload, event)))

    def hash(self):
        return self.swarm.contracts[self.variant][1]

    def birth(self, due, with_contract=True):
        body = {"device": self.name, "site": self.site, "labels": {}, "agent": "0.1.0", "boot": self.boot, "revision": 1,
                "config": "00000000", "nonce": f"{self.rng.getrandbits(64):016x}", "contract": self.hash(), "sensors": []}
        if with_contract:
            self.tell_contract(due)
        self.say(due, "birth", json.dumps(body).encode(), event=("birth", self.boot, self.hash()))

    def tell_contract(self, due):
        text, known = self.swarm.contracts[self.variant]
        self.say(due, f"contract/{known}", text.encode(), event=("contract", known))

    def status(self, due, wm, seq=None):
        seq = self.seq if seq is None else seq
        body = {"state": "online", "boot": self.boot, "seq": seq, "wm": wm}
        self.say(due, "status", json.dumps(body).encode(), event=("status", self.boot, seq, wm))

    def send(self, due, part, times=1):
        """A new message of this boot."""
        self.seq += 1
        part.seq = self.seq
        for i in range(times):
            self.lines.append((due + i * self.rng.uniform(0, 3 * self.swarm.wl), ("p", part)))

    # --- samples ---

    def window(self, w0, slots=range(SLOTS), flags=0, late=False):
        """The part of the samples in @slots. Whole, unless some are missing; @late: of a part that was closed."""
        names, wl, rng = self.swarm.streams[self.variant], self.swarm.wl, self.rng
        step = wl * 1000 // SLOTS
        part = Part(self, w0, self.hash(), flags)
        for name in names:
            m = Metric(0 if late else len(slots), 0)
            good = [s for s in slots if self.swarm.healthy or late or rng.random() > 0.01]
            m.bad = len(slots) - len(good)
            part.metrics[name] = m
            if name == "open":
                self.fill_state(m, slots, step, late)
                continue
            self.level += rng.randint(-40, 40)
            for s in good:
                k = self.level + rng.randint(-30, 30)
                if name == "power":
                    k = rng.choice((0, max(-k * k, -8000000), int(2 ** rng.uniform(0, 22.9)), 5000 + abs(k), 5000 + abs(k), 5000 + abs(k)))
                m.samples.append((s * step + rng.randrange(step), k))
            if name == "flow":
                m.increase = sum(rng.randint(0, 5000) for _ in m.samples)
            elif not late:
                m.held = [(k, step) for _, k in m.samples]
            m.covered = 0 if late else len(good) * step
        return part

    def fill_state(self, m, slots, step, late):
        m.expected = 0
        if late:
            return
        state = self.rng.randint(0, 1)
        for s in slots:
            if self.rng.random() < 0.2:
                state = 1 - state
                m.samples.append((s * step, state))
            m.held.append((state, step))
        m.covered = len(slots) * step

    # --- life ---

    def due(self, end):
        return end + self.rng.uniform(0, self.jitter * self.swarm.wl)

    def plain(self, i, flags=0, at=None):
        """Window @i as it should be; @at: which one the board believes it is."""
        w0 = self.swarm.start(i) if at is None else at
        part = self.window(w0, flags=flags)
        part.wm = w0 + self.swarm.wl
        self.send(self.due(self.swarm.start(i + 1)), part, self.rng.choice((1, 1, 2, 3)) if self.role == "repeating" else 1)

    def restart(self, due):
        self.boot, self.seq = self.boot + self.rng.randint(1, 3), 0
        self.birth(due)
        self.status(due, 0)

    def live(self):
        start = self.swarm.start
        self.birth(start(self.begin) + (0.8 * self.swarm.wl if self.begin > 0 else -1.5), self.role != "unexplained")
        self.status(start(self.begin) + (0.8 * self.swarm.wl if self.begin > 0 else -1.5), 0)
        if self.role == "silent":
            return
        act = getattr(self, "act_" + self.role, None)
        if act:
            act()
        else:
            for i in range(self.begin, self.end):
                self.plain(i)
        if self.role not in ("retiring", "unpromising"):
            self.status(start(self.swarm.n) + self.swarm.wl, self.final_wm())

    def final_wm(self):
        return max((m[1].wm for _, m in self.lines if m[0] == "p" and m[1].boot == self.boot), default=0)

    def span(self, least=1):
        """A stretch of windows somewhere inside."""
        a = self.rng.randint(self.begin + 1, max(self.begin + 1, self.end - least - 2))
        return a, min(self.end - 1, a + self.rng.randint(least, max(least, (self.end - a) // 2)))

    def act_restarting(self):
        """An orderly end in the middle of a window, and a new boot that goes on in it."""
        at, _ = self.span()
        for i in range(self.begin, self.end):
            if i != at:
                self.plain(i)
                continue
            cut, w0 = self.rng.randint(1, SLOTS - 2), self.swarm.start(i)
            part = self.window(w0, range(cut), CUT_END)
            self.send(w0 + 0.5 * self.swarm.wl, part)
            self.status(w0 + 0.5 * self.swarm.wl, w0)
            self.restart(w0 + 0.6 * self.swarm.wl)
            part = self.window(w0, range(cut + 1, SLOTS), CUT_START)
            part.wm = w0 + self.swarm.wl
            self.send(self.due(part.wm), part)

    act_lossy_end = act_lossy_end_asked = act_restarting  # only its status tells that there was a last message

    def act_crashing(self):
        """The open window is lost with the power."""
        at, _ = self.span()
        for i in range(self.begin, self.end):
            if i == at:
                self.restart(self.swarm.start(i) + 0.6 * self.swarm.wl)
                part = self.window(self.swarm.start(i), range(3, SLOTS), CUT_START)
                part.wm = self.swarm.start(i + 1)
                self.send(self.due(part.wm), part)
            else:
                self.plain(i)

    def act_unsynced(self):
        """A boot without a clock: 1970, until it is told."""
        a, b = self.span()
        for i in range(self.begin, self.end):
            if i == a:
                self.restart(self.swarm.start(i) + 0.1)
            if a <= i < b:
                self.plain(i, UNSYNCED, (i - a) * self.swarm.wl)
            else:
                self.plain(i)

    def act_ahead(self):
        """The clock is ahead for a while, is set back, and the same windows come again in a new boot."""
        a, b = self.span(2)
        for i in range(self.begin, self.end):
            if a <= i < b:
                self.plain(i, STEP if i == b - 1 else 0, self.swarm.start(i + 3))
                continue
            if i == b:
                self.restart(self.swarm.start(i) + 0.1)
            self.plain(i)

    def act_in_2099(self):
        a, b = self.span()
        for i in range(self.begin, self.end):
            if i in (a, b):
                self.restart(self.swarm.start(i) + 0.1)
            self.plain(i, 0, YEAR_2099 + i * self.swarm.wl if a <= i < b else None)

    def act_always_2099(self):
        for i in range(self.begin, self.end):
            self.plain(i, 0, YEAR_2099 + i * self.swarm.wl)

    def act_late_samples(self):
        """Some samples miss their window, and come in a second part of it."""
        for i in range(self.begin, self.end):
            part = self.window(self.swarm.start(i), range(SLOTS - 1))
            for m in part.metrics.values():
                m.expected += m.expected > 0
            part.wm = self.swarm.start(i + 1)
            self.send(self.due(part.wm), part)
            if self.rng.random() < 0.5:
                late = self.window(self.swarm.start(i), [SLOTS - 1], late=True)
                late.part, late.wm = 1, part.wm
                self.send(self.due(part.wm) + 0.4 * self.swarm.wl, late)

    def act_changing(self):
        """Another config: two contracts in one life."""
        at, _ = self.span()
        for i in range(self.begin, self.end):
            if i == at:
                self.variant = "small" if self.variant == "full" else "full"
                self.birth(self.swarm.start(i) + 0.5 * self.swarm.wl)
            self.plain(i)

    def act_unexplained(self):
        """The contract comes long after the first partials."""
        for i in range(self.begin, self.end):
            self.plain(i)
        self.tell_contract(self.swarm.start(min(self.end, self.begin + 3)) + 0.5 * self.swarm.wl)

    def act_contradicting(self):
        """Some keys come again with other samples."""
        for i in range(self.begin, self.end):
            self.plain(i)
            if self.rng.random() < 0.3:
                first = self.lines[-1][1][1]
                other = self.window(first.w0)
                other.wm, other.seq = first.wm, first.seq
                self.lines.append((self.lines[-1][0] + 0.1 * self.swarm.wl, ("p", other)))

    def act_twin(self):
        """Two boards with one name and one boot number: of each key the one that comes first counts."""
        for i in range(self.begin, self.end):
            self.plain(i)
            first = self.lines[-1][1][1]
            other = self.window(first.w0)
            other.wm, other.seq = first.wm, first.seq
            self.lines.append((self.due(self.swarm.start(i + 1)), ("p", other)))

    def act_stranger_twin(self):
        """Two boards with one name that started at different times: nothing tells them from one that restarts."""
        for i in range(self.begin, self.end):
            self.plain(i)
            seq, self.seq, self.boot = self.seq, self.seq + 3, self.boot + 7
            part = self.window(self.swarm.start(i))
            part.wm, part.seq = self.swarm.start(i + 1), i + 1 - self.begin
            self.lines.append((self.due(part.wm), ("p", part)))
            self.seq, self.boot = seq, self.boot - 7
        self.boot += 7

    def act_garbling(self):
        """Random bytes, and halves of messages, among good ones."""
        for i in range(self.begin, self.end):
            self.plain(i)
            junk = self.rng.randbytes(self.rng.choice((0, 1, 7, 200, 3000)))
            self.say(self.due(self.swarm.start(i + 1)), "partial", junk, 0, event=("junk",))
            self.say(self.due(self.swarm.start(i + 1)), "status", junk[:50] or b"{", 0, event=("junk",))

    def act_retiring(self):
        for i in range(self.begin, self.end):
            self.plain(i)
        self.say(self.swarm.start(self.end) + 0.9 * self.swarm.wl, "birth", b"", event=("retire",))

    def act_returning(self):
        """Retired, and back after a while."""
        self.act_retiring()
        back = min(self.end + 3, self.swarm.n - 1)
        self.restart(self.swarm.start(back) + 0.8 * self.swarm.wl)
        for i in range(back, self.swarm.n):
            self.plain(i)


# Roles by site: (role, weight).
ROLES = {
    "north": [("steady", 30), ("repeating", 12), ("offline", 12), ("reordered", 12), ("restarting", 6), ("crashing", 6), ("unsynced", 4),
              ("ahead", 3), ("in_2099", 3), ("late_samples", 8), ("changing", 4), ("unexplained", 3), ("contradicting", 4), ("twin", 3),
              ("stranger_twin", 2), ("garbling", 4), ("newcomer", 5), ("retiring", 4), ("returning", 3), ("unpromising", 4)],
    "west": [("steady", 10), ("lossy_asked", 8), ("lossy_end_asked", 3), ("repeating", 2), ("restarting", 2)],
    "south": [("steady", 12), ("lossy", 10), ("lossy_end", 3), ("always_2099", 2), ("silent", 2), ("stranger", 2), ("garbling", 2), ("retiring", 2),
              ("late_samples", 3)],
}


class Swarm:
    def __init__(self, seed, n_devices, n_windows, wl, t0, healthy=False):
        self.seed, self.n, self.wl, self.t0, self.healthy = seed, n_windows, wl, t0, healthy
        full = ["temp", "power", "flow", "open"]
        self.streams = {"full": full, "small": ["temp"], "strange": ["temp"]}
        self.slots, self.n_devices, period_ms = SLOTS, n_devices, wl * 1000 // SLOTS
        self.contracts = {"full": contract_of(wl, full, period_ms), "small": contract_of(wl, ["temp"], period_ms),
                          "strange": contract_of(wl, ["temp"], period_ms, 0.1)}
        self.lines = []  # (due, message), in order
        self.lost = []  # parts that nobody will ever see
        for i in range(n_devices):
            self.add_device(i)
        self.lines.sort(key=lambda line: line[0])

    def start(self, i):
        return self.t0 + i * self.wl

    def add_device(self, i):
        rng = random.Random(f"{self.seed} device {i}")
        site = "north" if self.healthy else ("north", "north", "north", "west", "south")[i % 5]
        roles = list(ROLES[site])
        role = "steady" if self.healthy else rng.choices([r for r, _ in roles], [w for _, w in roles])[0]
        if not self.healthy and i < 5 * len(ROLES["north"]):  # each role at least once, where there are enough devices
            role = roles[(i // 5 * 3 + i % 5 if site == "north" else i // 5) % len(roles)][0]
        device = Device(self, site, f"board-{i:04}", role)
        device.live()
        self.lines += self.disturb(device, rng)

    def disturb(self, device, rng):
        """What the way to the broker does to the messages."""
        lines, a, b = sorted(device.lines, key=lambda line: line[0]), 0, 0
        if device.role == "offline":
            a = rng.randint(1, max(1, self.n - 3))
            b = a + rng.randint(1, 5)
        out = []
        for due, message in lines:
            is_part = message[0] == "p"
            if device.role == "offline" and self.start(a) <= due < self.start(b):
                due = self.start(b) + (due - self.start(a)) * 0.01
            if device.role == "reordered" and is_part and rng.random() < 0.4:
                due += rng.uniform(0, 3 * self.wl)
            last_words = device.role.startswith("lossy_end") and is_part and message[1].flags & CUT_END
            if last_words or device.role in ("lossy", "lossy_asked") and is_part and rng.random() < 0.15:
                if device.role in ("lossy", "lossy_end"):
                    self.lost.append(message[1])
                    continue
                due = -1
            out.append((due, message))
        return out


def script(swarm, out):
    """Writes the lines for feed.c. @return the messages by line number"""
    index = []
    for text, known in swarm.contracts.values():
        out.write(f"C {known} {text}\n")
        index.append(None)
    for due, message in swarm.lines:
        due_ms = -1 if due == -1 else int(due * 1000)
        if message[0] == "m":
            _, retain, topic, payload, _ = message
            out.write(f"{due_ms} m {retain} {topic} {payload.hex() or '-'}\n")
        else:
            out.write(f"{due_ms} p {part_text(swarm, message[1])}\n")
        index.append(message)
    return index


def part_text(swarm, p):
    words = [f"runnel/1/{p.site}/{p.device}/partial", p.contract, p.site, p.device, p.boot, p.seq, p.w0, swarm.wl, p.part, p.flags, p.wm,
             len(p.metrics)]
    for i, m in enumerate(p.metrics.values()):
        words += [i, m.expected, m.covered, m.bad, m.increase, 0, len(m.samples)]
        words += [w for sample in m.samples for w in sample]
        words.append(len(m.held))
        words += [w for held in m.held for w in held]
    return " ".join(map(str, words))
