# SPDX-License-Identifier: Apache-2.0
"""Just enough MQTT 3.1.1 and 5.0 for tests: packets out of a stream, a recorder and a sender that know no library."""
import os
import socket
import struct
import threading
import time

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ = 1, 2, 3, 4, 8, 9, 12


class Packets:
    """Cuts a stream into packets: feed() gives (whole bytes, type, flags, body) of each that is complete."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        self.rest += data
        found = []
        while True:
            size, at, shift = 0, 1, 0
            while True:
                if at >= len(self.rest):
                    return found
                byte = self.rest[at]
                size |= (byte & 0x7F) << shift
                at, shift = at + 1, shift + 7
                if byte < 0x80:
                    break
            if len(self.rest) < at + size:
                return found
            whole, self.rest = self.rest[:at + size], self.rest[at + size:]
            found.append((whole, whole[0] >> 4, whole[0] & 0xF, whole[at:]))


def packet(kind, flags, body):
    size, head = len(body), bytes([kind << 4 | flags])
    while True:
        head += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + body


def text(value):
    raw = value.encode()
    return struct.pack(">H", len(raw)) + raw


def publish_fields(flags, body, is_5=False):
    """(topic, packet id or None, payload)"""
    n = struct.unpack(">H", body[:2])[0]
    topic, at, packet_id = body[2:2 + n].decode(), 2 + n, None
    if flags & 6:
        packet_id, at = struct.unpack(">H", body[at:at + 2])[0], at + 2
    if is_5:
        at += 1 + body[at]  # properties of less than 128 bytes
    return topic, packet_id, body[at:]


def connect(port, name, clean=True, timeout=5):
    s = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.sendall(packet(CONNECT, 0, text("MQTT") + bytes([4, 2 if clean else 0]) + struct.pack(">H", 0) + text(name)))
    return s


class Recorder(threading.Thread):
    """Everything that is published, kept by the broker while either is away; acknowledged only when it is in the list."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.messages, self.times, self.is_over, self.is_up = port, [], [], False, False
        self.start()

    def run(self):
        while not self.is_over:
            try:
                self.session(connect(self.port, "recorder", clean=False))
            except OSError:
                pass
            self.is_up = False
            time.sleep(0.05)

    def session(self, s):
        packets = Packets()
        s.sendall(packet(SUBSCRIBE, 2, struct.pack(">H", 1) + text("#") + b"\1"))
        s.settimeout(0.5)
        while not self.is_over:
            try:
                data = s.recv(65536)
            except socket.timeout:
                continue
            if not data:
                return
            for _, kind, flags, body in packets.feed(data):
                if kind == SUBACK:
                    self.is_up = True
                if kind == PUBLISH:
                    topic, packet_id, payload = publish_fields(flags, body)
                    self.times.append(time.time())
                    self.messages.append((topic, bool(flags & 1), payload))
                    if packet_id is not None:
                        s.sendall(packet(PUBACK, 0, struct.pack(">H", packet_id)))


def send_all(port, messages, name=None):
    """Publish (topic, payload, retained) with QoS 1, one after the other, each acknowledged before the end."""
    s = connect(port, name or "sender-%d" % os.getpid())
    packets, waiting, next_id = Packets(), set(), 0

    def read():
        for _, kind, _, body in packets.feed(s.recv(65536)):
            if kind == PUBACK:
                waiting.discard(struct.unpack(">H", body[:2])[0])

    for topic, payload, retained in messages:
        while len(waiting) >= 10:
            read()
        next_id = next_id % 65535 + 1
        waiting.add(next_id)
        s.sendall(packet(PUBLISH, 2 | bool(retained), text(topic) + struct.pack(">H", next_id) + payload))
    while waiting:
        read()
    s.close()
