#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schema_cases.py RUNNEL DIR: configs that are good or bad, each judged by the schema and by `runnel check`."""
import json
import os
import subprocess
import sys

import jsonschema
import yaml

runnel, work = sys.argv[1:]
failures = []


def run(*arguments):
    return subprocess.run([runnel, *arguments], capture_output=True, text=True, cwd=work)


def ask(*arguments):
    answer = run(*arguments)
    if answer.returncode != 0:
        sys.exit(f"runnel {' '.join(arguments)}: status {answer.returncode}: {answer.stderr}")
    return answer.stdout


schema = json.loads(ask("schema"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)


def judge(name, text, is_good):
    path = os.path.join(work, "case.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    errors = [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(yaml.safe_load(text))]
    check = run("check", path)
    if bool(errors) == is_good:
        failures.append(f"{name}: the schema {'refuses' if errors else 'accepts'} it: {errors[:3]}")
    if check.returncode != (0 if is_good else 78):
        failures.append(f"{name}: runnel check says {check.returncode}: {check.stdout}{check.stderr}")


drivers = json.loads(ask("drivers", "--json"))
operators = json.loads(ask("operators", "--json"))

# --- good ones ---
with open(os.path.join(work, "readings.csv"), "w", encoding="utf-8") as f:
    f.write("time,temperature\n1763700000,21.5\n")

GOOD = {
    "the demo": ask("demo", "--config"),
    "sections": """
device: greenhouse-07
site: delft
labels: {line: a, floor: 3}
revision: 12
window: 1m
mqtt: {broker: "mqtts://broker.example:8883", prefix: runnel/1, username: agent, password_file: /etc/p, keepalive: 30s}
spool: {path: /tmp/spool.db, max_size: 64MiB}
sensors:
  air: {driver: sim, unit: Cel, offset: 21, every: 250ms, seed: 0x10, limits: {value: -10..40}, max_step: {value: 2.5}, frozen_after: 1h}
  door: {driver: sim, shape: square, unit: 1}
streams:
  temp:
    from: air.value
    through: [{median: 5}, {moving_average: 10s}, {scale: {factor: 1.8, offset: 32, unit: "[degF]"}}]
    quantiles: true
    window: 60s
    quantum: 0.1
    reference: -3
    hold: 10s
  hot: {from: temp, through: [threshold: {above: 28, clear: 27, for: 10s}], event: true}
  both: {from: [air.value, air.value], through: [combine: difference], publish: false}
  door: {from: door.value, through: scale}
actions:
  alarm: {when: hot, driver: gpio-output, chip: gpiochip0, line: 22}
  fan: {when: hot, driver: gpio-output, chip: gpiochip0, line: FAN, active: low, safe: on, min_on: 1m, max_on: 1h, on_missing: hold}
kpis:
  short: time_mean(hot)
  long: {value: "quantile(temp, 0.95)", unit: "[degF]", window: 15m}
""",
    "empty sections": "sensors:\nstreams:\nkpis:\n",
    "nothing but a name": "device: a\n",
}
for kind in drivers["drivers"] + drivers["outputs"] + operators["operators"]:
    GOOD[f"example of {kind['name']}"] = kind["example"]
for name, text in GOOD.items():
    judge(name, text, True)

# --- bad ones: BASE is good, and each case spoils one thing ---
BASE = """
window: 5s
spool: {max_size: 1MiB}
sensors:
  air: {driver: sim, unit: Cel, every: 1s}
streams:
  temp: {from: air.value, through: [median: 5], publish: true}
  hot: {from: air.value, through: [threshold: 28]}
actions:
  lamp: {when: hot, driver: gpio-output, chip: gpiochip0, line: 22, safe: off}
kpis:
  k: {value: mean(temp)}
"""
BAD = {
    "an unknown section": ("sensors:", "sensor:"),
    "a window of 7s": ("window: 5s", "window: 7s"),
    "a size that is none": ("1MiB", "much"),
    "a name with a dash": ("  air:", "  the-air:"),
    "an unknown driver": ("driver: sim", "driver: sin"),
    "no driver": ("driver: sim, ", ""),
    "an option of another driver": ("unit: Cel", "interface: eth0"),
    "a missing required option": ("driver: sim, unit: Cel", "driver: csv"),
    "a choice there is not": ("unit: Cel", "shape: round"),
    "an unknown unit": ("unit: Cel", "unit: C"),
    "a duration without unit": ("every: 1s", "every: 5"),
    "a number for a text of choices": ("unit: Cel", "noise: loud"),
    "no input": ("from: air.value, ", ""),
    "seventeen inputs": ("from: air.value", "from: [" + ", ".join(["air.value"] * 17) + "]"),
    "an unknown option of a stream": ("publish: true", "published: true"),
    "maybe": ("publish: true", "publish: maybe"),
    "an unknown operator": ("median: 5", "mean: 5"),
    "an operator without its required option": ("median: 5", "median"),
    "two operators in one map": ("[median: 5]", "[{median: 5, scale: 2}]"),
    "an option an operator does not have": ("median: 5", "median: {size: 5, length: 3}"),
    "a median of nothing": ("median: 5", "median: 0"),
    "a span that is none": ("median: 5", "moving_average: long"),
    "operators as a map": ("[median: 5]", "{median: 5}"),
    "an action without a state": ("when: hot, ", ""),
    "an action without a driver": ("driver: gpio-output, ", ""),
    "an action that reads": ("driver: gpio-output", "driver: gpio-input"),
    "an action without its line": (", line: 22", ""),
    "an option no action has": ("safe: off", "safety: off"),
    "a safe state there is not": ("safe: off", "safe: maybe"),
    "a KPI without expression": ("{value: mean(temp)}", "{unit: Cel}"),
    "a KPI that is a list": ("{value: mean(temp)}", "[mean(temp)]"),
    "a device with a blank": ("window: 5s", "device: my board"),
    "a list as the config": (BASE, "- a\n"),
}
judge("the base of the bad ones", BASE, True)
for name, (good, bad) in BAD.items():
    if good not in BASE:
        failures.append(f"{name}: '{good}' is not in the base")
    judge(name, BASE.replace(good, bad), False)

# --- an editor completes every option, and only those ---
for rule in schema["definitions"]["sensor"]["allOf"]:
    name = rule["if"]["properties"]["driver"]["const"]
    driver = next(d for d in drivers["drivers"] if d["name"] == name)
    wanted = {o["name"] for o in driver["options"] + drivers["common_options"]}
    if set(rule["then"]["properties"]) != wanted:
        failures.append(f"driver {name}: the schema has {set(rule['then']['properties'])}, the table {wanted}")
in_schema = {rule["if"]["properties"]["driver"]["const"] for rule in schema["definitions"]["sensor"]["allOf"]}
if in_schema != {d["name"] for d in drivers["drivers"]}:
    failures.append(f"drivers in the schema: {in_schema}")
in_schema = set(schema["definitions"]["operator"]["anyOf"][1]["properties"])
if in_schema != {o["name"] for o in operators["operators"]}:
    failures.append(f"operators in the schema: {in_schema}")
in_schema = set(schema["definitions"]["stream"]["properties"]) - {"from", "through"}
if in_schema != {o["name"] for o in operators["stream_options"]}:
    failures.append(f"options of streams in the schema: {in_schema}")

print("\n".join(failures) or f"{len(GOOD) + 1} good and {len(BAD)} bad configs judged alike")
sys.exit(bool(failures))
