#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The collector is killed (-9) at any moment, many times, while partials pour in from a publisher that is no board: nobody answers when something
# is asked for again, and nothing is asked (--no-publish). In the end each message that the broker took is in the store, once.
# CRASH_ROUNDS: how often. CRASH_WITHOUT=1: without the inbox, to see that messages are lost then.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
collector=$(dirname "$runnel")/runnel-collector
rounds=${CRASH_ROUNDS:-20}

make_broker 'allow_anonymous true'
start_broker

# What a broker is told by a publisher that knows just enough of MQTT 3.1.1, at QoS 1, until the file "enough" is there. 100 parts a window.
cat >"$work/publish.py" <<'E2'
import os, socket, struct, sys, time, zlib
port, work = int(sys.argv[1]), sys.argv[2]
DEVICES, RATE, OPEN, T0 = ["north", "east", "south", "west"], 1500, 100, (int(time.time()) - 36000) // 3600 * 3600
CONTRACT = (b'{"metrics":[{"id":0,"name":"temp@1","unit":"Cel","kind":"gauge","K":20,"q":0.01,"sketch":null,'
            b'"period_ms":1000,"window":60}],"kpis":[]}')
HASH = zlib.crc32(CONTRACT)

def varint(x):
    out = b""
    while x > 127:
        out, x = out + bytes([x & 127 | 128]), x >> 7
    return out + bytes([x])
def number(field, x): return varint(field << 3) + varint(x)
def text(field, x): return varint(field << 3 | 2) + varint(len(x)) + x

def partial(device, seq):
    w0, part = T0 + (seq - 1) // 100 * 60, (seq - 1) % 100
    metric = number(1, 0) + number(2, 3) + number(3, 2 * 30) + number(4, 300) + number(5, 20) + number(6, 20)
    metric += number(7, 20) + number(8, 20) + number(9, 0) + number(10, 2000) + number(15, 60000) + number(16, 3000)
    metric += number(21, 3) + number(22, 3000)
    return (number(1, 1) + text(2, device) + number(3, 1) + number(4, seq) + number(5, w0) + number(6, 60) + number(7, part)
            + varint(8 << 3 | 5) + struct.pack("<I", HASH) + text(10, metric) + number(11, w0) + text(12, b"delft"))

s = socket.create_connection(("127.0.0.1", port))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def packet(first, body): s.sendall(bytes([first]) + varint(len(body)) + body)
def string(x): return struct.pack(">H", len(x)) + x
def read(n):
    out = b""
    while len(out) < n:
        more = s.recv(n - len(out))
        if not more:
            sys.exit("the broker hung up")
        out += more
    return out

n_sent = n_acked = 0
def publish(topic, payload, retain=0):
    global n_sent, n_acked
    while n_sent - n_acked >= OPEN:
        acknowledged()
    n_sent += 1
    packet(0x32 | retain, string(topic) + struct.pack(">H", (n_sent - 1) % 65535 + 1) + payload)
def acknowledged():
    global n_acked
    if read(4)[:2] != b"\x40\x02":
        sys.exit("no PUBACK")
    n_acked += 1

packet(0x10, string(b"MQTT") + bytes([4, 2, 0, 0]) + string(b"pours"))
if read(4) != b"\x20\x02\x00\x00":
    sys.exit("not connected")
for d in DEVICES:
    publish(b"runnel/1/delft/%s/contract/%08x" % (d.encode(), HASH), CONTRACT, 1)
began, seq = time.time(), 0
while not os.path.exists(f"{work}/enough"):
    seq += 1
    for d in DEVICES:
        publish(b"runnel/1/delft/%s/partial" % d.encode(), partial(d.encode(), seq))
    ahead = seq * len(DEVICES) / RATE - (time.time() - began)
    if ahead > 0.005:
        time.sleep(ahead)
while n_acked < n_sent:
    acknowledged()
print(seq * len(DEVICES))
E2

start_collector() {
	"$collector" run --json --no-publish --keep 20h --broker "mqtt://127.0.0.1:$port" --store "$work/fleet.db" --client-id crash \
		>/dev/null 2>>"$work/collector.log" &
	pids[collector]=$!
}
connects() { (($(grep -c connected "$work/collector.log") >= $1)); }

if [[ ${CRASH_WITHOUT:-} ]]; then
	mkdir "$work/fleet.db.inbox-0"
fi
start_collector # its session at the broker begins before the first message
wait_for 20 'the first connection' connects 1
python3 -B "$work/publish.py" "$port" "$work" >"$work/sent.txt" 2>"$work/publish.log" &
pids[publisher]=$!
for ((round = 1; round <= rounds; round++)); do
	sleep "0.$(printf '%03d' $((RANDOM % 300)))"
	end collector KILL
	start_collector
	((round % 4 == 0)) || wait_for 20 'a connection' connects $((round + 1 - round / 4))
done
touch "$work/enough"
wait_for 20 'the publisher' is_over publisher
end publisher
((status == 0)) || fail "the publisher ended with $status"
n=$(cat "$work/sent.txt")

ask() { python3 -B -c 'import sqlite3, sys; print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[2]).fetchone()[0])' "$work/fleet.db" "$1"; }
is_all_there() { (($(ask 'SELECT count(*) FROM part') == n)); }
patience=$((SECONDS + 15))
until is_all_there || ((SECONDS > patience)); do
	sleep 0.2
done
is_all_there || fail "$((n - $(ask 'SELECT count(*) FROM part'))) of $n messages are lost"
(($(ask 'SELECT count(*) FROM conflict') == 0)) || fail 'conflicts'
grep -q 'came before a crash' "$work/collector.log" || [[ ${CRASH_WITHOUT:-} ]] || fail 'no crash was at a moment that matters'
end collector
((status == 0)) || fail "the collector ended with $status"
compgen -G "$work/fleet.db.inbox-*" && fail 'an inbox is left after an end in good order'
samples=$("$collector" query --store "$work/fleet.db" 'n(temp)' --window all --last 12h --csv 2>/dev/null | tail -1 | cut -d, -f6)
[[ $samples == $((3 * n)) ]] || fail "$samples samples of $((3 * n)), 3 a message"
echo "$n messages, $rounds kills, $(grep -c 'came before' "$work/collector.log") with messages that only the inbox had"
