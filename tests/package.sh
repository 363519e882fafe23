#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages: lintian finds nothing, the same sources give the same bytes, and in a Debian of its own they install, upgrade, go and
# are purged as they should; an upgrade over an agent that runs loses no window. The programs are those of this build; `make deb` compiles its own. The Debian (mmdebstrap, about a minute) is
# kept in the build directory, with the libraries the packages need, so that the test itself needs no network.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/e2e/lib.sh"
build=$(realpath -m "${RUNNEL_BUILD:-build}")
for program in dpkg-buildpackage dh lintian mmdebstrap; do
	command -v "$program" >/dev/null || skip "no $program here"
done
((EUID == 0)) || skip 'only root can install packages in a directory'
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
case $suite in
bookworm) release=12 ;;
trixie) release=13 ;;
*) skip "packages are for Debian 12 and 13, not '$suite'" ;;
esac

need_broker

# Each time the same programs and the same instant, whatever happens to this tree meanwhile. The second version has another name of itself, of
# the same length, and differs in nothing else.
mkdir "$work/programs" "$work/programs-0.9.1"
cp "$build/runnel" "$build/runnel-collector" "$work/programs/"
version=$("$build/runnel" --version)
version=${version#runnel }
for program in runnel runnel-collector; do
	sed "s/${version//./\\.}/9${version:1}/g" "$work/programs/$program" >"$work/programs-0.9.1/$program"
	chmod 755 "$work/programs-0.9.1/$program"
done
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)
export SOURCE_DATE_EPOCH

# package VERSION [PROGRAMS]: into $work/VERSION
package() {
	mkdir -p "$work/$1"
	PREBUILT=$work/${2:-programs} packaging/deb.sh "$1" "$suite" "$work/$1" >"$work/package.log" 2>&1 || { cat "$work/package.log" && fail "packages of $1" && exit 1; }
}
package 0.9.0
mv "$work/0.9.0" "$work/first"
package 0.9.0
package 0.9.1 programs-0.9.1
other=$([[ $suite == trixie ]] && echo bookworm || echo trixie)
status_of packaging/deb.sh 0.9.0 "$other" "$work/other" 2>"$work/other.log"
expect_status 64 "packages for $other, of programs for $suite"
has "$work/other.log" "^deb: this is $suite: packages for $other are made on it, or with CROSS=" || fail "deb.sh says: $(cat "$work/other.log")"
# Debian 13 has nothing in /lib, whoever makes its packages.
PREBUILT=$work/programs packaging/deb.sh 0.9.0 trixie "$work/trixie" >"$work/package.log" 2>&1 || { cat "$work/package.log" && fail 'packages of trixie'; }
for deb in "$work/trixie"/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -t >"$work/files"
	! grep -E '^\./(lib|bin|sbin)/' "$work/files" || fail "${deb##*/} has files beside /usr"
	grep -q '^\./usr/lib/systemd/system/.*\.service$' "$work/files" || fail "${deb##*/} has no unit"
done
for deb in "$work/0.9.0"/*.deb; do
	cmp "$deb" "$work/first/${deb##*/}" || fail "${deb##*/} is not the same when it is made again"
	lintian --allow-root --fail-on error,warning "$deb" >"$work/lintian.log" 2>&1 || fail "lintian: $(cat "$work/lintian.log")"
done

# --- a Debian ---
needs=$(for deb in "$work/0.9.0"/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/ //g' | sort -u | paste -sd ,)
base=$build/debian-$suite.tar
if [[ ! -s $base || $(cat "$base.needs" 2>/dev/null) != "$needs" ]]; then
	mmdebstrap --mode=root --variant=minbase --include="$needs" --skip=download/empty "$suite" "${base%.tar}.new.tar" \
		"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${MIRROR:-http://deb.debian.org/debian} $suite main" \
		>"$work/mmdebstrap.log" 2>&1 || skip "no Debian can be made here: $(grep -m 1 '^E:' "$work/mmdebstrap.log")"
	mv "${base%.tar}.new.tar" "$base"
	echo "$needs" >"$base.needs"
fi
debian=$work/debian machine=$(dpkg --print-architecture)
mkdir "$debian"
tar -xf "$base" -C "$debian"
cp "$work"/0.9.[01]/*.deb "$debian/tmp/"

# systemd's tools want a /proc; it goes with the command.
unshare --mount --pid --fork mount -t proc proc "$debian/proc" 2>/dev/null || skip 'nothing can be mounted here'
inside() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$debian" env -i PATH=/tmp/standin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}
# dpkg DOES WHAT...
dpkg() {
	inside dpkg "$@" >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" && fail "dpkg $*" && exit 1; }
	! grep -iE 'warning|error|failed' "$work/dpkg.log" || fail "dpkg $* complains"
}
is_enabled() { [[ -L $debian/etc/systemd/system/multi-user.target.wants/$1.service ]]; }

dpkg -i "/tmp/runnel_0.9.0~deb${release}_$machine.deb" "/tmp/runnel-collector_0.9.0~deb${release}_$machine.deb"
[[ $(inside runnel --version) == runnel\ * ]] || fail 'the agent does not run'
[[ $(inside runnel-collector --version) == runnel-collector\ * ]] || fail 'the collector does not run'
[[ $(inside id -Gn runnel | tr ' ' '\n' | sort | tr '\n' ' ') == 'gpio i2c runnel ' ]] || fail "the user runnel is in: $(inside id -Gn runnel)"
[[ $(inside stat -c '%a %U:%G' /etc/runnel/runnel.yaml) == '640 root:runnel' ]] || fail "the config is $(inside stat -c '%a %U:%G' /etc/runnel/runnel.yaml)"
inside runnel check /etc/runnel/runnel.yaml >/dev/null 2>&1 || fail 'the config is not good'
is_enabled runnel || fail 'the agent is not enabled'
is_enabled runnel-clock || fail 'the clock is not enabled'
! is_enabled runnel-collector || fail 'the collector is enabled without being asked for'
inside systemd-analyze verify --man=no /lib/systemd/system/runnel{,-clock,-collector}.service >"$work/verify.log" 2>&1 || fail "units: $(cat "$work/verify.log")"
[[ -z $(inside systemd-tmpfiles --create /usr/lib/tmpfiles.d/runnel.conf 2>&1) ]] || fail 'tmpfiles complains'

# What is the user's, and what the agent knows, stay. There is no systemd here: another answers the maintainer's scripts, and asks this test
# for what it would do with the service.
mkdir -p "$debian/run/systemd/system" "$debian/tmp/standin"
mkfifo "$debian/run/asked" "$debian/run/done"
exec 7<>"$debian/run/asked" 8<>"$debian/run/done"
cat >"$debian/tmp/standin/systemctl" <<'EOF_SH'
#!/bin/sh
# What else it is asked for is done by the real one, on files.
verb='' unit=''
for word; do
	case $word in
	-*) ;;
	*) if [ -z "$verb" ]; then verb=$word; else unit=$word; fi ;;
	esac
done
case $verb in
daemon-reload) ;;
is-active) [ -e "/run/active-$unit" ] ;;
start | stop | restart)
	echo "$verb $unit" >/run/asked
	read -r answer </run/done
	;;
*) exec /usr/bin/systemctl --root=/ "$verb" "$unit" ;;
esac
EOF_SH
chmod 755 "$debian/tmp/standin/systemctl"
start_service() {
	local command
	command=$(sed -n 's/^ExecStart=//p' "$debian/lib/systemd/system/runnel.service")
	# shellcheck disable=SC2016,SC2086 # the inner shell's; words
	unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot --userspec=runnel "$@"' sh "$debian" \
		env -i PATH=/usr/bin:/bin $command >"$work/agent.out" 2>"$work/agent.log" &
	pids[agent]=$!
	touch "$debian/run/active-runnel.service"
}
stop_service() {
	end agent
	expect_status 0 'the agent'
	cat "$work/agent.log" >>"$work/agents.log"
	rm "$debian/run/active-runnel.service"
}
# dpkg_with_services DOES WHAT...: as dpkg, with somebody who does what it asks for.
dpkg_with_services() {
	local verb unit
	(
		trap 'echo over >&7' EXIT # a time limit for a reading instead could end in the middle of a line
		dpkg "$@"
	) &
	pids[dpkg]=$!
	while read -r -u 7 verb unit && [[ $verb != over ]]; do
		echo "$verb $unit" >>"$work/asked.txt"
		[[ $unit != runnel.service || $verb == start || -z ${pids[agent]:-} ]] || stop_service
		[[ $unit != runnel.service || $verb == stop ]] || start_service
		echo 'done' >&8
	done
	status_of wait "${pids[dpkg]}"
	unset 'pids[dpkg]'
	expect_status 0 "dpkg $*"
	! grep -iE 'warning|error|failed' "$work/dpkg.log" || fail "dpkg $* complains" # the job's own word is lost with it
}

make_broker 'allow_anonymous true'
keep_for_watcher
start_broker
start_watcher
cat >"$debian/etc/runnel/runnel.yaml" <<EOF_YAML
# mine
device: board-1
site: lab
clock: {trust: always}
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: /var/lib/runnel/spool.db}
window: 1s
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, offset: 20, amplitude: 5, period: 3s}
streams:
  temp: {from: air.value, hold: 5s}
EOF_YAML
n_partials() { grep -c 'board-1/partial' "$work/messages.txt" || true; }
more_than() { (($(n_partials) > $1)); }
inside install -d -o runnel -g runnel -m 750 /var/lib/runnel # StateDirectory=
mkdir -p "$debian/var/lib/private/runnel-collector"
echo fleet >"$debian/var/lib/private/runnel-collector/fleet.db"
start_service
wait_for 60 'windows' more_than 3
end broker
sleep 2
dpkg_with_services -i "/tmp/runnel_0.9.1~deb${release}_$machine.deb" "/tmp/runnel-collector_0.9.1~deb${release}_$machine.deb"
[[ $(grep -c '^restart runnel.service$' "$work/asked.txt") == 1 ]] || fail "an upgrade asked systemd for: $(cat "$work/asked.txt")"
! grep runnel-collector "$work/asked.txt" || fail 'an upgrade starts a collector that nobody has started'
sleep 2
start_broker
wait_for 120 'windows after the upgrade' more_than 8 # it tries less often the longer there is no broker
retained_has runnel/1/lab/board-1/birth "\"agent\":\"9${version:1}\"" || fail 'the new version has not begun'
touch "$debian/run/active-runnel-collector.service"
dpkg_with_services -i "/tmp/runnel_0.9.1~deb${release}_$machine.deb" "/tmp/runnel-collector_0.9.1~deb${release}_$machine.deb"
grep -qx 'restart runnel-collector.service' "$work/asked.txt" || fail 'a collector that runs is not restarted'
wait_for 60 'the last start to connect' has "$work/agent.log" 'mqtt: connected'
wait_for 60 'windows after all' more_than $(($(n_partials) + 2))
stop_service
is_all_there() { python3 -B tests/e2e/upgrade.py "$build/runnel" "$work" 3 >"$work/windows.txt" 2>&1; }
for _ in 1 2 3 4 5; do # the broker has them all; who watches it may be late
	! is_all_there || break
	sleep 2
done
is_all_there || fail "upgrades over an agent: $(cat "$work/windows.txt" "$work/agents.log")"
cat "$work/windows.txt"
end watcher
end broker

has "$debian/etc/runnel/runnel.yaml" '^# mine$' || fail 'an upgrade took the config'
[[ $(inside stat -c '%a %U:%G' /etc/runnel/runnel.yaml) == '640 root:runnel' ]] || fail 'an upgrade opened the config'
is_enabled runnel || fail 'an upgrade disabled the agent'
rm -r "$debian/run/systemd" "$debian/tmp/standin"
inside systemctl disable runnel >/dev/null 2>&1 || true
dpkg -i "/tmp/runnel_0.9.1~deb${release}_$machine.deb"
! is_enabled runnel || fail 'an upgrade enabled what was disabled'

# A card that `runnel provision` has prepared: its script, and what its service runs, without a network.
dpkg -P runnel
mkdir -p "$debian/boot/firmware"
echo '# of the card' | cat "$root/packaging/runnel.yaml" - >"$work/card.yaml"
"$work/programs/runnel" provision -c "$work/card.yaml" --boot "$debian/boot/firmware" --hostname board-7 --package "$work/0.9.1/runnel_0.9.1~deb${release}_$machine.deb" \
	>"$work/provision.log"
inside sh /boot/firmware/runnel-setup.sh >>"$work/provision.log" 2>&1 || fail "the script of a card: $(cat "$work/provision.log")"
inside /var/lib/runnel-setup/install >>"$work/provision.log" 2>&1 || fail "the installation of a card: $(cat "$work/provision.log")"
has "$debian/etc/runnel/runnel.yaml" '^# of the card$' || fail 'the package took the config of the card'
[[ $(inside stat -c '%a %U:%G' /etc/runnel/runnel.yaml) == '640 root:runnel' ]] || fail 'the config of the card can be read by all'
is_enabled runnel || fail 'the agent of a card is not enabled'
! is_enabled runnel-setup || fail 'what is done would be done again'
[[ $(<"$debian/etc/hostname") == board-7 && ! -e $debian/boot/firmware/runnel-setup.sh && ! -e $debian/var/lib/runnel-setup ]] || fail 'the card is not tidy'
rm -f "$debian/etc/systemd/system/runnel-setup.service"

dpkg -r runnel runnel-collector
[[ ! -e $debian/usr/bin/runnel && ! -e $debian/usr/bin/runnel-collector ]] || fail 'programs are left'
has "$debian/etc/runnel/runnel.yaml" '^# of the card$' || fail 'removing took the config'
has "$debian/var/lib/private/runnel-collector/fleet.db" fleet || fail 'removing took the store'
dpkg -P runnel runnel-collector
left=$(cd "$debian" && find etc usr/share usr/lib/s* usr/lib/t* usr/lib/udev var/lib -path var/lib/dpkg -prune -o -path usr/share/doc -prune -o -iname '*runnel*' -print)
[[ -z $left ]] || fail "a purge leaves: $left"
inside id runnel >/dev/null || fail 'a purge took the user, of whom there may be files'
sizes=$(cd "$work/0.9.0" && stat -c '%n %s bytes' -- *.deb | paste -sd , | sed 's/,/, /')
echo "installed, upgraded, removed, purged: $sizes"
