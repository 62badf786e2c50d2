import { decode } from './mulaw.js';

// ITU-T Q.23: a key is its row's tone and its column's.
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = '123456789*0#';
const TONE_SECONDS = 0.14;
const TONE_LOUDNESS = 0.12;
const CLIP_LOUDNESS = 0.5; // The clip is heard here too, below the assistant.

/** The microphone, the loudspeaker, and everything on the way between them and frames of 160 bytes. */
export class PhoneAudio {
  #context;
  #mic;
  #speaker;
  #microphone;
  #clip;
  #clips = new Map();
  #handlers;

  /** @param handlers {{spoken(frame, level, time), heard(level, time), microphoneLost()}} */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** Seconds, on the clock that levels are timed by. */
  get time() {
    return this.#context?.currentTime ?? 0;
  }

  /** To be called from a key or a click: browsers play nothing before one. */
  async start() {
    this.#context ??= new AudioContext({ latencyHint: 'interactive' });
    const resumed = this.#context.resume();
    await Promise.all(['mic', 'speaker'].map((name) => this.#context.audioWorklet.addModule(`worklets/${name}.js`)));
    await resumed;

    // New for every call: nothing of the last one is left in a buffer.
    this.#release();
    this.#mic = new AudioWorkletNode(this.#context, 'mic', { channelCount: 1, channelCountMode: 'explicit' });
    this.#mic.port.onmessage = ({ data }) => this.#handlers.spoken(data.frame, data.level, data.time);
    this.#mic.connect(this.#context.destination); // Silent; only what leads to the loudspeaker runs everywhere.
    this.#speaker = new AudioWorkletNode(this.#context, 'speaker', { numberOfInputs: 0, outputChannelCount: [1] });
    this.#speaker.port.onmessage = ({ data }) => this.#handlers.heard(data.level, data.time);
    this.#speaker.connect(this.#context.destination);
  }

  /** @throws {DOMException} The browser's reason why there is no microphone. */
  async openMicrophone() {
    if (!navigator.mediaDevices) {
      throw new DOMException('', 'NotSupportedError');
    }
    const mic = this.#mic;
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    const [track] = stream.getAudioTracks();
    if (this.#mic !== mic) {
      track.stop(); // The call ended while the browser was asking.
      return;
    }
    track.onended = () => this.#handlers.microphoneLost();
    const source = this.#context.createMediaStreamSource(stream);
    source.connect(mic);
    this.#microphone = { source, track };
  }

  get hasMicrophone() {
    return this.#microphone !== undefined;
  }

  set muted(muted) {
    if (this.#microphone) {
      this.#microphone.track.enabled = !muted;
    }
  }

  /** @param {Uint8Array} frame */
  play(frame) {
    this.#speaker?.port.postMessage(frame, [frame.buffer]);
  }

  /** Speaks a file of µ-law bytes in the microphone's place. */
  async say(url) {
    if (!this.#clips.has(url)) {
      const response = await fetch(url);
      if (!response.ok) {
        throw new Error(`${url}: ${response.status}`);
      }
      this.#clips.set(url, new Uint8Array(await response.arrayBuffer()));
    }
    const bytes = this.#clips.get(url);
    this.#mic?.port.postMessage(bytes);

    this.#clip?.stop();
    const buffer = new AudioBuffer({ length: bytes.length, sampleRate: 8000 });
    buffer.copyToChannel(decode(bytes), 0);
    this.#clip = new AudioBufferSourceNode(this.#context, { buffer });
    this.#clip.connect(new GainNode(this.#context, { gain: CLIP_LOUDNESS })).connect(this.#context.destination);
    this.#clip.start();
  }

  /** Sounds a key of the dial pad, here only: the network tells the other side in its own way. */
  tone(digit) {
    this.#context ??= new AudioContext({ latencyHint: 'interactive' });
    this.#context.resume();
    const key = KEYS.indexOf(digit);
    const now = this.#context.currentTime;
    const gain = new GainNode(this.#context, { gain: 0 });
    gain.gain.setTargetAtTime(TONE_LOUDNESS, now, 0.004);
    gain.gain.setTargetAtTime(0, now + TONE_SECONDS, 0.004);
    gain.connect(this.#context.destination);
    for (const frequency of [ROWS[Math.floor(key / 3)], COLUMNS[key % 3]]) {
      const oscillator = new OscillatorNode(this.#context, { frequency });
      oscillator.connect(gain);
      oscillator.start(now);
      oscillator.stop(now + TONE_SECONDS + 0.05);
    }
  }

  /** Lets go of the microphone and the loudspeaker, so that the browser stops showing them in use. */
  stop() {
    this.#release();
    this.#context?.suspend();
  }

  #release() {
    if (this.#microphone) {
      this.#microphone.track.onended = null;
      this.#microphone.track.stop();
      this.#microphone.source.disconnect();
      this.#microphone = undefined;
    }
    for (const node of [this.#mic, this.#speaker]) {
      if (node) {
        node.port.postMessage('stop');
        node.port.onmessage = null;
        node.disconnect();
      }
    }
    this.#clip?.stop();
    this.#mic = this.#speaker = this.#clip = undefined;
  }
}
