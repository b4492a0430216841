#!/bin/sh
# A program of no particular language that takes $1 seconds to start, longer
# than its unit allows, and asks for the time on its channel.
say() { printf '%s\n' "$1" >&"$GRACEFUL_CHANNEL"; }
say "{\"type\":\"hello\",\"v\":1,\"token\":\"$GRACEFUL_TOKEN\",\"generation\":$GRACEFUL_GENERATION,\"pid\":$$}"
say '{"type":"extend","ms":20000}'
sleep "$1"
say '{"type":"prepared"}'
until [ "${line#*\"go\"}" != "${line-}" ]; do read -r line <&"$GRACEFUL_CHANNEL"; done
say '{"type":"ready","listeners":[]}'
exec sleep 1000
