const element = (id) => document.getElementById(id);

const BUSY = ['asking', 'dialling', 'connected'];
const RELEASE = 0.82; // A meter falls by this a frame: slowly enough for the eye, fast enough to show a pause.
const PRESSED = 140; // Milliseconds, as long as the tone.

/** Everything the page shows, apart from the plot. */
export const view = {
  /** @param {'ready' | 'asking' | 'dialling' | 'connected' | 'ended'} state */
  state(state, title, detail = '') {
    document.body.dataset.state = state;
    element('state').textContent = title;
    element('detail').textContent = detail;
    element('call-label').textContent = BUSY.includes(state) ? 'Hang up' : 'Call';
    element('say').disabled = state !== 'connected';
    enableMute();
    if (state === 'ended') {
      quiet('caller');
      quiet('assistant');
    }
  },

  detail(text) {
    element('detail').textContent = text;
  },

  /** What to do about the microphone; nothing where it works. */
  advice(text) {
    element('advice').textContent = text;
    element('advice').hidden = text === '';
    element('say').classList.toggle('suggested', text !== '');
    enableMute();
  },

  info({ assistant, model, hint }) {
    element('assistant').textContent = model ? `${assistant} · ${model}` : assistant;
    element('hint').textContent = hint;
  },

  timer(seconds) {
    element('timer').textContent = clockTime(seconds);
  },

  /** @param {'caller' | 'assistant'} who */
  level(who, level) {
    const meter = element(`${who}-level`);
    const shown = Math.max(level, RELEASE * meter.style.getPropertyValue('--level'));
    showLevel(meter, shown < 0.03 ? 0 : shown);
  },

  times({ firstAudible, answers, cutOffs }) {
    const interruptions = cutOffs.filter(({ isByCaller }) => isByCaller);
    const last = interruptions.at(-1);
    const silences = interruptions.map(({ silentAfter }) => silentAfter).filter((silence) => silence !== null);
    number('first-audio', firstAudible);
    number('answer', answers.at(-1));
    number('interruption', last?.silentAfter);
    note('answer-note', answers, 'from your last word to its first sound');
    if (last?.silentAfter === null) {
      element('interruption-note').textContent = 'in a pause, so there was no sound to end';
    } else {
      note('interruption-note', silences, 'from speaking over it to its silence');
    }
  },

  log(seconds, text, kind = '') {
    const time = document.createElement('time');
    time.textContent = clockTime(seconds);
    const words = document.createElement('span');
    words.textContent = text;
    const item = document.createElement('li');
    item.className = kind;
    item.append(time, words);
    element('log').append(item);
    element('log').scrollTop = element('log').scrollHeight;
  },

  press(digit) {
    const key = document.querySelector(`[data-digit="${digit}"]`);
    key.classList.add('pressed');
    setTimeout(() => key.classList.remove('pressed'), PRESSED);
  },

  /** For a new call. */
  clear(times) {
    element('log').replaceChildren();
    element('mute').setAttribute('aria-pressed', false);
    view.timer(0);
    view.times(times);
    view.advice('');
  },

  onCall(action) {
    element('call').addEventListener('click', action);
  },

  onMute(action) {
    const mute = element('mute');
    mute.addEventListener('click', () => {
      const muted = mute.getAttribute('aria-pressed') === 'false';
      mute.setAttribute('aria-pressed', muted);
      action(muted);
    });
  },

  onSay(action) {
    element('say').addEventListener('click', action);
  },

  onPress(action) {
    element('pad').addEventListener('click', ({ target }) => target.dataset.digit && action(target.dataset.digit));
  },
};

export const duration = (milliseconds) =>
  milliseconds < 10000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

const clockTime = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

// Before the microphone is open, and where there is none, there is nothing to mute.
function enableMute() {
  element('mute').disabled = !['dialling', 'connected'].includes(document.body.dataset.state) || !element('advice').hidden;
}

function quiet(who) {
  showLevel(element(`${who}-level`), 0);
}

function showLevel(meter, level) {
  meter.style.setProperty('--level', level.toFixed(3));
  meter.setAttribute('aria-valuenow', Math.round(level * 100));
}

function number(id, milliseconds) {
  element(id).textContent = milliseconds == null ? '–' : duration(milliseconds);
}

function note(id, all, meaning) {
  const sorted = all.toSorted((a, b) => a - b);
  element(id).textContent = all.length < 2 ? meaning : `median ${duration(sorted[all.length >> 1])} of ${all.length}`;
}
