import { JitterBuffer } from '../jitter-buffer.js';
import { level } from '../level.js';
import { decode } from '../mulaw.js';
import { Resampler } from '../resampler.js';

/** Plays the frames that arrive, and tells how loud each one was when it was played. */
class Speaker extends AudioWorkletProcessor {
  #buffer = new JitterBuffer();
  #resampler = new Resampler(8000, sampleRate);
  #ready = []; // Samples at the sound card's rate.
  #frame = new Float32Array(0);
  #played = 0;
  #running = true;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data === 'stop') {
        this.#running = false;
      } else {
        this.#buffer.push(decode(data));
      }
    };
  }

  process(_, [[output]]) {
    for (let i = 0; i < output.length; i++) {
      while (this.#ready.length === 0) {
        this.#resampler.push(this.#next(), (sample) => this.#ready.push(sample));
      }
      output[i] = this.#ready.shift();
    }
    return this.#running;
  }

  #next() {
    if (this.#played === this.#frame.length) {
      this.#frame = this.#buffer.next();
      this.#played = 0;
      this.port.postMessage({ level: level(this.#frame), time: currentTime });
    }
    return this.#frame[this.#played++];
  }
}

registerProcessor('speaker', Speaker);
