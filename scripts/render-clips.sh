#!/usr/bin/env bash
# Renders every spoken clip: raw µ-law, 8 kHz, mono, whole 20 ms frames. Needs Debian's espeak-ng 1.51 and sox 14.4.2.
# Voices: espeak-ng's en-us (the assistant) and en-gb+f3 (the caller); espeak-ng is GPL-3.0, which does not extend to what it speaks.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# render FILE VOICE TEXT
render() {
  mkdir -p "$(dirname "$1")"
  espeak-ng -v "$2" -s 160 -g 1 -w "$work/spoken.wav" "$3"

  # A telephone's band, without the silence at both ends; -D: no dither, the same bytes every time.
  sox -D "$work/spoken.wav" -r 8000 -b 16 "$work/trimmed.wav" gain -3 sinc 150-3400 \
    silence 1 0.02 -50d reverse silence 1 0.02 -50d reverse

  # About -18 dBFS RMS, the level of a good line; the limiter takes the last decibels off the peaks.
  local gain
  gain=$(sox "$work/trimmed.wav" -n stats 2>&1 | awk '/^RMS lev dB/ { print -18 - $4 }')
  sox -D "$work/trimmed.wav" -t raw -e mu-law "$work/clip.ulaw" gain -l "$gain" fade t 0.02 0 0.02

  # 0xFF is µ-law's silence.
  local rest=$(($(stat -c %s "$work/clip.ulaw") % 160))
  if ((rest > 0)); then
    head -c $((160 - rest)) /dev/zero | tr '\0' '\377' >> "$work/clip.ulaw"
  fi

  mv "$work/clip.ulaw" "$1"
}

assistant=VoiceAssistant.Local/OfflineAssistant/Clips
render $assistant/greeting.ulaw en-us \
  "Hello! I am the offline stand-in. For the real assistant, set OpenAI API key. Say something, and I will repeat it."
render $assistant/you-said.ulaw en-us "You said:"
render $assistant/listening.ulaw en-us "I am listening."
render $assistant/you-pressed.ulaw en-us "You pressed"
for key in 0 1 2 3 4 5 6 7 8 9 star pound a b c d; do
  render "$assistant/key-$key.ulaw" en-us "${key^}."
done

bridge=VoiceAssistant.MediaBridge/Relay/Clips
render $bridge/one-moment.ulaw en-us "One moment, please."
render $bridge/say-that-again.ulaw en-us "Sorry, could you please say that again?"
render $bridge/goodbye.ulaw en-us "I have to end the call here. Thank you for calling. Goodbye."
render $bridge/sorry-goodbye.ulaw en-us "I am sorry, I cannot go on right now. Please call again later. Goodbye."

render VoiceAssistant.Local/Phone/wwwroot/clips/question.ulaw en-gb+f3 "Hello! Can you hear me? Please repeat what I say."
