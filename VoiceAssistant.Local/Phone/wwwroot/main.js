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
  NotAllowedError: ['The browser keeps the microphone from this page.', 'Allow it beside the address and call again.'],
  NotFoundError: ['No microphone was found.', 'Plug one in and call again.'],
  NotReadableError: ['Another program holds the microphone.', 'Close it and call again.'],
  Lost: ['The microphone is gone.', 'Plug one in and call again.'],
};
const ANY_MICROPHONE = ['The browser did not open a microphone.', 'Try another browser and call again.'];
const HUNG_UP = 'You hung up.';
const UNCONFIRMED = 'You hung up; the server did not confirm it.';
const MOST_UNCONFIRMED = 2000; // Milliseconds; the user is not kept, nor the microphone, by a server that stands still.
const NOTHING_YET = { connected: null, firstAudible: null, answers: [], cutOffs: [], turns: 0, warnings: [] };

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
  microphoneLost: () => missMicrophone(shown, NO_MICROPHONE.Lost),
});
const plot = new Plot(document.getElementById('plot'), () => audio.time);

async function placeCall() {
  const call = { socket: null, connectedAt: null, isStreaming: false, times: NOTHING_YET, isHungUp: false, isOver: false };
  shown = call;
  fallSilent();
  view.clear(NOTHING_YET);
  view.state('asking', 'One moment', 'The browser may ask whether this page may use the microphone.');

  try {
    await audio.start();
  } catch {
    finish(call, 'No sound', 'This browser cannot play the call. Try another one, or update it.', 'warning');
    return;
  }
  try {
    await audio.openMicrophone();
  } catch (error) {
    missMicrophone(call, NO_MICROPHONE[error.name] ?? ANY_MICROPHONE);
  }
  if (!call.isOver) {
    connect(call);
  }
}

function missMicrophone(call, [why, remedy]) {
  if (!call.isOver) {
    view.advice(`${why} ${remedy} ${SAY}`);
    log(call, why, 'warning');
  }
}

function connect(call) {
  plot.start();
  view.state('dialling', 'Dialling…');
  call.socket = new PhoneSocket({
    frame: (bytes) => audio.play(bytes),
    event: (kind, text) => shown === call && notice(call, kind, text),
    times: (times) => shown === call && measured(call, times),
    closed: (wasOpen) => closed(call, wasOpen),
  });
}

function closed(call, wasOpen) {
  if (call.isHungUp) {
    finish(call, 'Call ended', wasOpen ? UNCONFIRMED : HUNG_UP);
  } else if (wasOpen) {
    finish(call, 'Connection lost', `The server is gone. ${START_AGAIN}`, 'warning');
  } else {
    finish(call, 'No server', `The server does not answer. ${START_AGAIN}`, 'warning');
  }
}

function notice(call, kind, text) {
  switch (kind) {
    case 'Dialling':
      log(call, `${webhookUrl} is asked how to answer.`);
      break;
    case 'Connected':
      if (call.connectedAt !== null) {
        log(call, 'Another stream is open.');
      }
      call.connectedAt ??= audio.time;
      call.isStreaming = true;
      view.state('connected', 'Connected', audio.hasMicrophone ? TALK : '“Say something” speaks for you.');
      break;
    case 'Said':
      view.detail(`The assistant said: “${text}”`);
      log(call, `The assistant said: “${text}”`);
      speak(text);
      break;
    case 'StreamEnded':
      call.isStreaming = false;
      if (!call.isHungUp) {
        view.state('dialling', 'One moment', 'The stream ended; the webhook is asked how the call goes on.');
        log(call, text);
      }
      break;
    case 'Ended':
      finish(call, 'Call ended', call.isHungUp ? HUNG_UP : text);
      break;
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
    log(call, `The assistant began to speak ${duration(times.firstAudible)} after that.`);
  }
  if (times.turns > known.turns) {
    log(call, 'You began to speak.');
  }
  for (const cutOff of times.cutOffs.slice(known.cutOffs.length)) {
    const silence = cutOff.silentAfter === null ? 'cut off' : duration(cutOff.silentAfter);
    plot.mark('interruption', (cutOff.silentAfter ?? 0) / 1000, silence);
    log(call, interruption(cutOff));
  }
  for (const answer of times.answers.slice(known.answers.length)) {
    plot.mark('answer', answer / 1000, duration(answer));
    log(call, `You were answered after ${duration(answer)}.`);
  }
  for (const { code, text } of times.warnings.slice(known.warnings.length)) {
    log(call, `Twilio would warn (${code}): ${text}`, 'warning');
  }
}

function interruption({ unheard, isByCaller, silentAfter }) {
  const rest = `${(unheard / 1000).toFixed(1)} s of it were not played.`;
  if (!isByCaller) {
    return `The assistant was cut off; ${rest}`;
  }
  return silentAfter === null
    ? `You interrupted the assistant in a pause; ${rest}`
    : `You interrupted the assistant: silent after ${duration(silentAfter)}; ${rest}`;
}

function hangUp() {
  const call = shown;
  fallSilent();
  if (call.socket) {
    call.isHungUp = true;
    view.detail('Hanging up…');
    call.socket.hangUp();
    setTimeout(() => {
      finish(call, 'Call ended', UNCONFIRMED, 'warning');
      call.socket.close();
    }, MOST_UNCONFIRMED);
  } else {
    finish(call, 'Call ended', 'You hung up before it was placed.');
  }
}

function finish(call, title, detail, kind) {
  if (call.isOver) {
    return;
  }
  log(call, detail, kind);
  view.timer(seconds(call));
  call.isOver = true;
  audio.stop();
  plot.stop();
  view.state('ended', title, detail);
}

const isGoingOn = () => shown !== null && !shown.isOver;
const seconds = (call) => (call.connectedAt === null ? 0 : audio.time - call.connectedAt);
const log = (call, text, kind) => call === shown && view.log(seconds(call), text, kind);

function press(digit) {
  audio.tone(digit);
  view.press(digit);
  if (isGoingOn() && shown.isStreaming) {
    shown.socket.press(digit);
    log(shown, `You pressed ${digit}.`);
  }
}

async function say() {
  try {
    await audio.say(QUESTION);
    log(shown, 'A recorded voice spoke for you.');
  } catch {
    view.advice(`The recorded voice could not be loaded. ${START_AGAIN}`);
  }
}

function mute(muted) {
  audio.muted = muted;
  log(shown, muted ? 'You muted the microphone.' : 'You unmuted the microphone.');
}

view.onCall(() => (isGoingOn() ? hangUp() : placeCall()));
view.onMute(mute);
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
