# SPDX-License-Identifier: Apache-2.0
"""What must have arrived, computed from the recording the agents read and from nothing that they say.

Every start of an agent reads rows of its own, one after the other, none left out: row r has the columns of columns(r), and no two starts
of any agent share a row. So what windows hold can be recomputed from the rows between their first and their last
reading, and that nothing is lost and nothing doubled is that these ranges follow each other without a gap.
"""
import collections

ROWS_A_START = 4000
EVERY_S = 0.05
BLOCK = 7  # rows until the next event


def columns(r):
    """row, a scattered number, a meter, and a level that crosses zero every BLOCK rows and says at which row"""
    return r, r * 7919 % 1009 - 300, 3 * r, (r + 1) * (1 if r // BLOCK % 2 else -1)


def write_rows(path, start):
    with open(path, "w") as f:
        f.write("time,row,scattered,meter,level\n")
        for r in range(start * ROWS_A_START, (start + 1) * ROWS_A_START):
            f.write("%d,%d,%d,%d,%d\n" % (r, *columns(r)))


class Moments:
    def __init__(self, values):
        self.n, self.s1, self.s2 = len(values), sum(values), sum(v * v for v in values)
        self.min, self.max, self.first, self.last = min(values), max(values), values[0], values[-1]


def same(metric, values, what):
    m, e = Moments(values), metric["exact"]
    got = metric["n"], e["s1"], e["s2"], e["min"], e["max"], e["first"], e["last"]
    want = m.n, m.s1, m.s2, m.min, m.max, m.first, m.last
    assert got == want, (what, "got", got, "expected", want)
    if "sketch" in e:
        assert sum(e["sketch"]["counts"]) + sum(e["sketch"].get("neg_counts", [])) + e["sketch"].get("zero", 0) == m.n, what


class Account:
    """Of one start: the ranges of rows that arrived, in the order of their sequence numbers."""

    def __init__(self, start):
        self.start, self.base = start, start * ROWS_A_START
        self.by_seq, self.next_row, self.last_end, self.n_windows, self.increase = {}, self.base, None, 0, 0
        self.numbers, self.n_merged = collections.defaultdict(set), 0  # by boot: a clock that is set back begins another

    def take(self, p):
        """A partial, as `runnel decode` prints it."""
        metrics = p["metrics"]
        rows, scattered, meter = metrics[0], metrics[1], metrics[2]
        numbers = self.numbers[p["boot"]]
        for number in range(p["seq"] - p.get("span", 0), p["seq"] + 1):
            assert number not in numbers, ("a number twice", p["seq"], p.get("span"))
            numbers.add(number)
        self.n_merged += p.get("span", 0)
        self.increase += meter["exact"].get("increase", 0)
        if rows["n"] == 0:
            return None
        first, last = rows["exact"]["first"], rows["exact"]["last"]
        assert first == self.next_row, ("rows lost or doubled before", first, "expected", self.next_row, "in", p["w0"], p["seq"])
        what = (p["device"], p["boot"], p["seq"])
        same(rows, list(range(first, last + 1)), what)
        same(scattered, [columns(r)[1] for r in range(first, last + 1)], what)
        self.next_row, self.last_end = last + 1, p["w0"] + p["wl"]
        self.n_windows += p["wl"]
        return first, last

    def check_sums(self):
        if self.next_row > self.base:
            assert self.increase == 3 * (self.next_row - 1 - self.base), ("meter", self.increase, self.next_row - self.base)
        for boot, numbers in self.numbers.items():
            assert numbers == set(range(1, len(numbers) + 1)), ("numbers missing", boot, max(numbers), len(numbers))


def events_due(base, end):
    """(event, value) of the rows [base, end); the state before the first row is unknown, and below counts as cleared."""
    due, is_up = [], False
    for r in range(base, end):
        level = columns(r)[3]
        if (level > 0) != is_up:
            is_up = level > 0
            due.append(("raised" if is_up else "cleared", level))
    return due


def fleet(windows):
    """KPIs of windows {(w0, wl): [(first, last), ...]} over all devices, starts and parts."""
    told = collections.defaultdict(dict)
    for (w0, wl), ranges in windows.items():
        rows = [r for first, last in ranges for r in range(first, last + 1)]
        told["rows", w0, wl] = float(len(rows))
        told["sum", w0, wl] = float(sum(rows))
        told["scattered_max", w0, wl] = float(max(columns(r)[1] for r in rows))
        told["scattered_sum", w0, wl] = float(sum(columns(r)[1] for r in rows))
    return dict(told)
