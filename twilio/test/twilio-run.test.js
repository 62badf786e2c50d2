const assert = require('node:assert/strict');
const { existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { getExpectedTwilioSignature } = require('twilio');
const { ACCOUNT_SID, ALLOWED, AUTH_TOKEN, STRANGER, voiceParameters } = require('../fakes/call');
const { freePort, startServer } = require('../fakes/servers');

const PROJECT = path.join(__dirname, '..');
const TWILIO_RUN = path.join(PROJECT, 'node_modules/twilio-run/bin/twilio-run.js');
const WEBHOOK = path.join(PROJECT, '../artifacts/bin/VoiceAssistant.Local/release/VoiceAssistant.Local.dll');

const skip = !existsSync(WEBHOOK) && 'build first: dotnet build -c Release';

test('a call goes from Twilio\'s own runtime to the Webhook and back', { skip, timeout: 180_000 }, async (t) => {
  const publicUrl = await startWebhook(t);
  const functionUrl = await startFunctions(t, `${publicUrl}/incoming-call`);

  await t.test('an allowed caller is connected to a stream with a token', async () => {
    const { status, type, twiml } = await post(functionUrl, voiceParameters());

    assert.equal(status, 200);
    assert.match(type, /^text\/xml/);
    assert.match(twiml, /<Connect\b[^>]*>\s*<Stream\b[^>]*>\s*<Parameter name="token" value="[A-Za-z0-9_-]{43}"\s*\/?>/);
  });

  await t.test('a stranger is rejected', async () => {
    const { status, type, twiml } = await post(functionUrl, voiceParameters({ From: STRANGER }));

    assert.equal(status, 200);
    assert.match(type, /^text\/xml/);
    assert.match(twiml, /<Response><Reject\/><\/Response>$/);
  });

  await t.test('T-F1 a forged request is an error', async () => {
    const { status } = await post(functionUrl, voiceParameters(), 'another token');

    assert.equal(status, 500);
  });

  await t.test('rule 11: the fallback says the apology', async () => {
    const { status, type, twiml } = await post(functionUrl.replace('incoming-call', 'fallback'), voiceParameters());

    assert.equal(status, 200);
    assert.match(type, /^text\/xml/);
    assert.match(twiml, /<Say>.*<Hangup\/>/);
  });
});

async function startWebhook(t) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  await startServer(t, 'dotnet', [WEBHOOK], {
    env: {
      ...process.env,
      PORT: String(port),
      PUBLIC_URL: url,
      TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TWILIO_AUTH_TOKEN: AUTH_TOKEN,
      // In case the machine's own settings name others.
      ALLOWED_NUMBERS: ALLOWED,
    },
    url: `${url}/health`,
  });
  return url;
}

/** Resolves to the URL that Twilio would post a call to. */
async function startFunctions(t, webhookUrl) {
  const folder = mkdtempSync(path.join(tmpdir(), 'twilio-run-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const variables = path.join(folder, '.env');
  writeFileSync(variables, Object.entries({
    ACCOUNT_SID, AUTH_TOKEN, ALLOWED_NUMBERS: ALLOWED, WEBHOOK_URL: webhookUrl,
  }).map((pair) => `${pair.join('=')}\n`).join(''));

  const port = await freePort();
  await startServer(t, process.execPath, [TWILIO_RUN, 'start', '--port', String(port), '--env', variables], {
    cwd: PROJECT,
    url: `http://localhost:${port}/fallback`,
  });
  return `http://localhost:${port}/incoming-call`;
}

async function post(url, params, authToken = AUTH_TOKEN) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, url, params) },
    body: new URLSearchParams(params),
  });
  return { status: response.status, type: response.headers.get('Content-Type'), twiml: await response.text() };
}
