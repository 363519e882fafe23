# SPDX-License-Identifier: Apache-2.0
# The operators of `bench_operators run` against the same arithmetic in SciPy: to 1e-9 of the greatest value, unless said.
import csv
import os
import subprocess
import sys

import numpy as np
from scipy import signal, stats

program, data = sys.argv[1], sys.argv[2]
failures = checks = 0


def run(name, options, x, hz=1000.0, unit="[g]"):
    text = "".join("%.17g\n" % v for v in x)
    out = subprocess.run([program, "run", name, options, repr(hz), unit], input=text, capture_output=True, text=True, check=True)
    rows = [line.split() for line in out.stdout.splitlines()]
    return np.array([float(r[1]) for r in rows])


def compare(what, found, expected, tolerance=1e-9):
    global failures, checks
    checks += 1
    found, expected = np.asarray(found), np.asarray(expected, dtype=float)
    if found.shape != expected.shape:
        print(f"{what}: {found.shape} results, expected {expected.shape}")
        failures += 1
        return
    if (np.isnan(found) != np.isnan(expected)).any() or np.isnan(expected).all():
        print(f"{what}: gaps at other places")
        failures += 1
        return
    error = np.nanmax(np.abs(found - expected)) / max(np.nanmax(np.abs(expected)), 1e-6)
    if not error <= tolerance:
        print(f"{what}: off by {error:.3g} of the greatest value")
        failures += 1


def filters(label, x, hz):
    for order in (1, 2, 3, 4, 7, 16):
        for kind in ("low", "high"):
            # SciPy's own cascade is a chain of pairs too; from a fiftieth of the rate on both keep their digits.
            sos = signal.butter(order, 0.05 * hz, kind, fs=hz, output="sos")
            y, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
            compare(f"{label}: butterworth {kind} {order}", run("biquad", f"type={kind}_pass frequency={0.05 * hz!r} order={order} rate={hz!r}", x, hz), y)
    for kind in ("band_pass", "notch"):
        w, q = 2 * np.pi * 0.07, 3.0
        alpha = np.sin(w) / (2 * q)
        b = [alpha, 0, -alpha] if kind == "band_pass" else [1, -2 * np.cos(w), 1]
        a = [1 + alpha, -2 * np.cos(w), 1 - alpha]
        y, _ = signal.lfilter(b, a, x, zi=signal.lfilter_zi(b, a) * x[0])
        compare(f"{label}: {kind}", run("biquad", f"type={kind} frequency={0.07 * hz!r} q={q} rate={hz!r}", x, hz), y)
    for size, order in ((5, 2), (21, 3), (201, 8), (7, 0)):
        for at, position in (("newest", size - 1), ("middle", size // 2)):
            # SciPy solves a Vandermonde system, which has no digits left for 201 values and order 8; then by orthogonal polynomials.
            q, _ = np.linalg.qr(np.polynomial.legendre.legvander(np.linspace(-1, 1, size), order))
            c = signal.savgol_coeffs(size, order, pos=position, use="dot") if size < 100 else q @ q[position]
            y = np.convolve(x, c[::-1], "valid")
            found = run("savitzky_golay", f"size={size} order={order} at={at}", x, hz)
            compare(f"{label}: savitzky_golay {size} {order} {at}", found[len(found) - len(y):], y)
    y, _ = signal.lfilter([0.1], [1, -0.9], x, zi=[0.9 * x[0]])
    compare(f"{label}: exponential", run("exponential", "0.1", x, hz), y)
    share = -np.expm1(-1 / (hz * 0.05))
    y, _ = signal.lfilter([share], [1, share - 1], x, zi=[(1 - share) * x[0]])
    if 1e6 % hz == 0:
        compare(f"{label}: exponential by time", run("exponential", "time_constant=50ms", x, hz), y)
    w = np.array([1, 2, 3, 4.5])
    y = [np.dot(w[-min(i + 1, 4):], x[max(0, i - 3):i + 1]) / w[-min(i + 1, 4):].sum() for i in range(len(x))]
    compare(f"{label}: weighted_average", run("weighted_average", "weights=[1,2,3,4.5]", x, hz), y)
    for factor in (2, 10):
        h = signal.firwin(20 * factor + 1, 1 / factor, window="hamming")
        y = signal.lfilter(h, 1, np.concatenate([np.full(len(h), x[0]), x]))[len(h):][::factor]
        compare(f"{label}: decimate {factor}", run("decimate", str(factor), x, hz), y)
        sos = signal.butter(8, 0.8 / factor, output="sos")
        y, _ = signal.sosfilt(sos, x, zi=signal.sosfilt_zi(sos) * x[0])
        compare(f"{label}: decimate {factor} butterworth", run("decimate", f"factor={factor} filter=butterworth", x, hz), y[::factor], 1e-8)
    low, high = (signal.butter(4, f * hz, k, fs=hz, output="sos") for f, k in ((0.1, "high"), (0.3, "low")))
    smooth = signal.butter(4, 0.02 * hz, fs=hz, output="sos")
    y, _ = signal.sosfilt(low, x, zi=signal.sosfilt_zi(low) * x[0])
    y = np.pi / 2 * np.abs(signal.sosfilt(high, y))
    options = f"low={0.1 * hz!r} high={0.3 * hz!r} smooth={0.02 * hz!r} rate={hz!r}"
    compare(f"{label}: envelope", run("envelope", options, x, hz), signal.sosfilt(smooth, y))


def states(label, x):
    level, trend, ys = x[0], 0.0, [x[0]]
    for i, v in enumerate(x[1:]):
        if i == 0:
            level, trend = v, v - x[0]
        else:
            before, level = level, 0.3 * v + 0.7 * (level + trend)
            trend = 0.1 * (level - before) + 0.9 * trend
        ys.append(level + 5 * trend)
    compare(f"{label}: holt", run("holt", "level=0.3 trend=0.1 ahead=5s", x, 1.0), ys)
    y, p, ys = x[0], 0.5 ** 2, [x[0]]
    for v in x[1:]:
        p += 0.1 ** 2
        gain = p / (p + 0.5 ** 2)
        y, p = y + gain * (v - y), (1 - gain) * p
        ys.append(y)
    compare(f"{label}: kalman", run("kalman", "noise=0.5 drift=0.1", x, 1.0), ys)


def bits(x, low, high, bins):
    counts = np.bincount(np.clip(np.floor((x - low) / (high - low) * bins), 0, bins - 1).astype(int))
    return stats.entropy(counts, base=2)


def crossings(x):
    signs = [False]
    for v in x:
        signs.append(signs[-1] if v == 0 else v < 0)
    return sum(a != b for a, b in zip(signs[1:], signs[2:]))


def features(low, high):
    seconds = lambda x: np.arange(len(x)) / 1000.0
    return {
        "n": len, "sum": np.sum, "min": np.min, "max": np.max, "mean": np.mean, "stddev": lambda x: np.std(x, ddof=1), "range": np.ptp,
        "quantile p=0.95": lambda x: np.quantile(x, 0.95), "quantile p=0.1": lambda x: np.quantile(x, 0.1), "median": np.median,
        "rms": lambda x: np.sqrt(np.mean(x ** 2)), "crest": lambda x: np.max(np.abs(x)) / np.sqrt(np.mean(x ** 2)),
        "kurtosis": lambda x: stats.kurtosis(x, fisher=False), "skewness": stats.skew, "peak_to_peak": np.ptp,
        "zero_crossings": crossings,
        f"entropy low={low!r} high={high!r} bins=12": lambda x: bits(x, low, high, 12),
        "slope": lambda x: stats.linregress(seconds(x), x).slope, "r2": lambda x: stats.linregress(seconds(x), x).rvalue ** 2,
        "duration": lambda x: (len(x) - 1) / 1000.0,
    }


def windows(label, x):
    low, high = float(np.quantile(x, 0.05)), float(np.quantile(x, 0.95))
    tumbled = [x[i:i + 500] for i in range(0, len(x), 500)]
    signed = x.copy()  # where a window slides, a zero has the sign of the value before it, even when that has left
    for i in np.flatnonzero(x[1:] == 0) + 1:
        signed[i] = np.copysign(1e-300, signed[i - 1])
    hopped = [signed[max(0, e - 300):e] for e in range(100, len(x) + 1, 100)]
    slid = [signed[max(0, i - 99):i + 1] for i in range(99, 2000)]
    for option, f in features(low, high).items():
        # A mean that is large beside the deviation costs SciPy digits of its own in third and fourth powers.
        tolerance = 1e-7 if option in ("kurtosis", "skewness", "r2", "slope") else 1e-9
        compare(f"{label}: tumbling {option}", run("tumbling_window", f"length=500ms value={option}", x), [f(w) for w in tumbled], tolerance)
        compare(f"{label}: count {option}", run("count_window", f"size=500 value={option}", x), [f(w) for w in tumbled if len(w) == 500], tolerance)
        compare(f"{label}: hopping {option}", run("hopping_window", f"length=300ms hop=100ms value={option}", x)[:len(hopped)], [f(w) for w in hopped], tolerance)
        for length in ("100", "100ms"):
            compare(f"{label}: sliding {length} {option}", run("sliding_window", f"length={length} value={option}", x[:2000])[-1901:], [f(w) for w in slid], tolerance)


def spectra(label, x, hz):
    size = 1024
    for overlap in (0.5, 0.25):
        noverlap = int(size * overlap)
        blocks = (len(x) - noverlap) // (size - noverlap)
        f, s = signal.welch(x, hz, "hann", size, noverlap)
        df = f[1]
        low, high = float(f[20]), float(f[300])
        options = f"size={size} overlap={overlap} average={blocks} rate={hz!r}"
        band = f"low={low!r} high={high!r} {options}"
        power = np.sum(s[20:301]) * df
        compare(f"{label}: band_power", run("band_power", f"value=power {band}", x, hz), [power])
        compare(f"{label}: band_power rms", run("band_power", band, x, hz), [np.sqrt(power)])
        compare(f"{label}: band_power share", run("band_power", f"value=share {band}", x, hz), [power / (np.sum(s[1:]) * df)])
        compare(f"{label}: centroid", run("spectral_centroid", band, x, hz), [np.sum(f[20:301] * s[20:301]) / np.sum(s[20:301])])
        k = 20 + np.argmax(s[20:301])
        a, b, c = np.log(s[k - 1:k + 2])
        inside = b > a and b >= c
        shift = 0.5 * (a - c) / (a - 2 * b + c) if inside else 0.0
        compare(f"{label}: peak", run("spectral_peak", band, x, hz), [(k + shift) * df])
        height = np.sqrt(3 * s[k] * df) * np.exp(-0.125 * (a - c) * shift)
        compare(f"{label}: peak amplitude", run("spectral_peak", f"value=amplitude {band}", x, hz), [height])
    for size, frequency in ((1000, 0.1234), (20000, 0.0001)):
        if len(x) < size:
            continue
        y = [2 / size * abs(np.sum((x[i:i + size] - x[i]) * np.exp(-2j * np.pi * frequency * np.arange(size)))) for i in range(0, len(x) - size + 1, size)]
        compare(f"{label}: goertzel {size}", run("goertzel", f"frequency={frequency * hz!r} size={size} rate={hz!r}", x, hz), y)


def tone():
    # What the peak must be is known without SciPy: the tone that was made.
    t = np.arange(8192) / 1000.0
    for frequency, amplitude in ((123.4, 2.5), (50.0, 0.01), (301.37, 1e6)):
        x = 7.0 + amplitude * np.sin(2 * np.pi * frequency * t + 0.3)
        compare("tone: frequency", run("spectral_peak", "average=15", x), [frequency], 0.02 * 1000 / 1024 / frequency)
        compare("tone: amplitude", run("spectral_peak", "value=amplitude average=15", x), [amplitude], 0.03)
        compare("tone: rms", run("band_power", "average=15", x), [amplitude / np.sqrt(2)], 0.01)
    x = 3.0 * np.sin(2 * np.pi * 200 * t) * (1 + 0.5 * np.sin(2 * np.pi * 12 * t))
    y = run("envelope", "low=120 high=280 smooth=40", x)[2000:]
    compare("tone: envelope", [y.max(), y.min(), y.mean()], [4.5, 1.5, 3.0], 0.03)


def bearing(x):
    # 5.415 x 1797 rpm / 60: what a ball meets the inner race's damage with.
    y = run("envelope", "low=2000 high=5000 smooth=600 rate=12000", x, 12000.0)
    peak = run("spectral_peak", "low=100 high=220 size=8192 average=20 rate=12000", y, 12000.0)
    compare("bearing: frequency of the envelope", peak, [162.2], 1.0 / 162.2)
    share = run("band_power", "value=share low=160 high=164 size=8192 average=20 rate=12000", y, 12000.0)
    raw = run("band_power", "value=share low=160 high=164 size=8192 average=20 rate=12000", x, 12000.0)
    if not (share[0] > 0.1 > 0.01 > raw[0]):
        print(f"bearing: share of the envelope {share}, of the signal itself {raw}")
        global failures
        failures += 1


random = np.random.default_rng(20251121)
made = 3.0 + 0.001 * np.arange(20400) + random.standard_normal(20400) + np.sin(np.arange(20400) * 0.4)
filters("made", made[:6000], 1000.0)
filters("made, 12 kHz", made[:6000], 12000.0)
states("made", made[:3000])
windows("made", made[:5200])
windows("made, far from 0", 1e6 + made[:2600])
spectra("made", made, 1000.0)
tone()

path = os.path.join(data, "cwru_inner_race_007_0hp_drive_end_12khz.csv")
if os.path.exists(path):
    with open(path) as lines:
        rows = [r for r in lines.read().split() if not r[0].isalpha()]
    vibration = np.array([float(r) for r in rows])
    filters("bearing", vibration[:6000], 12000.0)
    windows("bearing", vibration[:5200])
    spectra("bearing", vibration, 12000.0)
    bearing(vibration)
path = os.path.join(data, "rpi_2x_bme280_1hz.csv")
if os.path.exists(path):
    with open(path, encoding="utf-8") as lines:
        air = np.array([float(row["t1 (°C)"]) for row in csv.DictReader(lines)])
    states("air", air[:3000])
    windows("air", air[:2600])

print(f"{checks} comparisons, {failures} failed")
sys.exit(failures > 0)
