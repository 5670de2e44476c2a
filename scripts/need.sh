#!/usr/bin/env bash
# Installs Debian packages whose files are missing, and nothing when all are
# there:   need.sh chromium=chromium '/usr/lib/postgresql/*/bin/initdb=postgresql'
# Left of the "=": a program on the PATH or a path, perhaps a pattern.
set -euo pipefail

missing=()
for pair in "$@"; do
  what=${pair%%=*}
  case $what in
    /*) compgen -G "$what" >/dev/null || missing+=("${pair#*=}") ;;
    *) command -v "$what" >/dev/null || missing+=("${pair#*=}") ;;
  esac
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]} (names of Debian's packages). Please install them and try again." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Please run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 </dev/null || { cat "$log" >&2; return 1; }
}
run apt-get update -qq
run apt-get install -y -qq --no-install-recommends "${missing[@]}"
