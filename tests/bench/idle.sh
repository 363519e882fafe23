#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An idle node: 8 sensors at 1 Hz, windows of 10 s, connected to mosquitto: what it costs, and what it sends. Four agents run at
# the same time, each to a port of its own: plain and TLS, with moments alone and with sketches.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

windows=$(((seconds + 9) / 10))
warm_up=12
names=(plain plain_sketch)
ports=("$(free_port)" "$(free_port)")
watch_port=$(free_port)
urls=("mqtt://127.0.0.1:${ports[0]}" "mqtt://127.0.0.1:${ports[1]}")
pids=()

title "an idle node: 8 simulated sensors at 1 Hz, moving average over 16, windows of 10 s, $((windows * 10)) s after $warm_up s" \
	'CPU: run time of all threads (/proc/PID/task/*/schedstat); wake-ups: their voluntary context switches' \
	'memory: /proc/PID/smaps_rollup; binary: file size after strip' \
	'IP bytes: every packet on the port, both ways, with IP and TCP headers and acknowledgements (tcpdump on lo)' \
	'4 agents at once, each with a port of its own; the broker sets TCP_NODELAY'
have mosquitto || { skip 'there is no mosquitto' && exit; }
if have openssl; then
	certificates
	names+=(tls tls_sketch)
	ports+=("$(free_port)" "$(free_port)")
	urls+=("mqtts://localhost:${ports[2]}" "mqtts://localhost:${ports[3]}")
else
	skip 'TLS: there is no openssl'
fi

broker "${ports[*]:0:2} $watch_port" "${ports[*]:2}"
if have mosquitto_sub; then
	# shellcheck disable=SC2016
	background sh -c 'exec mosquitto_sub -h 127.0.0.1 -p "$1" -t "runnel/#" -F "%t %l" >"$2"' - "$watch_port" "$dir/messages"
fi
capture=''
if have tcpdump; then
	filter=$(printf ' or port %s' "${ports[@]}")
	background tcpdump -i lo -n -U --immediate-mode -s 96 -Z root -w "$dir/packets" "tcp and (${filter# or })"
	capture=$pid
fi
for i in "${!names[@]}"; do
	agent_config "${names[i]}" "${urls[i]}" 10s 8 "$([[ ${names[i]} == *sketch ]] && echo true || echo false)"
	background "$runnel" run -c "$dir/${names[i]}.yaml"
	pids+=("$pid")
done

# usage PID: nanoseconds of CPU, voluntary context switches.
usage() {
	awk 'FILENAME ~ /schedstat/ { ns += $1 } /^voluntary_ctxt_switches/ { n += $2 } END { printf "%.0f %d\n", ns, n }' \
		/proc/"$1"/task/*/schedstat /proc/"$1"/task/*/status
}

memory() {
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/smaps_rollup"
}

# Begin in the middle of a window, so that the measured time has whole windows only.
sleep $warm_up
while (($(date +%s) % 10 != 4)); do
	sleep 0.2
done
begin=$EPOCHREALTIME
[[ ! -e $dir/messages ]] || cp "$dir/messages" "$dir/messages.before"
for i in "${!pids[@]}"; do
	read -r ns switches < <(usage "${pids[i]}") || { echo "bench: ${names[i]} ended"; exit 1; }
	ns_before[i]=$ns switches_before[i]=$switches
done
sleep $((windows * 10))
end=$EPOCHREALTIME

printf '\n   %-13s %10s %10s %8s %8s %9s %8s\n' agent 'CPU ms/min' wake-ups/s 'RSS KiB' 'PSS KiB' 'anon KiB' threads
for i in "${!pids[@]}"; do
	read -r ns switches < <(usage "${pids[i]}")
	ms=$(calc "($ns - ${ns_before[i]}) / 1e6 * 60 / ($end - $begin)")
	wakes=$(calc "($switches - ${switches_before[i]}) / ($end - $begin)" %.2f)
	rss=$(memory "${pids[i]}" Rss) pss=$(memory "${pids[i]}" Pss) anonymous=$(memory "${pids[i]}" Anonymous)
	tasks=(/proc/"${pids[i]}"/task/*)
	printf '   %-13s %10s %10s %8s %8s %9s %8s   CPU %s, wake-ups %s, RSS %s, anonymous %s\n' "${names[i]}" "$ms" "$wakes" "$rss" \
		"$pss" "$anonymous" "${#tasks[@]}" "$(judge "$ms" 12)" "$(judge "$wakes" 4.5)" "$(judge "$rss" 8192)" \
		"$(judge "$anonymous" 2048)"
done
if have strip; then
	strip -o "$dir/stripped" "$runnel"
	printf '   binary: %d KiB stripped\n' $(($(stat -c %s "$dir/stripped") / 1024))
fi

# Bytes of the IP packets of a port within the measured time. -v prints the length of the IP packet.
ip_bytes() {
	tcpdump -r "$dir/packets" -n -tt -v "port $1" 2>/dev/null | awk -v from="$begin" -v to="$end" '
		/^[0-9]/ { inside = $1 >= from && $1 < to }
		/^[0-9]/ && inside { packets++; sub(/.*proto TCP \(6\), length /, ""); sub(/[^0-9].*/, ""); bytes += $0 }
		END { print bytes + 0, packets + 0 }'
}

printf '\n   %-13s %14s %17s %18s\n' agent 'IP bytes/window' 'packets/window' 'messages (payload)'
if [[ -z $capture ]]; then
	skip 'there is no tcpdump'
elif sleep 1 && stop "$capture" && [[ ! -s $dir/packets ]]; then
	skip 'tcpdump may not capture here'
fi
for i in "${!names[@]}"; do
	bytes=- packets=- verdict=''
	if [[ -s $dir/packets ]]; then
		read -r bytes packets < <(ip_bytes "${ports[i]}")
		bytes=$(calc "$bytes / $windows" %.0f)
		packets=$(calc "$packets / $windows")
		[[ ${names[i]} == *sketch ]] || verdict="IP bytes $(judge "$bytes" 400)"
	fi
	sent=-
	[[ ! -e $dir/messages ]] || sent=$(awk -v device="/${names[i]}/" -v windows="$windows" '
		NR == FNR { skip = FNR; next }
		FNR > skip && index($1, device) { sub(/.*\//, "", $1); n[$1]++; bytes[$1] += $2 }
		END { for (k in n) printf "%.1f %s/window (%.0f B) ", n[k] / windows, k, bytes[k] / n[k] }
		' "$dir/messages.before" "$dir/messages")
	printf '   %-13s %14s %17s   %s %s\n' "${names[i]}" "$bytes" "$packets" "$sent" "$verdict"
done
