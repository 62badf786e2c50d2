/** Speaks what the telephone network itself says (a `<Say>`), where the browser has a voice. */
export function speak(text) {
  globalThis.speechSynthesis?.speak(new SpeechSynthesisUtterance(text));
}

export function fallSilent() {
  globalThis.speechSynthesis?.cancel();
}
