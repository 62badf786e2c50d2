#!/bin/sh
# Renders what the page's "Say something" says: one sentence as G.711 µ-law, 8 kHz, without a header.
# Needs espeak-ng and sox.
set -eu
cd "$(dirname "$0")/.."
clip=VoiceAssistant.Local/Phone/wwwroot/clips/hello.ulaw
speech=$(mktemp --suffix=.wav)
trap 'rm -f "$speech"' EXIT

espeak-ng -v en-us+f3 -s 155 -w "$speech" "Hello! What can you do?"
sox "$speech" -r 8000 -c 1 -t raw -e mu-law "$clip" sinc 250-3400 norm -6 pad 0.1 0.1
ls -l "$clip"
