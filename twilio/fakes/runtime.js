const { readdirSync } = require('node:fs');
const path = require('node:path');

// What Twilio's runtime puts beside a Function; Response is its own, which the package does not export.
const runtime = path.dirname(require.resolve('@twilio/runtime-handler/dev'));
const { Response } = require(path.join(runtime, 'internal/response.js'));

const folder = path.join(__dirname, '../functions');
const files = readdirSync(folder);
const resources = Object.fromEntries(files.map((file) => [file.split('.')[0], { path: path.join(folder, file) }]));

global.Twilio = { Response };
global.Runtime = { getFunctions: () => resources };

exports.files = files;

exports.load = (name) => require(resources[name].path);

/** Runs a handler; resolves to what it passed to its callback. */
exports.invoke = (handler, context, event) => new Promise((resolve, reject) => {
  handler(context, event, (error, response) => (error ? reject(error) : resolve(response.serialize())));
});
