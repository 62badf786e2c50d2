import { labelRows } from './labels.js';

const SECONDS = 15;
const BAR_WIDTH = 3.4; // Pixels, with its gap.
const AUDIBLE = 0.25; // -45 dBFS
const SETTLE = 0.3; // Seconds after which what a measurement is about has been played, and so drawn.
const PAUSE = 15; // Frames, 300 ms: shorter silences are within words.
const LANES = ['caller', 'assistant'];
const ROW = 16; // Pixels
const ROWS = { interruption: 1, answer: 2 }; // Above the voices, and below them.
const SCALE = 22; // Pixels, below everything.
const GAP = 8; // Pixels, between two labels in a row.

const stillness = matchMedia('(prefers-reduced-motion: reduce)');
const darkness = matchMedia('(prefers-color-scheme: dark)');

/** How loud both sides were over the last 15 seconds: the caller upwards, the assistant downwards, and how long it took. */
export class Plot {
  #canvas;
  #clock;
  #lanes;
  #spans;
  #running = false;
  #end = 0;

  /** @param {HTMLCanvasElement} canvas @param {() => number} clock seconds; the one that levels are timed by */
  constructor(canvas, clock) {
    this.#canvas = canvas;
    this.#clock = clock;
    this.#clear();
    new ResizeObserver(() => this.#draw()).observe(canvas);
    darkness.addEventListener('change', () => this.#draw());
  }

  start() {
    this.#clear();
    this.#running = true;
    this.#run();
  }

  /** What was drawn last stays. */
  stop() {
    this.#running = false;
  }

  /** @param {'caller' | 'assistant'} lane */
  add(lane, level, time) {
    const levels = this.#lanes[lane];
    levels.push({ level, time });
    if (levels[0].time < time - SECONDS - 1) {
      levels.splice(0, levels.findIndex((old) => old.time >= time - SECONDS));
    }
  }

  /** Marks time that ended when the assistant began (kind `answer`) or fell silent (kind `interruption`), just now. */
  mark(kind, seconds, label) {
    const told = this.#clock();
    setTimeout(() => {
      const end = this.#edge(kind, told - 2 * SETTLE) ?? told;
      // Kept for longer than they are seen: their neighbours' rows depend on them.
      this.#spans = this.#spans.filter((span) => span.end > told - 2 * SECONDS);
      this.#spans.push({ kind, label, start: end - seconds, end });
      this.#draw();
    }, SETTLE * 1000);
  }

  /** When the assistant began, after a pause, or fell silent. */
  #edge(kind, since) {
    const levels = this.#lanes.assistant;
    const recent = ({ level, time }) => level > AUDIBLE && time > since;
    const afterPause = (_, i) => levels.slice(Math.max(0, i - PAUSE), i).every(({ level }) => level <= AUDIBLE);
    return kind === 'answer'
      ? levels.find((one, i) => recent(one) && afterPause(one, i))?.time
      : levels.findLast(recent)?.time;
  }

  #clear() {
    this.#lanes = { caller: [], assistant: [] };
    this.#spans = [];
  }

  #run() {
    if (!this.#running) {
      return;
    }
    this.#end = this.#clock();
    this.#draw();
    if (stillness.matches) {
      setTimeout(() => this.#run(), 1000);
    } else {
      requestAnimationFrame(() => this.#run());
    }
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    if (this.#canvas.width !== Math.round(width * scale) || this.#canvas.height !== Math.round(height * scale)) {
      this.#canvas.width = Math.round(width * scale);
      this.#canvas.height = Math.round(height * scale);
    }

    const context = this.#canvas.getContext('2d');
    const style = getComputedStyle(this.#canvas);
    const top = ROWS.interruption * ROW;
    const bottom = height - SCALE - ROWS.answer * ROW;
    const area = {
      context,
      width,
      top,
      middle: (top + bottom) / 2,
      bottom,
      scale: height - 4,
      color: (name) => style.getPropertyValue(`--${name}`),
      x: (time) => width - ((this.#end - time) / SECONDS) * width,
    };
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `12px ${style.fontFamily}`;
    this.#drawScale(area);
    this.#spans.forEach((span) => this.#drawBand(area, span));
    LANES.forEach((lane) => this.#drawBars(area, lane));
    Object.keys(ROWS).forEach((kind) => this.#drawLabels(area, kind));
  }

  #drawScale({ context, width, middle, scale, color }) {
    context.fillStyle = color('line');
    context.fillRect(0, middle - 0.5, width, 1);
    context.fillStyle = color('soft');
    context.textBaseline = 'alphabetic';
    for (const seconds of [15, 10, 5, 0]) {
      context.textAlign = seconds === 15 ? 'left' : seconds === 0 ? 'right' : 'center';
      context.fillText(seconds === 0 ? 'now' : `−${seconds} s`, width - (seconds / SECONDS) * width, scale);
    }
  }

  #drawBars({ context, width, top, middle, color, x }, lane) {
    const loudest = new Map();
    const span = (BAR_WIDTH * SECONDS) / width;
    for (const { level, time } of this.#lanes[lane]) {
      const bar = Math.floor(time / span);
      loudest.set(bar, Math.max(level, loudest.get(bar) ?? 0));
    }

    const direction = lane === 'caller' ? -1 : 1;
    const longest = middle - top - 8;
    context.strokeStyle = color(lane);
    context.lineWidth = 0.6 * BAR_WIDTH;
    context.lineCap = 'round';
    context.beginPath();
    for (const [bar, level] of loudest) {
      const at = x((bar + 0.5) * span);
      if (level > 0.02 && at > 0) {
        context.moveTo(at, middle + direction * 4);
        context.lineTo(at, middle + direction * (4 + level * longest));
      }
    }
    context.stroke();
  }

  #drawBand({ context, top, middle, bottom, color, x }, { kind, start, end }) {
    const left = x(start);
    const from = kind === 'answer' ? middle : top;
    context.globalAlpha = 0.22;
    context.fillStyle = color(kind === 'answer' ? 'assistant' : 'hang-up');
    context.fillRect(left, from, Math.max(2, x(end) - left), bottom - from);
    context.globalAlpha = 1;
  }

  #drawLabels({ context, bottom, color, x }, kind) {
    const labels = this.#spans
      .filter((span) => span.kind === kind)
      .map(({ label, end }) => ({ text: label, right: x(end), width: context.measureText(label).width }));
    const first = (kind === 'answer' ? bottom + ROW : ROW) - 4;
    context.textAlign = 'right';
    context.fillStyle = color('ink');
    labelRows(labels, ROWS[kind], GAP).forEach((row, i) => {
      const { text, right, width } = labels[i];
      if (row !== null && right >= width) {
        context.fillText(text, right, first + row * ROW);
      }
    });
  }
}
