# SPDX-License-Identifier: Apache-2.0
"""The same as agg.awk with numpy: the file in blocks, a window's values in one array."""
import sys

import numpy as np

BLOCK_BYTES = 1 << 20


def blocks(path):
    with open(path, "rb") as f:
        f.readline()
        rest = b""
        while data := f.read(BLOCK_BYTES):
            end = data.rfind(b"\n") + 1
            yield rest + data[:end]
            rest = data[end:]


def tell(window, values):
    print(f"{window * 10},{values.size},{values.mean():.6f},{values.min()},{values.max()}")


window, parts = None, []
for block in blocks(sys.argv[1]):
    cells = np.array(block.replace(b"\n", b",").split(b",")[:-1], dtype=float).reshape(-1, 2)
    numbers = (cells[:, 0] // 10).astype(np.int64)
    for begin, end in zip(
        starts := np.flatnonzero(np.diff(numbers, prepend=-1)), [*starts[1:], numbers.size]
    ):
        if numbers[begin] != window and parts:
            tell(window, np.concatenate(parts))
            parts = []
        window = numbers[begin]
        parts.append(cells[begin:end, 1])
tell(window, np.concatenate(parts))
