#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Root mean square of the last N readings without their mean, for operator exec. With NumPy when it is there."""
import collections
import json
import math
import sys

try:
    import numpy
except ImportError:
    numpy = None


def rms(values):
    if numpy is not None:
        return float(numpy.std(numpy.fromiter(values, dtype=float)))
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((x - mean) ** 2 for x in values) / len(values))


def main():
    window = collections.deque(maxlen=int(sys.argv[1]) if len(sys.argv) > 1 else 64)
    for line in sys.stdin:
        sample = json.loads(line)
        window.append(sample["x"])
        # One answer for each, with the same t. Without y: no result; null: a gap.
        print(json.dumps({"t": sample["t"], "y": rms(window)}), flush=True)


main()
