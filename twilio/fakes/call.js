const { getExpectedTwilioSignature } = require('twilio');

exports.AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
exports.ACCOUNT_SID = `AC${'5'.repeat(32)}`;
exports.CALL_SID = `CA${'9'.repeat(32)}`;
exports.ALLOWED = '+14155550123';
exports.STRANGER = '+14155550199';

// Far longer than any other value: it carries the call's whole SIP Identity headers.
const CALL_TOKEN = JSON.stringify({
  parentCallInfoToken: `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(200)}.${'b'.repeat(86)}`,
  identityHeaderTokens: [`eyJhbGciOiJFUzI1NiJ9.${'c'.repeat(300)}.${'d'.repeat(86)};info=<https://certificates.example.com/shaken.pem>;alg=ES256;ppt=shaken`],
});

/** The form Twilio posts when a call comes in. */
exports.voiceParameters = (changes = {}) => {
  const from = changes.From ?? exports.ALLOWED;
  return {
    AccountSid: exports.ACCOUNT_SID,
    ApiVersion: '2010-04-01',
    CallSid: exports.CALL_SID,
    CallStatus: 'ringing',
    CallToken: CALL_TOKEN,
    Called: '+18005550111',
    CalledCity: '',
    CalledCountry: 'US',
    CalledState: '',
    CalledZip: '',
    Caller: from,
    CallerCity: 'SAN FRANCISCO',
    CallerCountry: 'US',
    CallerName: 'José Ñandú & Söhne',
    CallerState: 'CA',
    CallerZip: '94105',
    Direction: 'inbound',
    From: from,
    FromCity: 'SAN FRANCISCO',
    FromCountry: 'US',
    FromState: 'CA',
    FromZip: '94105',
    StirVerstat: 'TN-Validation-Passed-A',
    To: '+18005550111',
    ToCity: '',
    ToCountry: 'US',
    ToState: '',
    ToZip: '',
    ...changes,
  };
};

const DOMAIN_NAME = 'voice-assistant-1234.twil.io';
const PATH = '/incoming-call';

/** The event of a Function for these parameters; `signed` are those the signature covers. */
exports.signedEvent = (params = exports.voiceParameters(), { signed = params, url = `https://${DOMAIN_NAME}${PATH}` } = {}) => ({
  request: { headers: { 'x-twilio-signature': getExpectedTwilioSignature(exports.AUTH_TOKEN, url, signed) }, cookies: {} },
  ...params,
});

exports.context = (changes) => ({
  DOMAIN_NAME,
  PATH,
  AUTH_TOKEN: exports.AUTH_TOKEN,
  ALLOWED_NUMBERS: exports.ALLOWED,
  ...changes,
});
