#!/usr/bin/env bash
# Checks that a tool is there and new enough:   version.sh go 1.26 "go version"
set -euo pipefail

name=$1 least=$2 ask=$3
if ! command -v "$name" >/dev/null; then
  echo "$name is missing: please install $name $least or newer." >&2
  exit 1
fi
found=$($ask | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -1)
if [ "$(printf '%s\n%s\n' "$least" "$found" | sort -V | head -1)" != "$least" ]; then
  echo "$name $found is too old: $least or newer is needed." >&2
  exit 1
fi
