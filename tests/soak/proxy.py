# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy between agents and the broker that does to their packets what networks and bad brokers do.

mode is looked at for each piece of data:
  pass     as it is                     late     every piece a while later
  hole     nothing gets through         refuse   connections are closed at once
  deaf     PUBACKs are swallowed        twice    each PUBLISH is sent twice, the second time as a duplicate
  again    each PUBACK is sent twice    noise    the agent gets random bytes once; the connection is cut
cut() ends all connections with a reset, in the middle of the next packet. What was acknowledged is remembered.
"""
import random
import socket
import struct
import threading
import time

from wire import CONNECT, PUBACK, PUBLISH, Packets, publish_fields


class Proxy:
    def __init__(self, broker_port, seed, listen_port=0):
        self.broker_port, self.random = broker_port, random.Random(seed)
        self.mode, self.delay_s, self.cut_at = "pass", 0.0, None
        self.acked, self.n_cut, self.n_twice, self.n_swallowed = set(), 0, 0, 0
        self.links, self.lock = [], threading.Lock()
        self.server = socket.create_server(("127.0.0.1", listen_port))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.server.accept()
            try:
                if self.mode == "refuse":
                    raise OSError
                broker = socket.create_connection(("127.0.0.1", self.broker_port), timeout=2)
                broker.settimeout(None)
            except OSError:
                client.close()
                continue
            Link(self, client, broker)

    def cut(self):
        """In the middle of what comes next, or, when nothing comes within 0.3 s, at once."""
        with self.lock:
            links = list(self.links)
        for link in links:
            link.cut_next = True
        time.sleep(0.3)
        for link in links:
            link.end()


class Link:
    def __init__(self, proxy, client, broker):
        self.proxy, self.client, self.broker, self.cut_next, self.is_5 = proxy, client, broker, False, False
        self.open_ids, self.is_noisy = {}, False
        for s in (client, broker):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with proxy.lock:
            proxy.links.append(self)
        threading.Thread(target=self.pump, args=(client, broker, self.up), daemon=True).start()
        threading.Thread(target=self.pump, args=(broker, client, self.down), daemon=True).start()

    def end(self):
        with self.proxy.lock:
            if self not in self.proxy.links:
                return
            self.proxy.links.remove(self)
            self.proxy.n_cut += 1
        for s in (self.client, self.broker):
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def pump(self, source, target, change):
        packets = Packets()
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                while self.proxy.mode == "hole":
                    time.sleep(0.02)
                if self.proxy.mode == "late":
                    time.sleep(self.proxy.delay_s)
                out = b"".join(change(*p) for p in packets.feed(data))
                if self.cut_next and out:
                    target.sendall(out[:self.proxy.random.randrange(len(out))])
                    break
                target.sendall(out)
                if self.is_noisy:
                    break
        except OSError:
            pass
        self.end()

    def up(self, whole, kind, flags, body):
        if kind == CONNECT:
            self.is_5 = body[6] == 5
        if kind != PUBLISH:
            return whole
        _, packet_id, payload = publish_fields(flags, body, self.is_5)
        self.open_ids[packet_id] = payload
        if self.proxy.mode != "twice":
            return whole
        self.proxy.n_twice += 1
        return whole + bytes([whole[0] | 8]) + whole[1:]

    def down(self, whole, kind, flags, body):
        if self.proxy.mode == "noise":
            self.is_noisy = True
            return self.proxy.random.randbytes(64)
        if kind != PUBACK:
            return whole
        if self.proxy.mode == "deaf":
            self.proxy.n_swallowed += 1
            return b""
        payload = self.open_ids.get(struct.unpack(">H", body[:2])[0])
        if payload is not None:
            self.proxy.acked.add(payload)
        return whole * 2 if self.proxy.mode == "again" else whole
