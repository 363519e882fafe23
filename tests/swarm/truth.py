# SPDX-License-Identifier: Apache-2.0
"""What a collector must say of a swarm: from the raw samples, by whole numbers and fractions, and from the order in which messages were
sent. Nothing here comes from the code that merges.

Values are those of correctly rounded arithmetic in the order in which the contract writes its formulas, so they must agree to the last bit.
"""
import json
import math
from fractions import Fraction

from plan import UNSYNCED

FUTURE_S = 600
NO_WM = None
MAX_RUNS = 32  # without a number missing; of a boot that lost more the beginning is forgotten

# --- sketches ---


def exp2_boundary(i):
    """2^(i/32), rounded down to a double: nested square roots of whole numbers, each rounded down, are exact."""
    exponent, j = i >> 5, i & 31
    root = 1 << (j + 52 * 32)
    for _ in range(5):
        root = math.isqrt(root)
    return math.ldexp(root, exponent - 52)


def exp2_index(x):
    """The i with b(i) < x <= b(i+1), b as above: a double above 2^(i/32) rounded down is above 2^(i/32)."""
    i = math.floor(32 * math.log2(x)) + 2
    while exp2_boundary(i) >= x:
        i -= 1
    return i


class Sketch:
    """Counts by index of both signs, in the resolution that merging ends at."""

    def __init__(self):
        self.pos, self.neg, self.zero, self.parts = {}, {}, 0, 0

    @staticmethod
    def shift_of(indices):
        shift = 0
        while indices and (max(indices) >> shift) - (min(indices) >> shift) >= 160:
            shift += 1
        return shift

    def rank(self, p, of_bucket):
        n = sum(self.pos.values()) + sum(self.neg.values()) + self.zero
        rank = max(1, min(n, math.ceil(p * n)))
        shift = max(self.shift_of(self.pos), self.shift_of(self.neg))
        for sign, counts in ((-1, self.neg), (0, {0: self.zero}), (1, self.pos)):
            coarse = {}
            for i, c in counts.items():
                coarse[i >> shift] = coarse.get(i >> shift, 0) + c
            for i in sorted(coarse, reverse=sign < 0):
                rank -= coarse[i]
                if rank <= 0:
                    return sign * of_bucket(i, shift) if sign else 0.0
        return None


def exp2_middle(i, shift):
    lo, hi = exp2_boundary(i << shift), exp2_boundary((i + 1) << shift)
    return 2.0 * lo * hi / (lo + hi)


# --- atoms of one stream over a set of parts ---


class Atoms:
    def __init__(self, name, metrics):
        """@metrics: (w0, Metric)"""
        self.name, self.k0 = name, {"temp": 20, "humid": 50}.get(name, 0)
        self.per = {"flow": 1000, "open": 1}.get(name, 100)
        self.width = {"temp": 10, "humid": 50}.get(name)  # of the buckets of a lin sketch
        self.samples = sorted((w0 * 1000 + t, k) for w0, m in metrics for t, k in m.samples)
        self.n = len(self.samples)
        self.tw = sum(k * ms for _, m in metrics for k, ms in m.held)
        self.tw_ms = sum(ms for _, m in metrics for _, ms in m.held)
        self.covered = sum(m.covered for _, m in metrics)
        self.increase = sum(m.increase for _, m in metrics)

    def exact(self, num, den=1):
        return float((self.k0 * self.per * den + Fraction(num)) / (self.per * den))

    def ks(self):
        return [k for _, k in self.samples]

    def mean(self):
        return self.exact(sum(self.ks()), self.n) if self.n else None

    def total(self):
        return self.exact(sum(self.ks()) + (self.n - 1) * self.k0 * self.per) if self.n else None

    def stddev(self):
        n, s1, s2 = self.n, sum(self.ks()), sum(k * k for k in self.ks())
        return 1 / self.per * math.sqrt(float(n * s2 - s1 * s1) / float(n * (n - 1))) if n > 1 else None

    def highest(self):
        return self.exact(max(self.ks())) if self.n else None

    def rise(self):
        if not self.n:
            return None
        first = min(k for t, k in self.samples if t == self.samples[0][0])
        return self.exact(self.samples[-1][1]) - self.exact(first)

    def time_mean(self):
        return self.exact(self.tw, self.tw_ms) if self.tw_ms else None

    def integral(self):
        return self.exact(self.tw) / 1000.0 if self.tw_ms else None

    def increased(self):
        return float(Fraction(self.increase, self.per)) if self.n else None

    def rate(self):
        return self.increased() * 1000.0 / float(self.covered) if self.n and self.covered else None

    def lin_middle(self, i, shift):
        width = self.width << shift
        return self.exact(i * width + Fraction(width - 1, 2))

    def quantile(self, p):
        if not self.n:
            return None
        s = Sketch()
        for k in self.ks():
            if self.width:
                s.pos[k // self.width] = s.pos.get(k // self.width, 0) + 1
            elif k == 0:
                s.zero += 1
            else:
                counts, i = (s.pos if k > 0 else s.neg), exp2_index(abs(k) * 0.01)
                counts[i] = counts.get(i, 0) + 1
        x = s.rank(p, self.lin_middle if self.width else exp2_middle)
        return min(max(x, self.exact(min(self.ks()))), self.exact(max(self.ks())))


def over(x, y):
    return None if x is None or y is None else x / y


def times(c, x):
    return None if x is None else c * x


KPIS = {  # streams, and the value of their atoms
    "temp_mean": (["temp"], lambda t: t.mean()),
    "temp_p95": (["temp"], lambda t: t.quantile(0.95)),
    "temp_sd": (["temp"], lambda t: t.stddev()),
    "temp_max": (["temp"], lambda t: t.highest()),
    "temp_time": (["temp"], lambda t: t.time_mean()),
    "temp_rise": (["temp"], lambda t: t.rise()),
    "humid_mean": (["humid"], lambda h: h.mean()),
    "humid_p50": (["humid"], lambda h: h.quantile(0.5)),
    "power_p50": (["power"], lambda p: p.quantile(0.5)),
    "energy": (["power"], lambda p: over(p.integral(), 3600.0)),
    "power_each": (["power", "temp"], lambda p, t: over(p.total(), float(t.n))),
    "litres": (["flow"], lambda f: f.increased()),
    "flow_rate": (["flow"], lambda f: f.rate()),
    "open": (["open"], lambda o: times(100.0, o.time_mean())),
}


# --- devices, as their messages tell of them ---


class Boot:
    def __init__(self):
        self.seqs, self.promise, self.known_runs = {}, None, None

    def wm(self):
        """Of what came; a status counts if all it tells of has come before or at its number."""
        marks = [wm for wm in self.seqs.values() if wm is not NO_WM]
        if self.promise and (self.promise[0] == 0 or self.promise[0] in self.seqs):
            marks.append(self.promise[1])
        return max(marks, default=0)

    def runs(self):
        """(first, last, the first watermark, the highest one) without a number missing. Computed when all messages have come."""
        if self.known_runs is None:
            runs = []
            for seq, wm in sorted(self.seqs.items()):
                if not runs or seq != runs[-1][1] + 1:
                    runs.append([seq, seq, NO_WM, 0])
                run = runs[-1]
                run[1] = seq
                run[2] = wm if run[2] is NO_WM else run[2]
                run[3] = max(run[3], wm or 0, self.promise[1] if self.promise and self.promise[0] == seq else 0)
            self.known_runs = runs[-MAX_RUNS:]
        return self.known_runs

    def hides(self, w0, end):
        """Whether a number that did not come may hold data of the window: made before a watermark is past it, and not before one that begins it."""
        before, last = 0, 0
        for first, until, wm, highest in self.runs():
            if first > last + 1 and before < end and (wm is NO_WM or wm >= w0):
                return True
            before, last = highest, until
        return bool(self.promise and self.promise[0] > last and before < end and self.promise[1] >= w0)


class Board:
    def __init__(self):
        self.born = self.retired = False
        self.current, self.expected_from = None, 0
        self.contracts, self.boots, self.waiting = set(), {}, []

    def boot(self, number):
        return self.boots.setdefault(number, Boot())

    def complete(self, w0, end):
        if self.retired:
            return True
        newest = self.boots[max(self.boots)].wm() if self.boots else 0
        return newest >= end and not any(b.hides(w0, end) for b in self.boots.values())


class Site:
    def __init__(self):
        self.boards, self.front = {}, 0
        self.parts = {}  # key -> Part, the first that came


class Truth:
    def __init__(self, swarm):
        self.swarm, self.sites, self.counts = swarm, {}, dict.fromkeys(
            ("bad", "unsynced", "future", "duplicates", "conflicts", "merged"), 0)
        self.variants = {h: (v, swarm.streams[v]) for v, (_, h) in swarm.contracts.items()}

    def take(self, message, now):
        if message[0] == "p":
            self.partial(message[1], now)
            return
        _, _, topic, _, event = message
        _, _, site, name = topic.split("/")[:4]
        if event[0] == "junk":
            self.counts["bad"] += 1
            return
        s = self.sites.setdefault(site, Site())
        b = s.boards.setdefault(name, Board())
        getattr(self, "take_" + event[0])(s, b, *event[1:], now)

    def take_birth(self, s, b, boot, contract, now):
        if not b.born:
            b.expected_from = s.front
        b.born, b.retired, b.current = True, False, contract
        b.boot(boot)

    def take_retire(self, s, b, now):
        b.born, b.retired = False, True

    def take_contract(self, s, b, contract, now):
        b.contracts.add(contract)
        waiting, b.waiting = b.waiting, []
        for part in waiting:
            self.partial(part, now)

    def take_status(self, s, b, boot, seq, wm, now):
        known = b.boot(boot)
        if wm > now + FUTURE_S:
            return  # nothing is believed of a clock that is wrong
        if known.promise is None or (seq, wm) > known.promise:
            known.promise = (seq, wm)
        s.front = max(s.front, wm)

    def partial(self, p, now):
        s = self.sites.setdefault(p.site, Site())
        b = s.boards.setdefault(p.device, Board())
        if p.flags & UNSYNCED or p.w0 > now + FUTURE_S:
            self.counts["unsynced" if p.flags & UNSYNCED else "future"] += 1
            b.boot(p.boot).seqs.setdefault(p.seq, NO_WM)
            return
        if p.contract not in b.contracts:
            b.waiting.append(p)
            return
        first = s.parts.setdefault(p.key(), p)
        if first is p and not hasattr(p, "came"):
            p.came = True
            self.counts["merged"] += 1
            self.define(s, p)
        else:
            self.counts["duplicates" if first is p else "conflicts"] += 1
        seqs = b.boot(p.boot).seqs
        seqs.setdefault(p.seq, p.wm)
        s.front = max(s.front, p.wm)

    @staticmethod
    def define(s, p):
        """Most boards of each site agree on what a name means; the few strange ones are merged apart."""
        p.metrics_merged = {} if p.variant == "strange" else p.metrics

    # --- fleet KPIs ---

    def rows(self):
        """(site, name, w0, wl) -> what must be told."""
        out = {}
        texts = [json.loads(text) for text, _ in self.swarm.contracts.values()]
        kpi_wl = {k["name"]: k["window"] for text in texts for k in text["kpis"]}
        for site, s in self.sites.items():
            for name, wl in kpi_wl.items():
                streams, value = KPIS[name]
                by_row = {}
                for p in s.parts.values():
                    if any(n in p.metrics_merged for n in streams):
                        by_row.setdefault(p.w0 - p.w0 % wl, []).append(p)
                for w0, parts in by_row.items():
                    if w0 + wl <= s.front:
                        out[site, name, w0, wl] = self.row(s, streams, value, w0, wl, parts)
        return out

    def expects(self, b, streams, w0, wl):
        return (b.born and b.current in b.contracts and w0 + wl > b.expected_from and self.variants[b.current][0] != "strange" and
                all(n in self.variants[b.current][1] for n in streams))

    def row(self, s, streams, value, w0, wl, parts):
        reported = {p.device for p in parts}
        planned = {d for d, b in s.boards.items() if self.expects(b, streams, w0, wl)}
        expected_devices = planned | reported
        row = {"n": 0, "expected": 0, "coverage": 1.0}
        atoms = []
        for name in streams:
            metrics = [(p.w0, p.metrics_merged[name]) for p in parts if name in p.metrics_merged]
            atoms.append(Atoms(name, metrics))
            row["n"] += atoms[-1].n
            row["expected"] += self.due(name, wl, parts, expected_devices, planned)
            due_ms = len(expected_devices) * wl * 1000
            row["coverage"] = min(row["coverage"], atoms[-1].covered / due_ms)
        row["value"] = value(*atoms)
        row["devices"], row["expected_devices"] = len(reported), len(expected_devices)
        row["complete_devices"] = sum(s.boards[d].complete(w0, w0 + wl) for d in expected_devices)
        row["state"] = "COMPLETE" if row["complete_devices"] == row["expected_devices"] else "PROVISIONAL"
        return row

    def due(self, name, wl, parts, devices, planned):
        """Of each device what its parts say, or a whole window's, if that is more and it is expected."""
        told = dict.fromkeys(devices, 0)
        for p in parts:
            if name in p.metrics_merged:
                told[p.device] += p.metrics_merged[name].expected
        nominal = 0 if name == "open" else wl * self.swarm.slots // self.swarm.wl
        return sum(max(n, nominal if d in planned else 0) for d, n in told.items())


def differences(truth_rows, told):
    """Texts, one for each thing that is not as it should be. @told: the last line of each row."""
    for key in sorted(truth_rows.keys() - told.keys()):
        yield f"{key}: was not told; should be {truth_rows[key]}"
    for key in sorted(told.keys() - truth_rows.keys()):
        yield f"{key}: was told, and should not be: {told[key]}"
    for key in sorted(truth_rows.keys() & told.keys()):
        true, said = truth_rows[key], told[key]
        wrong = {f: (said[f], true[f]) for f in true if said[f] != true[f]}
        if wrong:
            yield f"{key}: said, true: {wrong}"
