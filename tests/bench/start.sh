#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long from exec to the connection and to the first partial.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

runs=${BENCH_STARTS:-9}
plain=$(free_port) tls=$(free_port)

title "start: 8 simulated sensors at 1 Hz, windows of 1 s, $runs starts each, median [least - most]" \
	'SYN: from exec until the connection is asked for (tcpdump on lo): what runnel itself needs' \
	'data: until the first segment with data, the CONNECT, or with TLS the ClientHello' \
	'first partial: from exec until another client has it; windows begin on whole seconds, so 0 to 1 s of it is the window'
for tool in mosquitto mosquitto_sub tcpdump; do
	have $tool || { skip "there is no $tool" && exit; }
done
have openssl && certificates || tls=''
broker "$plain" "$tls"

# start NAME URL PORT: prints milliseconds to the first SYN, to the first data, and to the first partial.
start() {
	local began watcher capture syn data partial
	# shellcheck disable=SC2016
	background sh -c 'exec mosquitto_sub -h 127.0.0.1 -p "$1" -t "runnel/1/bench/$2/partial" -F %U -C 1 -W 5 >"$3"' - \
		"$plain" "$1" "$dir/partial"
	watcher=$pid
	background tcpdump -i lo -n -U --immediate-mode -s 96 -Z root -w "$dir/packets" "dst port $3 and tcp[tcpflags] & (tcp-syn | tcp-push) != 0"
	capture=$pid
	while [[ ! -s $dir/packets ]] && kill -0 $capture 2>/dev/null; do
		sleep 0.05
	done
	sleep 0.2
	# shellcheck disable=SC2016
	background bash -c 'echo $EPOCHREALTIME >"$1"; shift; exec "$@"' - "$dir/began" "$runnel" run -c "$dir/$1.yaml"
	wait "$watcher" || true
	stop "$pid"
	sleep 0.1
	stop "$capture"
	began=$(<"$dir/began") partial=$(<"$dir/partial")
	# The watcher's own packets are older than the start.
	read -r syn data < <(tcpdump -r "$dir/packets" -n -tt 2>/dev/null | awk -v began="$began" '
		$1 > began && /Flags \[S\]/ && !syn { syn = $1 }
		$1 > began && /Flags \[P/ && !data { data = $1 }
		END { print syn, data }') || true
	[[ -z $data || -z $partial ]] || echo "$(calc "($syn - $began) * 1000" %.1f) $(calc "($data - $began) * 1000" %.1f)" \
		"$(calc "($partial - $began) * 1000" %.0f)"
	rm -f "$dir/packets" "$dir/partial" "$dir/$1.db"*
}

# spread COLUMN: of $dir/starts
spread() {
	local values
	values=$(awk -v c="$1" '{ print $c }' "$dir/starts" | sort -n)
	printf '%s [%s - %s]' "$(median <<<"$values")" "$(head -n 1 <<<"$values")" "$(tail -n 1 <<<"$values")"
}

printf '   %-8s %22s %22s %24s\n' link 'to SYN, ms' 'to data, ms' 'to first partial, ms'
for link in plain tls; do
	[[ -n ${!link} ]] || { skip 'TLS: there is no openssl' && continue; }
	url=mqtt://127.0.0.1:$plain
	[[ $link == plain ]] || url=mqtts://localhost:$tls
	agent_config "$link" "$url" 1s 8 false
	for ((i = 0; i < runs; i++)); do
		start "$link" "$url" "${!link}"
	done >"$dir/starts"
	[[ -s $dir/starts ]] || { skip 'tcpdump may not capture here' && exit; }
	verdict=''
	[[ $link == tls ]] || verdict="data $(judge "$(awk '{ print $2 }' "$dir/starts" | median)" 5)"
	printf '   %-8s %22s %22s %24s   %s\n' "$link" "$(spread 1)" "$(spread 2)" "$(spread 3)" "$verdict"
done
