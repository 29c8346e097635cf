# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the findings share: pinned packages in a temporary folder, and namespaces of their own.
#
#   debian NAME=VERSION...   unpacks Debian packages, without installing them
#   npm_packages NAME@VERSION...   installs npm packages, without their scripts
#   need COMMAND...          these programs have to be there
#   probe   runs the Python program on stdin in fresh network and pid namespaces, with probe.py beside it;
#           its exit status is the script's
#
# $work is the temporary folder, $root holds the unpacked packages.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
root=$work/root
libraries=$root/usr/lib/$(uname -m)-linux-gnu
mkdir "$root"
trap 'rm -rf "$work"' EXIT

cannot_run() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 77
}

need() {
	local command
	for command; do
		command -v "$command" >/dev/null || cannot_run "needs $command"
	done
}

debian() {
	local package
	need apt-get dpkg
	mkdir -p "$work/deb"
	(cd "$work/deb" && apt-get -qq download "$@" >"$work/apt.log" 2>&1) ||
		cannot_run "cannot download $*: $(tail -n 1 "$work/apt.log")"
	for package in "$work"/deb/*.deb; do
		dpkg -x "$package" "$root"
	done
	export PATH=$root/usr/bin:$root/usr/sbin:$root/bin:$root/sbin:$PATH:/usr/sbin:/sbin
	export LD_LIBRARY_PATH=$libraries
	export PYTHONPATH=$root/usr/lib/python3/dist-packages
	export PERL5LIB=$root/usr/share/perl5
	export RUBYLIB=$root/usr/lib/ruby/vendor_ruby
}

npm_packages() {
	need npm node
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" "$@" >"$work/npm.log" 2>&1 ||
		cannot_run "cannot install $*: $(tail -n 1 "$work/npm.log")"
	export NODE_PATH=$work/node_modules PATH=$work/node_modules/.bin:$PATH
}

probe() {
	local rights=()
	need unshare ip
	[ "$(id -u)" -eq 0 ] || rights=(--map-root-user)
	unshare "${rights[@]}" --net --pid --fork --mount-proc true 2>/dev/null ||
		cannot_run "may not make namespaces"
	cat >"$work/finding.py"
	cp "$here/probe.py" "$work/"
	cd "$work"
	root=$root unshare "${rights[@]}" --net --pid --fork --kill-child --mount-proc \
		sh -c 'ip link set lo up && exec /usr/bin/python3 finding.py'
}
