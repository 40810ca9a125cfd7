#!/usr/bin/env bash
# Installs what the browser tests need from Debian: Chromium, and fonts for Korean and emoji.
set -eu

missing=()
command -v chromium >/dev/null 2>&1 || missing+=(chromium)
command -v fc-list >/dev/null 2>&1 || missing+=(fontconfig)
has_font() { command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list "$1" family 2>/dev/null)" ]; }
has_font ':lang=ko' || missing+=(fonts-noto-cjk)
has_font ':family=Noto Color Emoji' || missing+=(fonts-noto-color-emoji)
[ ${#missing[@]} -eq 0 ] && exit 0

command="apt-get install --yes --no-install-recommends ${missing[*]}"
explain() {
  echo "moim: the browser tests need: ${missing[*]}" >&2
  echo "      Run as root: apt-get update && $command" >&2
  exit 1
}
command -v apt-get >/dev/null 2>&1 || explain
if [ "$(id -u)" -eq 0 ]; then sudo=()
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo=(sudo -n)
else explain; fi

echo "moim: installing ${missing[*]} with apt-get"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{ "${sudo[@]}" apt-get update && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive $command; } >"$log" 2>&1 </dev/null \
  || { tail -n 15 "$log" >&2; explain; }
