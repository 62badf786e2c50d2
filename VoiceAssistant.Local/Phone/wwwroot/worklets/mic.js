import { level } from '../level.js';
import { SILENCE, decode, encode } from '../mulaw.js';
import { Resampler } from '../resampler.js';

/** Turns the microphone, or a clip in its place, into frames of 160 bytes, on the sound card's clock. */
class Mic extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, 8000);
  #frame = new Uint8Array(160);
  #filled = 0;
  #clip = new Uint8Array(0);
  #running = true;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data === 'stop') {
        this.#running = false;
      } else {
        this.#clip = data;
      }
    };
  }

  process([[samples]]) {
    for (let i = 0; i < 128; i++) {
      this.#resampler.push(samples ? samples[i] : 0, (sample) => this.#add(sample));
    }
    return this.#running;
  }

  #add(sample) {
    this.#frame[this.#filled++] = encode(sample);
    if (this.#filled === this.#frame.length) {
      this.#send();
      this.#frame = new Uint8Array(160);
      this.#filled = 0;
    }
  }

  #send() {
    if (this.#clip.length > 0) {
      this.#frame.fill(SILENCE);
      this.#frame.set(this.#clip.subarray(0, 160));
      this.#clip = this.#clip.subarray(160);
    }
    const message = { frame: this.#frame, level: level(decode(this.#frame)), time: currentTime };
    this.port.postMessage(message, [this.#frame.buffer]);
  }
}

registerProcessor('mic', Mic);
