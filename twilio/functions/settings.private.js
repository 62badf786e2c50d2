const E164 = /^\+[1-9]\d{6,14}$/;

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

exports.allowedNumbers = (context) => {
  const allowed = new Set();
  for (const name of ALLOWLIST) {
    for (const [index, entry] of (context[name] ?? '').split(',').entries()) {
      const number = entry.replace(/\s/g, '');
      if (E164.test(number)) {
        allowed.add(number);
      } else if (number) {
        console.warn(`${name}: entry ${index + 1} is not a number in E.164 form, such as +14155550100.`);
      }
    }
  }
  return allowed;
};
