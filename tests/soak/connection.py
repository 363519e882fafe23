#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brokers that cannot be used, each with an agent of its own: what is wrong is told to systemd (STATUS=), data are kept, and when a good
broker takes the place everything arrives and the status says what it was. All at once, because the waits are long."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import wire
from rig import BUILD, decode, until

# name, TLS, what the bad broker is, what must be said
CASES = [
    ("expired", True, "expired", "certificate.*expired|expired.*certificate"),
    ("wrong-host", True, "elsewhere", "host ?name|does not match|not for"),
    ("wrong-ca", True, "stranger", "issuer|self.signed|\\bCA\\b|authority"),
    ("no-tls", True, "garbage", "TLS|SSL|wrong version|record"),
    ("garbage", False, "garbage", "."),
    ("closes", False, "closes", "closed|hung up|reset"),
    ("mute", False, "mute", "no answer|time"),
    ("twice", False, "twice", None),
    ("deaf", False, "deaf", "acknowledges nothing"),
    ("old-tls", True, "old", "no TLS that both sides accept|refused the TLS"),
    ("other-ca", True, "good", "issuer|self.signed|\\bCA\\b|authority"),
    ("narrow", False, "narrow", None),
]
RECEIVE_MAXIMUM, MAXIMUM_PACKET = 2, 900


def openssl(*words, cwd):
    subprocess.run(["openssl", *words], cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(work):
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for ca in ("ca", "stranger-ca"):
        openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=" + ca, "-keyout", ca + ".key", "-out", ca + ".pem", cwd=work)
    for name, ca, host, days in (("good", "ca", "localhost", 2), ("elsewhere", "ca", "elsewhere.example", 2),
                                 ("stranger", "stranger-ca", "localhost", 2), ("expired", "ca", "localhost", 0)):
        with open(os.path.join(work, name + ".ext"), "w") as f:
            f.write("subjectAltName=DNS:" + host)
        openssl("req", *key, "-subj", "/CN=broker", "-keyout", name + ".key", "-out", name + ".csr", cwd=work)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key", "-days", str(days), "-extfile",
                name + ".ext", "-out", name + ".pem", cwd=work)


class Fake(threading.Thread):
    """A broker in as far as its fault needs one."""

    def __init__(self, port, fault):
        super().__init__(daemon=True)
        self.server, self.fault, self.held, self.n_published = socket.create_server(("127.0.0.1", port)), fault, [], 0
        self.n_open, self.most_open, self.largest, self.topics = 0, 0, 0, set()
        self.start()

    def run(self):
        while True:
            try:
                s, _ = self.server.accept()
            except OSError:
                return
            self.held.append(s)
            if self.fault == "closes":
                s.close()
            if self.fault in ("twice", "deaf", "garbage", "narrow"):
                threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        packets = wire.Packets()
        try:
            while True:
                data = s.recv(65536)
                if not data:
                    return
                if self.fault == "garbage":
                    s.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                for raw, kind, flags, body in packets.feed(data):
                    if self.fault == "narrow":
                        self.serve_narrow(s, raw, kind, flags, body)
                    else:
                        s.sendall(self.answer(kind, flags, body))
        except OSError:
            pass

    def serve_narrow(self, s, raw, kind, flags, body):
        """Says what it can take, answers late, and counts what is more."""
        if kind == wire.CONNECT:
            s.sendall(wire.packet(wire.CONNACK, 0, b"\0\0\x08\x21" + RECEIVE_MAXIMUM.to_bytes(2, "big") + b"\x27" + MAXIMUM_PACKET.to_bytes(4, "big")))
        elif kind == wire.PUBLISH:
            topic, packet_id, payload = wire.publish_fields(flags, body, True)
            self.n_published += 1
            self.n_open += 1
            self.most_open, self.largest = max(self.most_open, self.n_open), max(self.largest, len(raw))
            if topic.endswith("/partial"):
                self.held.append(payload)
            self.topics.add(topic.rsplit("/", 2)[1] if "/contract/" in topic else topic.rsplit("/", 1)[1])

            def acknowledge():
                self.n_open -= 1
                try:
                    s.sendall(wire.packet(wire.PUBACK, 0, packet_id.to_bytes(2, "big")))
                except OSError:
                    pass
            threading.Timer(0.1, acknowledge).start()
        else:
            s.sendall(self.answer(kind, flags, body))

    def answer(self, kind, flags, body):
        if kind == wire.CONNECT:
            return wire.packet(wire.CONNACK, 0, b"\0\0\0")
        if kind == wire.SUBSCRIBE:
            return wire.packet(wire.SUBACK, 0, body[:2] + b"\0\1")
        if kind == wire.PINGREQ:
            return wire.packet(13, 0, b"")
        if kind != wire.PUBLISH:
            return b""
        self.n_published += 1
        topic, packet_id, payload = wire.publish_fields(flags, body, True)
        if self.fault == "twice" and topic.endswith("/partial"):
            self.held.append(payload)
        return b"" if self.fault == "deaf" else 2 * wire.packet(wire.PUBACK, 0, packet_id.to_bytes(2, "big"))

    def end(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for s in self.held:
            if isinstance(s, socket.socket):
                s.close()


class Case:
    def __init__(self, work, ports, name, is_tls, bad, words):
        self.work, self.name, self.is_tls, self.bad, self.words = work, name, is_tls, bad, words
        self.told, self.verdict, self.broker = [], "did not end", None
        self.port, self.plain_port = ports
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(work, name + ".notify"))
        threading.Thread(target=self.listen, daemon=True).start()
        with open(os.path.join(work, name + ".yaml"), "w") as f:
            f.write('device: %s\nsite: s\nwindow: 1s\nclock: {trust: always}\nmqtt: {broker: "%s://localhost:%d"%s}\nspool: {path: %s/%s.db}\n'
                    'sensors:\n  air: {driver: sim, every: 100ms}\nstreams:\n  air: {from: air.value}\n' %
                    (name, "mqtts" if is_tls else "mqtt", self.port, ", ca_file: %s/%s.ca" % (work, name) if is_tls else "", work, name))
            if name == "narrow":  # the contract is larger than it takes, partials are not
                f.write("".join("  a_stream_with_a_name_as_long_as_may_be_%d: {from: air.value}\n" % i for i in range(8)))
        if is_tls:
            shutil.copy(os.path.join(work, "stranger-ca.pem" if name == "other-ca" else "ca.pem"), os.path.join(work, name + ".ca"))
        with open(os.path.join(work, name + ".log"), "w") as log:
            self.agent = subprocess.Popen([BUILD + "/runnel", "run", "-c", os.path.join(work, name + ".yaml")], stderr=log,
                                          env=dict(os.environ, NOTIFY_SOCKET=os.path.join(work, name + ".notify")))

    def listen(self):
        while True:
            self.told.append(self.notify.recv(4096).decode())

    def mosquitto(self, certificate):
        conf = os.path.join(self.work, self.name + ".conf")
        with open(conf, "w") as f:
            f.write("allow_anonymous true\nlog_dest none\n%slistener %d 127.0.0.1\nlistener %d 127.0.0.1\n" %
                    ("user root\n" if os.geteuid() == 0 else "", self.plain_port, self.port))
            if self.is_tls:
                f.write("".join("%s %s/%s\n" % (k, self.work, v) for k, v in (
                    ("cafile", "ca.pem"), ("certfile", certificate + ".pem"), ("keyfile", certificate + ".key"))))
        return subprocess.Popen(["mosquitto", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self):
        try:
            self.verdict = self.judge()
        except AssertionError as e:
            self.verdict = "%s; told: %s" % (e, self.told[-3:])

    def judge(self):
        fake = None
        if self.bad in ("expired", "elsewhere", "stranger", "good"):
            self.broker = self.mosquitto(self.bad)
        elif self.bad == "old":
            self.broker = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port, "-cert", self.work + "/good.pem", "-key", self.work +
                                            "/good.key", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet"],
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        else:
            if self.bad == "narrow":
                time.sleep(6)  # for a backlog
            fake = Fake(self.port, self.bad)
        if self.words:
            until(150, "words like '%s'" % self.words,
                  lambda: any(re.search("STATUS=no broker: .*(%s).*messages? wait" % self.words, t, re.I) for t in self.told))
        else:
            until(60, "messages", lambda: fake.n_published > 6)
        if self.bad == "narrow":
            until(60, "the backlog", lambda: len([p for p in fake.held if isinstance(p, bytes)]) > 8)
            assert fake.most_open <= RECEIVE_MAXIMUM and fake.largest <= MAXIMUM_PACKET, (fake.most_open, fake.largest)
            assert {"partial", "status", "birth"} <= fake.topics and "contract" not in fake.topics, fake.topics
            with open(os.path.join(self.work, self.name + ".log")) as f:
                assert f.read().count("larger than the broker takes") == 1
        if self.name == "other-ca":  # read again at the next attempt
            shutil.copy(os.path.join(self.work, "ca.pem"), os.path.join(self.work, self.name + ".ca"))
        time.sleep(2)
        if self.broker:
            self.broker.kill()
            self.broker.wait()
        else:
            fake.end()
        self.broker = self.mosquitto("good")
        time.sleep(0.3)
        recorder = wire.Recorder(self.plain_port)

        def statuses():
            return [json.loads(m) for t, _, m in recorder.messages if t.endswith("/status")]
        until(100, "the status", lambda: any(s.get("state") == "online" for s in statuses()))
        until(60, "STATUS=connected", lambda: self.told[-1] == "STATUS=connected")
        status = [s for s in statuses() if s["state"] == "online"][0]
        assert status["mqtt"]["connects"] >= 1 and status["mqtt"]["error"], status["mqtt"]
        time.sleep(3)
        self.agent.terminate()
        assert self.agent.wait(10) == 0, "exit status"
        payloads = {m for t, _, m in recorder.messages if t.endswith("/partial")} | {p for p in (fake.held if fake else []) if isinstance(p, bytes)}
        until(10, "good-bye", lambda: statuses()[-1]["state"] == "offline" and "spool" in statuses()[-1])
        payloads |= {m for t, _, m in recorder.messages if t.endswith("/partial")}
        seqs = sorted(p["seq"] for p in decode(payloads))
        assert seqs == list(range(1, statuses()[-1]["seq"] + 1)) and len(seqs) > 3, ("not all windows", seqs, statuses()[-1])
        assert not self.words or self.name == "deaf" or status["mqtt"]["failed"] > 0, status["mqtt"]
        said = [t for t in self.told if re.search(self.words or "^$", t, re.I)]
        print("%-10s %3d windows, none missing; '%s', then '%s'" % (self.name, len(seqs), said[0] if said else "", status["mqtt"]["error"]), flush=True)
        return None

    def end(self):
        for process in (self.agent, self.broker):
            if process and process.poll() is None:
                process.kill()
                process.wait()


def free_ports(n):
    """All at once, for one that is free again may be given a second time."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in listeners]
    for s in listeners:
        s.close()
    return ports


def main():
    os.environ["PATH"] += ":/usr/sbin"
    for program in ("mosquitto", "openssl"):
        if not shutil.which(program):
            print("skipped: %s is not installed" % program)
            sys.exit(77)
    work, cases = tempfile.mkdtemp(prefix="runnel-connection-"), []
    try:
        make_certificates(work)
        time.sleep(1.1)  # the certificate of 0 days is over
        wanted = [c for c in CASES if not sys.argv[1:] or c[0] in sys.argv[1:]]
        ports = free_ports(2 * len(wanted))
        cases += [Case(work, ports[2 * i:2 * i + 2], *c) for i, c in enumerate(wanted)]
        threads = [threading.Thread(target=c.run, daemon=True) for c in cases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for case in cases:
            if case.verdict or os.environ.get("LOGS"):
                print("FAILED %s: %s" % (case.name, case.verdict))
                with open(os.path.join(work, case.name + ".log")) as f:
                    print(f.read()[-1500:])
        sys.exit(any(c.verdict for c in cases))
    finally:
        for case in cases:
            case.end()
        shutil.rmtree(work)


main()
