#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian packages: lintian finds nothing, the same sources give the same bytes, and in a Debian of its own they install, upgrade, go and
# are purged as they should. The programs are those of this build; `make deb` compiles its own. The Debian (mmdebstrap, about a minute) is
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

# Each time the same programs and the same instant, whatever happens to this tree meanwhile.
mkdir "$work/programs"
cp "$build/runnel" "$build/runnel-collector" "$work/programs/"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)
export SOURCE_DATE_EPOCH

# package VERSION: into $work/VERSION
package() {
	mkdir -p "$work/$1"
	PREBUILT=$work/programs packaging/deb.sh "$1" "$suite" "$work/$1" >"$work/package.log" 2>&1 || { cat "$work/package.log" && fail "packages of $1" && exit 1; }
}
package 0.9.0
mv "$work/0.9.0" "$work/first"
package 0.9.0
package 0.9.1
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
	unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$debian" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
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

# What is the user's, and what the agent knows, stay.
echo '# mine' >>"$debian/etc/runnel/runnel.yaml"
mkdir -p "$debian/var/lib/runnel" "$debian/var/lib/private/runnel-collector"
echo spool >"$debian/var/lib/runnel/spool.db"
echo fleet >"$debian/var/lib/private/runnel-collector/fleet.db"
dpkg -i "/tmp/runnel_0.9.1~deb${release}_$machine.deb" "/tmp/runnel-collector_0.9.1~deb${release}_$machine.deb"
has "$debian/etc/runnel/runnel.yaml" '^# mine$' || fail 'an upgrade took the config'
[[ $(inside stat -c '%a %U:%G' /etc/runnel/runnel.yaml) == '640 root:runnel' ]] || fail 'an upgrade opened the config'
has "$debian/var/lib/runnel/spool.db" spool || fail 'an upgrade took the spool'
is_enabled runnel || fail 'an upgrade disabled the agent'
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
