import { level } from './level.js';

// All in frames of 20 ms.
const SMALLEST = 3;
const LARGEST = 5;
const CALM = 500; // 10 s without an underrun: the buffer may shrink again.
const SLACK = 2; // This much above the target is noise of the clocks; beyond it, silence is left out.
const MOST = 15; // Beyond 300 ms, speech is left out too: an answer that late is worse.

const QUIET = 0.25; // -45 dBFS
const FADE = 80; // 10 ms, in samples

/** Evens out when frames arrive: gives one for every 20 ms of playing, and never a click where one is missing or left out. */
export class JitterBuffer {
  #frames = [];
  #target = SMALLEST;
  #filling = true;
  #calm = 0;
  #last = new Float32Array(160);

  /** @param {Float32Array} frame 160 samples */
  push(frame) {
    this.#frames.push(frame);
  }

  get length() {
    return this.#frames.length;
  }

  /** @returns {Float32Array} the next 160 samples to play */
  next() {
    this.#last = this.#take();
    return this.#last;
  }

  #take() {
    if (this.#filling && this.#frames.length < this.#target) {
      return new Float32Array(160);
    }
    if (this.#frames.length === 0) {
      this.#filling = true;
      this.#calm = 0;
      this.#target = Math.min(LARGEST, this.#target + 1);
      return fadedOut(this.#last);
    }
    if (++this.#calm % CALM === 0) {
      this.#target = Math.max(SMALLEST, this.#target - 1);
    }

    const next = this.#frames.shift();
    if (this.#filling) {
      this.#filling = false;
      return crossfaded(new Float32Array(160), next);
    }
    return this.#shortened(next);
  }

  #shortened(next) {
    const left = this.#frames.length;
    if (left > MOST) {
      return crossfaded(next, this.#frames.splice(0, left - this.#target).at(-1));
    }
    if (left > this.#target + SLACK && level(next) < QUIET) {
      return crossfaded(next, this.#frames.shift());
    }
    return next;
  }
}

// Played backwards, a frame goes on where it ended; it is gone before that is heard as a repetition.
const fadedOut = (frame) => crossfaded(frame.toReversed(), new Float32Array(160));

const crossfaded = (from, to) => to.map((sample, i) => (i < FADE ? from[i] + ((sample - from[i]) * (i + 1)) / FADE : sample));
