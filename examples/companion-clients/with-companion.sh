#!/bin/sh
# with-companion.sh NAME COMMAND [ARGUMENT…]
# Runs a program that knows of no companion, and speaks for it: "drain" becomes
# SIGTERM, and its exit code the goodbye. Without a companion it just runs it.
set -u
name=$1
shift
socket=${GRACEFUL_COMPANION:-/run/graceful/control.sock}

ask() { # METHOD PATH [JSON]
  curl --silent --fail --max-time 1 --unix-socket "$socket" --request "$1" "http://companion$2" \
    --header "authorization: Bearer ${token:-}" --header 'content-type: application/json' ${3:+--data "$3"}
}
field() { printf '%s' "$me" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

leaving='' child=''
trap 'leaving=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT
"$@" &
child=$!
[ -z "$leaving" ] || kill -TERM "$child" # a signal in between

if me=$(ask POST /v1/instances "{\"name\":\"$name\",\"pid\":$child}"); then
  token=$(field token) here=/v1/instances/$(field id)
  events=$(mktemp -u) && mkfifo -m 600 "$events"
  curl --silent --no-buffer --unix-socket "$socket" --header "authorization: Bearer $token" \
    "http://companion$here/stream" >"$events" &
  stream=$!
  while read -r event; do
    case $event in *'"type":"drain"'*) kill -TERM "$child" ;; esac
  done <"$events" &
  ask PATCH "$here" '{"ready":true}' >/dev/null
fi

# A signal to this shell ends the waiting, not the program: wait again.
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || break
done

if [ -n "${stream:-}" ]; then
  ask POST "$here/bye" "{\"report\":{\"exitCode\":$code}}" >/dev/null
  kill "$stream" 2>/dev/null
  rm -f "$events"
fi
exit "$code"
