const { setTimeout: pause } = require('node:timers/promises');

// Twilio ends a Function after 10 s and gives up on a webhook after 15 s: the apology must be out before that.
const LIMITS = { totalMs: 6000, tryMs: 4000, pauseMs: 300, bytes: 16 * 1024 };

const XML = /^(text|application)\/xml\s*(;|$)/i;

// ECONNRESET, EPIPE and UND_ERR_SOCKET: a Function that thaws finds its idle connections closed by the peer.
// Asking twice is harmless, for the Webhook keeps one live token per call.
const CONNECT_ERRORS = new Set([
  'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_SOCKET',
]);

/** Posts the parameters as they were signed; resolves to `{ twiml }` or `{ reason }`, and never rejects. */
exports.forward = async (url, params, signature, limits = LIMITS) => {
  const deadline = performance.now() + limits.totalMs;
  const first = await post(url, params, signature, limits.tryMs, limits.bytes);
  if (!first.retry) {
    return first;
  }
  await pause(limits.pauseMs);
  return post(url, params, signature, Math.min(limits.tryMs, deadline - performance.now()), limits.bytes);
};

exports.LIMITS = LIMITS;

async function post(url, params, signature, timeoutMs, maxBytes) {
  const exchange = new AbortController();
  const timer = setTimeout(() => exchange.abort(new Error('no complete answer in time')), timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signature },
      body: new URLSearchParams(params),
      redirect: 'error',
      signal: exchange.signal,
    });
    if (response.status !== 200) {
      return { reason: `the webhook answered ${response.status}`, retry: response.status >= 500 };
    }
    if (!XML.test(response.headers.get('Content-Type'))) {
      return { reason: 'the webhook answered something else than XML' };
    }
    const twiml = await read(response.body, maxBytes);
    return twiml ? { twiml } : { reason: `the webhook answered nothing, or ${maxBytes} bytes or more` };
  } catch (error) {
    // undici hides what happened in the cause of a TypeError.
    const { code, message } = error.cause ?? error;
    return { reason: `no answer from the webhook: ${code ?? message}`, retry: CONNECT_ERRORS.has(code) };
  } finally {
    clearTimeout(timer);
    // Frees the connection of an answer that was not read to its end.
    exchange.abort();
  }
}

async function read(body, maxBytes) {
  const chunks = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length >= maxBytes) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
