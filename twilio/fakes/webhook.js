const { once } = require('node:events');
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');

exports.TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://voice.example.com/media-stream"/></Connect></Response>';

exports.sendTwiml = (response, twiml = exports.TWIML) => {
  response.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8' }).end(twiml);
};

/** A webhook on the loopback until the test ends: keeps every request, and answers as told. */
exports.startWebhook = async (t, answer = (response) => exports.sendTwiml(response)) => {
  const requests = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    answer(response, requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  t.after(stop);
  return { url: `http://127.0.0.1:${server.address().port}/incoming-call`, requests, stop };
};
