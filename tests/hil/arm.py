#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots a machine that arm.sh has made a guest for, changes its sensor from outside, and judges what reaches a broker."""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from rig import Base, decode, say, until

USB = ["-device", "usb-net,netdev=n0"]
SENSOR = ["-device", "tmp105,id=it,bus=i2c-bus.1,address=0x48"]
PI_MODULES = "i2c-bcm2835,i2c-dev,phy-generic,dwc2,cdc_ether"
# QEMU's options, the console, modules, how to end, words of the kernel for what QEMU does not have
MACHINES = {
    "arm64": (["-accel", "tcg", "-M", "virt", "-cpu", "cortex-a53", "-m", "512", "-device", "virtio-net-pci,netdev=n0,romfile="],
              "ttyAMA0", "virtio_pci,virtio_net", "poweroff+-f", ""),
    "raspi3b": (["-accel", "tcg,thread=single", "-M", "raspi3b"] + USB + SENSOR, "ttyS1,115200", PI_MODULES, "reboot+-f", ""),
    # Its timer misses a time that has come before it was set, so time must not pass between two instructions.
    "raspi0": (["-accel", "tcg", "-icount", "shift=3", "-M", "raspi0"] + USB + SENSOR, "ttyAMA0", PI_MODULES, "reboot+-f", "initcall_blacklist=bcm2835_power_driver_init"),
}


class Machine:
    def __init__(self, rig, o):
        self.rig, self.name, self.said = rig, o.machine, []
        machine, console, modules, off, words = MACHINES[o.machine]
        is_pi = o.machine != "arm64"
        uarts = ["-serial", "null", "-serial", "stdio"] if console.startswith("ttyS1") else ["-serial", "stdio"]
        self.monitor_path = os.path.join(rig.work, "qmp")
        self.process = subprocess.Popen(
            [o.qemu] + machine + ["-nographic", "-no-reboot", "-nodefaults", "-monitor", "none", "-kernel", o.kit + "/vmlinuz", "-initrd", o.initrd,
             "-append", "console=%s quiet panic=-1 runnel.now=%d runnel.modules=%s runnel.off=%s %s" % (console, time.time(), modules, off, words),
             "-netdev", "user,id=n0", "-qmp", "unix:%s,server=on,wait=off" % self.monitor_path] + uarts +
            (["-dtb", o.kit + "/board.dtb"] if is_pi else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.said.append(line.rstrip())

    def has_said(self, what):
        return any(what in line for line in self.said)  # what the host wrote may be echoed before it

    def warm(self, millidegrees):
        with socket.socket(socket.AF_UNIX) as s:
            until(30, "the monitor", lambda: s.connect_ex(self.monitor_path) == 0)
            f = s.makefile("rw")
            f.readline()
            for command in ({"execute": "qmp_capabilities"},
                            {"execute": "qom-set", "arguments": {"path": "/machine/peripheral/it", "property": "temperature", "value": millidegrees}}):
                f.write(json.dumps(command) + "\n")
                f.flush()
                answer = json.loads(f.readline())
                assert "return" in answer, answer

    def end(self):
        self.process.stdin.write("end\n")
        self.process.stdin.flush()
        until(60, "the agent to end", lambda: self.has_said("HIL end"))  # the Pis cannot switch themselves off

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def values(rig, name, what):
    """Of a stream, as its contract says."""
    contracts = [json.loads(m) for t, _, m in rig.recorder.messages if "/contract/" in t]
    rule = next((m for c in contracts for m in c["metrics"] if m["name"] == name + "@1"), None)
    found = [m for p in decode(rig.partials()) for m in p["metrics"] if rule and m["id"] == rule["id"] and m["n"]]
    return [round(rule["K"] + rule["q"] * m["exact"][what], 6) for m in found]


def judge(rig, machine):
    def is_up():
        assert machine.process.poll() is None, "the machine has ended"
        return machine.has_said("HIL agent") or rig.last_status(machine).get("state") == "online"
    if machine.name != "arm64":
        machine.warm(21500)
    until(150, "the agent online", is_up)
    say("online")
    if machine.name == "arm64":
        until(60, "three windows", lambda: len(values(rig, "it", "min")) >= 3)
        assert all(100 < v < 512 for v in values(rig, "it", "min")), values(rig, "it", "min")
    else:
        for warmth in 21.5, 25.5, -10.5:
            machine.warm(int(warmth * 1000))
            until(60, "%g degrees" % warmth, lambda w=warmth: w in values(rig, "it", "min") and w in values(rig, "it", "max"))
            say("%g degrees" % warmth)
        assert set(values(rig, "it", "min")) <= {21.5, 25.5, -10.5}, values(rig, "it", "min")
    sensors = rig.last_status(machine)["sensors"]
    assert sensors["it"]["state"] == "ok", sensors
    assert sensors["none"]["state"] == "fault", sensors
    wanted = "no I2C bus here" if machine.name == "arm64" else "nothing answers at 0x49 on i2c-1"
    assert sensors["none"]["reason"].startswith(wanted), sensors
    machine.end()
    assert machine.has_said("HIL agent status 0"), machine.said[-5:]
    until(10, "an empty spool", lambda: rig.is_drained(machine))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("machine", choices=list(MACHINES))
    for name in "qemu", "kit", "initrd":
        options.add_argument("--" + name, required=True)
    options.add_argument("--port", type=int, required=True)
    o = options.parse_args()
    work, is_good = tempfile.mkdtemp(prefix="runnel-arm-"), False
    rig = Base(work, 1, o.port)
    machine = Machine(rig, o)
    try:
        judge(rig, machine)
        is_good = True
    finally:
        machine.kill()
        for line in machine.said:
            if not is_good or "HIL" in line:
                print(line)
        rig.broker.end(signal.SIGKILL)
        rig.recorder.is_over = True
        shutil.rmtree(work)
    print("%s: %d messages, as expected" % (machine.name, len(rig.recorder.messages)))
    sys.exit(not is_good)


main()
