import { PhoneAudio } from './audio.js';
import { listenToKeys } from './keys.js';
import { PhoneSocket } from './phone-socket.js';
import { Plot } from './plot.js';
import { fallSilent, speak } from './speech.js';
import { duration, view } from './view.js';

const QUESTION = 'clips/question.ulaw';
const START_AGAIN = 'Start it with “dotnet run -c Release --project VoiceAssistant.Local”, then press Call.';
const TALK = 'Speak, and talk over the answer whenever you like.';
const SAY = 'Or press “Say something”, and a recorded voice speaks for you.';
const NO_MICROPHONE = {
  NotAllowedError: `The browser keeps the microphone from this page. Allow it beside the address and call again. ${SAY}`,
  NotFoundError: `No microphone was found. Plug one in and call again. ${SAY}`,
  NotReadableError: `Another program holds the microphone. Close it and call again. ${SAY}`,
};
const ANY_MICROPHONE = `The browser did not open a microphone. Try another browser and call again. ${SAY}`;
const NOTHING_YET = { connected: null, firstAudible: null, answers: [], interruptions: [], warnings: [] };

let shown = null; // The call on display: the last one placed, going on or over.
let webhookUrl = 'The webhook';

const audio = new PhoneAudio({
  spoken(frame, level, time) {
    shown.socket?.speak(frame);
    view.level('caller', level);
    plot.add('caller', level, time);
  },
  heard(level, time) {
    view.level('assistant', level);
    plot.add('assistant', level, time);
  },
  microphoneLost: () => view.advice(NO_MICROPHONE.NotFoundError),
});
const plot = new Plot(document.getElementById('plot'), () => audio.time);

async function placeCall() {
  const call = { socket: null, connectedAt: null, times: NOTHING_YET, isHungUp: false, isOver: false };
  shown = call;
  fallSilent();
  view.clear(NOTHING_YET);
  view.state('asking', 'One moment', 'The browser may ask whether this page may use the microphone.');

  try {
    await audio.start();
  } catch {
    finish(call, 'No sound', 'This browser cannot play the call. Try another one, or update it.');
    return;
  }
  try {
    await audio.openMicrophone();
  } catch (error) {
    view.advice(NO_MICROPHONE[error.name] ?? ANY_MICROPHONE);
  }
  if (!call.isOver) {
    connect(call);
  }
}

function connect(call) {
  plot.start();
  view.state('dialling', 'Dialling…');
  call.socket = new PhoneSocket({
    frame: (bytes) => audio.play(bytes),
    event: (kind, text) => shown === call && notice(call, kind, text),
    times: (times) => shown === call && measured(call, times),
    closed: (wasOpen) =>
      wasOpen
        ? finish(call, 'Connection lost', `The server is gone. ${START_AGAIN}`)
        : finish(call, 'No server', `The server does not answer. ${START_AGAIN}`),
  });
}

function notice(call, kind, text) {
  switch (kind) {
    case 'Dialling':
      log(call, `${webhookUrl} is asked how to answer.`);
      break;
    case 'Connected':
      call.connectedAt ??= audio.time;
      view.state('connected', 'Connected', audio.hasMicrophone ? TALK : '“Say something” speaks for you.');
      break;
    case 'Said':
      view.detail(`The assistant said: “${text}”`);
      log(call, `The assistant said: “${text}”`);
      speak(text);
      break;
    case 'StreamEnded':
      view.state('dialling', 'One moment', 'The stream ended; the webhook is asked how the call goes on.');
      log(call, 'The stream ended.');
      break;
    case 'Ended': {
      const reason = call.isHungUp ? 'You hung up.' : text;
      log(call, reason);
      finish(call, 'Call ended', reason);
      break;
    }
  }
}

function measured(call, times) {
  const known = call.times;
  call.times = times;
  view.times(times);

  if (known.connected === null && times.connected !== null) {
    log(call, `Connected after ${duration(times.connected)}; the webhook took ${duration(times.webhookAnswer)} of them.`);
  }
  if (known.firstAudible === null && times.firstAudible !== null) {
    plot.mark('answer', times.firstAudible / 1000, `first audio ${duration(times.firstAudible)}`);
    log(call, `First audio ${duration(times.firstAudible)} after that.`);
  }
  for (const answer of times.answers.slice(known.answers.length)) {
    plot.mark('answer', answer / 1000, duration(answer));
    log(call, `You were answered after ${duration(answer)}.`);
  }
  for (const interruption of times.interruptions.slice(known.interruptions.length)) {
    plot.mark('interruption', interruption / 1000, duration(interruption));
    log(call, `You spoke over the assistant; it was silent after ${duration(interruption)}.`);
  }
  for (const { code, text } of times.warnings.slice(known.warnings.length)) {
    log(call, `Twilio would warn (${code}): ${text}`, 'warning');
  }
}

function hangUp() {
  fallSilent();
  if (shown.socket) {
    shown.isHungUp = true;
    view.detail('Hanging up…');
    shown.socket.hangUp();
  } else {
    finish(shown, 'Call ended', 'You hung up before it was placed.');
  }
}

function finish(call, title, detail) {
  if (call.isOver) {
    return;
  }
  view.timer(seconds(call));
  call.isOver = true;
  audio.stop();
  plot.stop();
  view.state('ended', title, detail);
}

const isGoingOn = () => shown !== null && !shown.isOver;
const seconds = (call) => (call.connectedAt === null ? 0 : audio.time - call.connectedAt);
const log = (call, text, kind) => view.log(seconds(call), text, kind);

function press(digit) {
  audio.tone(digit);
  view.press(digit);
  if (isGoingOn() && shown.connectedAt !== null) {
    shown.socket.press(digit);
    log(shown, `You pressed ${digit}.`);
  }
}

function say() {
  audio.say(QUESTION).catch(() => view.advice(`The recorded voice could not be loaded. ${START_AGAIN}`));
}

view.onCall(() => (isGoingOn() ? hangUp() : placeCall()));
view.onMute((muted) => (audio.muted = muted));
view.onSay(say);
view.onPress(press);
listenToKeys(isGoingOn, press);
setInterval(() => isGoingOn() && view.timer(seconds(shown)), 250);

try {
  const info = await (await fetch('phone/info')).json();
  webhookUrl = info.webhookUrl;
  view.info(info);
} catch {
  view.state('ready', 'No server', `The server does not answer. ${START_AGAIN}`);
}
