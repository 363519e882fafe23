# SPDX-License-Identifier: Apache-2.0
"""Recorded sensor networks as a swarm: each packet that arrived is a message of its mote, with the number the mote gave it. So what the radio
lost are gaps, what it repeated are duplicates, a mote that began again is a new boot, and what a dying battery measured is measured.
"""
import csv
from decimal import ROUND_HALF_UP, Decimal

from plan import Device, Metric, Part, contract_of, Swarm


def quanta(text, reference):
    """round((x - K) / 0.01), half away from zero."""
    return int(((Decimal(text) - reference) * 100).quantize(Decimal(1), ROUND_HALF_UP))


class Mote(Device):
    def __init__(self, swarm, name):
        super().__init__(swarm, "recorded", name, "recorded")
        self.variant, self.boot, self.came = "recorded", 1, {}

    def packet(self, order, row):
        at_ms, number = int(row["arrival_ms"]), int(row["seq"]) + 1
        values = (quanta(row["temp_c"], 20), quanta(row["humidity_pct"], 50))
        known = self.came.get(number)
        if known and known[0] != values and number < self.seq:
            self.boot, self.seq, self.came, known = self.boot + 1, 0, {}, None  # its numbers begin again
            self.birth(order)
        if not known:
            known = self.came[number] = values, self.part(at_ms, number, values)
        self.seq = max(self.seq, number)
        self.lines.append((order, ("p", known[1])))

    def part(self, at_ms, number, values):
        wl = self.swarm.wl
        w0 = at_ms // 1000 // wl * wl
        part = Part(self, w0, self.hash())
        part.seq, part.wm = number, w0
        part.part = self.swarm.next_part(self, w0)
        for name, k in zip(("temp", "humid"), values):
            m = part.metrics[name] = Metric(1, wl * 1000)
            m.samples, m.held = [(at_ms - w0 * 1000, k)], [(k, wl * 1000)]
        return part


class Recorded(Swarm):
    """@file: one of the ULB networks. Lines are due in the order in which the packets arrived, as fast as possible."""

    def __init__(self, file, wl):
        self.wl, self.seed, self.healthy, self.slots, self.n = wl, file, False, 1, 0
        self.streams = {"recorded": ["temp", "humid"]}
        self.contracts = {"recorded": contract_of(wl, ["temp", "humid"], wl * 1000)}
        self.n_parts, self.lost, motes = {}, [], {}
        with open(file, encoding="ascii") as f:
            rows = list(csv.DictReader(f))
        for row in rows:
            if row["node"] not in motes:
                mote = motes[row["node"]] = Mote(self, f"mote-{row['node']}")
                mote.birth(0)
        for order, row in enumerate(rows, 1):
            motes[row["node"]].packet(order, row)
        for mote in list(motes.values())[::2]:
            mote.status(len(rows) + 1, max(p.wm for _, p in mote.came.values()) + wl)
        self.n_devices = len(motes)
        self.lines = sorted((line for mote in motes.values() for line in mote.lines), key=lambda line: line[0])

    def next_part(self, mote, w0):
        key = mote.name, mote.boot, w0
        self.n_parts[key] = self.n_parts.get(key, -1) + 1
        return self.n_parts[key]
