#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What README.md and docs/*.md tell people to type is run here, as it stands but for the names of brokers and places; what cannot be is
# listed with the reason. Also: configs on the pages are good, commands and `make` targets in the text exist, links lead somewhere.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v python3 >/dev/null || skip 'no python3'

cat >"$work/take.py" <<'EOF_PY'
import pathlib, re, sys
root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
commands, words, broken, n = open(out / "commands", "w"), set(), [], 0
tools = r"(?:sudo|make|export|runnel|runnel-collector|mosquitto_pub|mosquitto_sub|journalctl|echo|build/\S+|tests/\S+)"
for page in [root / "README.md"] + sorted(root.glob("docs/*.md")):
    text = page.read_text()
    for kind, block in re.findall(r"^```(\S*).*?\n(.*?)^```", text, re.M | re.S):
        if kind == "yaml" and re.search(r"^sensors:", block, re.M):
            n += 1
            (out / f"page-{page.stem}-{n}.yaml").write_text(block)
        if page.name == "README.md" and kind == "yaml":
            (out / "my.yaml").write_text(block)
    plain = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for line in re.findall(rf"^    ({tools} .*)", plain, re.M):
        commands.write(f"{page.name}\t{re.sub(r' {2,}#.*| +# .*', '', line)}\n")
    words.update(re.findall(rf"`((?:runnel|runnel-collector|make) [a-z-]+)", plain))
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", plain):
        if not (page.parent / link).exists():
            broken.append(f"{page.name}: {link}")
(out / "words").write_text("".join(w + "\n" for w in sorted(words)))
(out / "links").write_text("".join(b + "\n" for b in broken))
EOF_PY
python3 "$work/take.py" "$root" "$work"
[[ ! -s $work/links ]] || fail "links that lead nowhere: $(cat "$work/links")"

# --- configs ---
pages=("$work"/page-*.yaml)
echo time,temperature,litres >"$work/readings.csv"
sed -i "s|readings.csv|$work/readings.csv|" "${pages[@]}"
"$runnel" check "${pages[@]}" >"$work/check.log" 2>&1 || fail "configs on the pages: $(grep -v ': good' "$work/check.log" | head -n 10)"

# --- words ---
while read -r program word; do
	case "$program $word" in
	'runnel push') ;; # told as not there yet, or tested where they are
	make*) grep -q "^$word:\|[ :]$word\b.*:" Makefile || fail "no 'make $word'" ;;
	*) "${runnel%/*}/$program" "$word" --help >/dev/null 2>&1 || fail "no '$program $word'" ;;
	esac
done <"$work/words"

# --- commands ---
make_broker 'allow_anonymous true'
start_broker
sed -i "s|broker.example:1883|127.0.0.1:$port|; s|/var/lib/runnel|$work|" "$work/my.yaml"
sed -i '1i clock: {trust: always}' "$work/my.yaml"
awk 'BEGIN { print "time,air.value,air.temperature,air.humidity"; for (t = 0; t <= 10800; t += 5) printf "%d,%.2f,%.2f,60\n", 1763697600 + t, 20 + t % 700 / 60, 20 + t % 700 / 60 }' \
	>"$work/recording.csv"
cut -d , -f 1,2 "$work/recording.csv" >"$work/value.csv"
ln -s "$root/docs" "$work/docs"
PATH=$(realpath -m "${RUNNEL_BUILD:-build}"):$PATH
export PATH
start_agent agent "$work/my.yaml"
wait_for 10 'the agent' has "$work/agent.log" 'connected'

# as_it_stands SECONDS COMMAND: with our broker and files; what does not end by itself gets SIGTERM, and must then end with 0.
as_it_stands() {
	local line=$2
	line=${line//broker.example:1883/127.0.0.1:$port}
	line=${line//\/etc\/runnel\/runnel.yaml/my.yaml}
	line=${line//--http 8080/--http 0}
	line=${line//SITE\/DEVICE/delft/nobody}
	line=${line//mosquitto_pub/mosquitto_pub -h 127.0.0.1 -p $port}
	[[ $line != *my.yaml*recording.csv* ]] || line=${line//recording.csv/value.csv}
	(cd "$work" && timeout --preserve-status -s TERM "$1" bash -c "exec $line") >"$work/command.out" 2>"$work/command.log" </dev/null ||
		fail "'$line': exit status $?: $(tail -n 3 "$work/command.log")"
	ran=$((ran + 1))
}

ran=0 exempt=0
while IFS=$'\t' read -r page line; do
	case $line in
	'runnel scan --write my.yaml')
		as_it_stands 20 'runnel scan --write scanned.yaml'
		[[ -s $work/scanned.yaml ]] || fail "'$line' wrote nothing"
		;;
	'runnel read '*) as_it_stands 20 "$line" ;;
	'runnel run '*--print) as_it_stands 3 "$line" ;;
	'runnel run -c my.yaml') ran=$((ran + 1)) ;; # it runs since before
	'runnel check '* | 'runnel status '* | 'runnel replay '* | 'runnel explain '*)
		as_it_stands 30 "$line"
		[[ -s $work/command.out || -s $work/command.log || $line == *--plot* ]] || fail "'$line' says nothing"
		;;
	'runnel-collector run '*) as_it_stands 3 "$line" ;;
	'runnel-collector query '*) exempt=$((exempt + 1)) ;;       # tests/e2e/collector_query.sh, with a store of its own
	'runnel-collector export '*) exempt=$((exempt + 1)) ;;      # tests/e2e/sql_merge.sh, likewise
	'runnel-collector top'*) exempt=$((exempt + 1)) ;;          # tests/e2e/fleet_view.sh, against a collector that runs
	'runnel provision '*)
		mkdir -p "$work/boot"
		echo 'a secret' >"$work/password.txt"
		head -c 1000 /dev/zero | tee "$work/runnel_0.1.0~deb12_arm64.deb" >"$work/runnel_0.1.0~deb12_armhf.deb"
		as_it_stands 20 "${line//\/media\/you\/bootfs/boot}"
		[[ -s $work/boot/runnel-setup.sh && -s $work/boot/user-data ]] || fail "'$line' wrote nothing"
		;;
	'mosquitto_pub '*) as_it_stands 10 "$line" ;;
	# Exempt: each with its reason.
	'runnel push '*) exempt=$((exempt + 1)) ;;                  # tests/e2e/push_command.sh
	'make demo') exempt=$((exempt + 1)) ;;                      # tests/e2e/whole_path.sh runs the same script
	'make check') exempt=$((exempt + 1)) ;;                     # this is part of it
	'make && build/runnel demo') exempt=$((exempt + 1)) ;;      # tests/e2e/demo_command.sh
	'export PATH='*) exempt=$((exempt + 1)) ;;   # done above
	'make deb' | 'make CROSS='* | 'tests/deps.sh '*) exempt=$((exempt + 1)) ;;      # tests/package.sh makes and installs packages; tests/cross
	'make install '*) exempt=$((exempt + 1)) ;;                 # tests/e2e/install.sh
	sudo*) exempt=$((exempt + 1)) ;;                            # would change this machine; tests/lint.sh verifies the units
	journalctl*) exempt=$((exempt + 1)) ;;                      # needs systemd
	# What performance.md tells is `make bench`.
	*) [[ $page == performance.md ]] || fail "$page: nobody runs '$line': add it to ${0##*/}, or say why not" ;;
	esac
done <"$work/commands"
((ran >= 12)) || fail "only $ran commands ran"
end agent
expect_status 0 'the agent'
echo "$ran commands ran, $exempt are exempt, ${#pages[@]} configs are good"
