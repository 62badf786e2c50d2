const assert = require('node:assert/strict');
const { test } = require('node:test');
const { ALLOWED, STRANGER, context, signedEvent, voiceParameters } = require('../fakes/call');
const { invoke, load } = require('../fakes/runtime');
const cases = require('../../VoiceAssistant.Tests/Webhook/Calls/parties.json');
const { startWebhook, TWIML } = require('../fakes/webhook');

const { handler } = load('incoming-call');
const { parse } = load('settings');

async function call(t, From, lists) {
  t.mock.method(console, 'log', () => {});
  const warn = t.mock.method(console, 'warn', () => {});
  const webhook = await startWebhook(t);
  const { headers, body } = await invoke(
    handler, context({ WEBHOOK_URL: webhook.url, ...lists }), signedEvent(voiceParameters({ From })));
  assert.match(headers['Content-Type'], /^text\/xml/);
  return { body, sent: webhook.requests.length, warned: warn.mock.calls.map(({ arguments: [line] }) => line) };
}

const admitted = {
  'the only number': { ALLOWED_NUMBERS: ALLOWED },
  'among others': { ALLOWED_NUMBERS: `${STRANGER},${ALLOWED},+442071838750` },
  'with blanks around and inside': { ALLOWED_NUMBERS: ` ${STRANGER} ,\n +1 415 555 0123 , ` },
  'in ALLOWED_NUMBERS_1': { ALLOWED_NUMBERS: STRANGER, ALLOWED_NUMBERS_1: ALLOWED },
  'in ALLOWED_NUMBERS_9 with nothing in between': { ALLOWED_NUMBERS: '', ALLOWED_NUMBERS_9: ALLOWED },
  'beside a malformed entry': { ALLOWED_NUMBERS: `4155550123,${ALLOWED}` },
};

for (const [where, lists] of Object.entries(admitted)) {
  test(`T-F4 a caller in the allowlist is forwarded: ${where}`, async (t) => {
    const { body, sent } = await call(t, ALLOWED, lists);

    assert.equal(body, TWIML);
    assert.equal(sent, 1);
  });
}

const parties = [
  ['client:alice', 'client:alice'],
  ['client:user%40example.com', 'client:user%40example.com'],
  ['sip:bob@example.com', 'sip:bob@example.com;user=phone'],
  ['sip:bob@example.com', 'sips:bob@EXAMPLE.com:5061'],
  ['sip:bob@Example.com:5060;transport=tcp', 'sip:bob@example.com'],
  ['+12', '+12'],
  ['sip:bob@[2001:db8::1]', 'sip:bob@[2001:DB8::1]:5060'],
  [`whatsapp:${ALLOWED}`, `whatsapp:${ALLOWED}`],
  [`sim:DE${'0'.repeat(32)}`, `sim:DE${'0'.repeat(32)}`],
];

for (const [entry, From] of parties) {
  test(`T-F4 ${entry} in the allowlist lets ${From} call`, async (t) => {
    const { body, sent, warned } = await call(t, From, { ALLOWED_NUMBERS: `${STRANGER},${entry}` });

    assert.equal(body, TWIML);
    assert.equal(sent, 1);
    assert.deepEqual(warned, []);
  });
}

const others = [
  ['client:alice', 'client:Alice'],
  ['client:alice', 'client:alice2'],
  ['client:alice', 'sip:alice@example.com'],
  ['sip:bob@example.com', 'sip:Bob@example.com'],
  ['sip:bob@example.com', 'sip:bob@example.com.evil.example'],
  ['sip:bob@example.com', 'sip:eve@evil.example;x=sip:bob@example.com'],
  ['sip:bob@example.com', 'sip:eve@evil.example?x=sip:bob@example.com'],
  ['sip:bob@example.com', 'sip:bob@example.com@evil.example'],
  ['sip:anonymous@anonymous.invalid', 'sip:anonymous@anonymous.invalid'],
  ['+266696687', '+266696687'],
  ['client:*', 'client:alice'],
  ['client:*', 'client:*'],
  ['sip:*@example.com', 'sip:bob@example.com'],
  ['sip:*@example.com', 'sip:*@example.com'],
  ['sip:example.com', 'sip:bob@example.com'],
  ['sip:example.com', 'sip:example.com'],
  [ALLOWED, `sip:${ALLOWED}@example.com`],
  [ALLOWED, `whatsapp:${ALLOWED}`],
  [`whatsapp:${ALLOWED}`, ALLOWED],
];

for (const [entry, From] of others) {
  test(`T-F4 ${entry} in the allowlist does not let ${From} call`, async (t) => {
    const { body, sent } = await call(t, From, { ALLOWED_NUMBERS: entry });

    assert.match(body, /<Response><Reject\/><\/Response>$/);
    assert.equal(sent, 0);
  });
}

const empty = {
  'no variable': { ALLOWED_NUMBERS: undefined },
  'an empty variable': { ALLOWED_NUMBERS: '' },
  'only separators': { ALLOWED_NUMBERS: ' , ,, ' },
};

for (const [what, lists] of Object.entries(empty)) {
  test(`T-F4 an empty allowlist rejects everyone: ${what}`, async (t) => {
    const { body, sent } = await call(t, ALLOWED, lists);

    assert.match(body, /<Response><Reject\/><\/Response>$/);
    assert.equal(sent, 0);
  });
}

for (const From of [STRANGER, '+1415555012', '+141555501230', '14155550123', ` ${ALLOWED}`, 'anonymous', '', '+', 'sip:+14155550123@example.com']) {
  test(`T-F4 a caller who is not exactly in the allowlist is rejected unanswered: "${From}"`, async (t) => {
    const { body, sent } = await call(t, From, { ALLOWED_NUMBERS: `${ALLOWED},anonymous` });

    assert.match(body, /<Response><Reject\/><\/Response>$/);
    assert.equal(sent, 0);
  });
}

test('T-F4 a call without From is rejected', async (t) => {
  t.mock.method(console, 'log', () => {});
  const webhook = await startWebhook(t);
  const { From, ...params } = voiceParameters();

  const { body } = await invoke(handler, context({ WEBHOOK_URL: webhook.url }), signedEvent(params));

  assert.match(body, /<Reject\/>/);
  assert.equal(webhook.requests.length, 0);
});

test('T-F4 ALLOWED_NUMBERS_10 is not read', async (t) => {
  const { body } = await call(t, ALLOWED, { ALLOWED_NUMBERS: '', ALLOWED_NUMBERS_10: ALLOWED });

  assert.match(body, /<Reject\/>/);
});

test('T-F4 a malformed entry is reported by its variable and position, never by value', async (t) => {
  const { warned } = await call(t, ALLOWED, { ALLOWED_NUMBERS: `${ALLOWED},,441632960961`, ALLOWED_NUMBERS_2: 'Anna +14155550124,client:*' });

  const expected = 'expected a number in E.164 form, such as +14155550100, client:NAME, sip:USER@HOST, whatsapp:+14155550100 or sim:DE...';
  assert.deepEqual(warned, [
    `ALLOWED_NUMBERS: entry 3 is no caller; ${expected}`,
    `ALLOWED_NUMBERS_2: entry 1 is no caller; ${expected}`,
    `ALLOWED_NUMBERS_2: entry 2 is a pattern; ${expected}`,
  ]);
});

test('T-F4 parties are read as the Webhook reads them', () => {
  for (const [text, others] of Object.entries(cases.parties)) {
    for (const other of [text, ...others]) {
      assert.deepEqual(parse(other), { text, fault: undefined }, other);
    }
  }
  for (const [text, fault] of Object.entries(cases.refused)) {
    assert.equal(parse(text)?.fault, fault, text);
  }
  for (const text of cases.none) {
    assert.equal(parse(text), undefined, text);
  }
});
