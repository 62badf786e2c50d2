const element = (id) => document.getElementById(id);

const RELEASE = 0.82; // A meter falls this much a frame: the eye follows, and a pause is still seen.

/** Everything the page shows, apart from the plot. */
export const view = {
  /** @param {'ready' | 'asking' | 'dialling' | 'connected' | 'ended'} state */
  state(state, title, detail = '') {
    const busy = state !== 'ready' && state !== 'ended';
    document.body.dataset.state = state;
    element('state').textContent = title;
    element('detail').textContent = detail;
    element('call-label').textContent = busy ? 'Hang up' : 'Call';
    element('say').disabled = state !== 'connected';
    element('mute').disabled = !busy || !element('advice').hidden;
  },

  detail(text) {
    element('detail').textContent = text;
  },

  /** What to do about the microphone; nothing when it works. */
  advice(text = '') {
    element('advice').textContent = text;
    element('advice').hidden = text === '';
    element('say').classList.toggle('suggested', text !== '');
    element('mute').disabled ||= text !== '';
  },

  muted(muted) {
    element('mute').setAttribute('aria-pressed', muted);
  },

  info({ assistant, model, hint }) {
    element('assistant').textContent = model ? `${assistant} · ${model}` : assistant;
    element('hint').textContent = hint;
  },

  pressed(digit) {
    const key = document.querySelector(`[data-digit="${digit}"]`);
    key.classList.add('pressed');
    setTimeout(() => key.classList.remove('pressed'), 140);
  },

  timer(seconds) {
    element('timer').textContent = clockTime(seconds);
  },

  /** @param {'caller' | 'assistant'} who */
  level(who, level) {
    const meter = element(`${who}-level`);
    const shown = Math.max(level, RELEASE * meter.style.getPropertyValue('--level'));
    meter.style.setProperty('--level', shown < 0.03 ? 0 : shown.toFixed(3));
    meter.setAttribute('aria-valuenow', Math.round(shown * 100));
  },

  times({ firstAudible, answers, interruptions }) {
    number('first-audio', firstAudible);
    number('answer', answers.at(-1));
    number('interruption', interruptions.at(-1));
    note('answer-note', answers, 'from your last word to its first sound');
    note('interruption-note', interruptions, 'from speaking over it to its silence');
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

  clearLog() {
    element('log').replaceChildren();
  },

  quiet() {
    for (const who of ['caller', 'assistant']) {
      element(`${who}-level`).style.setProperty('--level', 0);
      element(`${who}-level`).setAttribute('aria-valuenow', 0);
    }
  },

  onCall(action) {
    element('call').addEventListener('click', action);
  },

  onMute(action) {
    element('mute').addEventListener('click', () => action(element('mute').getAttribute('aria-pressed') === 'false'));
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

function number(id, milliseconds) {
  element(id).textContent = milliseconds == null ? '–' : duration(milliseconds);
}

function note(id, all, meaning) {
  const sorted = all.toSorted((a, b) => a - b);
  element(id).textContent = all.length < 2 ? meaning : `median ${duration(sorted[all.length >> 1])} of ${all.length}`;
}
