const EXACT = /^(\+[1-9]\d{6,14}|client:[!$-;=?-Z_a-z~]{1,256}|whatsapp:\+[1-9]\d{6,14}|sim:DE[0-9a-f]{32})$/;

// As the Webhook reads it (Party.cs): in its normal form the host is in lower case, and the default port, parameters and headers are gone.
const SIP = /^(?<scheme>sips?):(?<user>[\w.!~*'()&=+$,;?/%-]+@)?(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(?<port>:\d{1,5})?([;?][!-~]*)?$/;

// A variable holds at most 450 bytes, about 34 numbers, so the list may go on in nine more.
const ALLOWLIST = ['ALLOWED_NUMBERS', ...Array.from({ length: 9 }, (_, n) => `ALLOWED_NUMBERS_${n + 1}`)];

const WEBHOOK_URL = /^(https:\/\/[^\s/@?#]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?)\/([^\s?#]+\/)?incoming-call$/;

exports.authToken = ({ AUTH_TOKEN }) => {
  if (!AUTH_TOKEN) {
    console.error('AUTH_TOKEN is missing: tick "Add my Twilio Credentials (ACCOUNT_SID) and (AUTH_TOKEN) to ENV" in the Environment Variables of this service.');
  }
  return AUTH_TOKEN;
};

exports.webhookUrl = ({ WEBHOOK_URL: value = '' }) => {
  const url = value.trim();
  if (WEBHOOK_URL.test(url)) {
    return url;
  }
  console.error(`WEBHOOK_URL is ${url ? 'unusable' : 'missing'}: it must be the PUBLIC_URL of the Webhook followed by /incoming-call, such as https://voice.example.com/incoming-call.`);
  return undefined;
};

/** Whether the caller, as Twilio names them in From, is in the allowlist. */
exports.isAllowed = (context, from) => {
  const caller = party(from);
  return caller !== undefined && allowlist(context).has(caller);
};

function allowlist(context) {
  const allowed = new Set();
  for (const name of ALLOWLIST) {
    for (const [index, entry] of (context[name] ?? '').split(',').entries()) {
      const text = entry.replace(/\s/g, '');
      const caller = party(text);
      if (caller) {
        allowed.add(caller);
      } else if (text) {
        console.warn(`${name}: entry ${index + 1} is neither a number in E.164 form, such as +14155550100, nor client:NAME, sip:USER@HOST, whatsapp:+14155550100 or sim:DE....`);
      }
    }
  }
  return allowed;
}

// Undefined for what is none, for a caller who hides, and for what looks like a pattern, of which there are none.
function party(text = '') {
  if (EXACT.test(text)) {
    return text;
  }
  const { scheme, user = '', host, port = '' } = SIP.exec(text)?.groups ?? {};
  if (!scheme || user === '*@' || host.toLowerCase() === 'anonymous.invalid') {
    return undefined;
  }
  return `${scheme}:${user}${host.toLowerCase()}${port === (scheme === 'sips' ? ':5061' : ':5060') ? '' : port}`;
}
