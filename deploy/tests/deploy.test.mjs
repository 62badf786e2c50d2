// What Kubernetes' schemas, Compose and Caddy themselves say to deploy/. What it has in common with the code: VoiceAssistant.AppHost.Tests/DeployTests.cs.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const deploy = fileURLToPath(new URL('..', import.meta.url));
const needed = { PUBLIC_URL: 'https://voice.example.com', TWILIO_AUTH_TOKEN: 'x', REDIS_PASSWORD: 'x' };

test('kubernetes: what kustomize makes of it fits the schemas', async () => {
  const made = execFileSync('kubectl', ['kustomize', join(deploy, 'kubernetes')], { encoding: 'utf8' });
  const documents = parseAllDocuments(made).map((document) => document.toJS());

  assert.deepEqual(
    [...new Set(documents.map((document) => document.kind))].sort(),
    ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'Ingress', 'Namespace', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'StatefulSet'],
  );
  for (const document of documents) {
    const model = await import(`kubernetes-models/${document.apiVersion}/${document.kind}`);
    assert.doesNotThrow(() => new model[document.kind](document).validate(), `${document.kind} ${document.metadata.name}`);
  }
});

test('kubernetes: the generated names are those that are referred to, and no secret is made', () => {
  const made = execFileSync('kubectl', ['kustomize', join(deploy, 'kubernetes')], { encoding: 'utf8' });
  const documents = parseAllDocuments(made).map((document) => document.toJS());
  const maps = documents.filter((document) => document.kind === 'ConfigMap').map((document) => document.metadata.name);
  const referred = [...made.matchAll(/(?:configMapRef|configMap):\s+name: (\S+)/g)].map((found) => found[1]);

  assert.deepEqual([...new Set(referred)].sort(), maps.sort());
  assert.ok(!documents.some((document) => document.kind === 'Secret'));
});

test('compose: docker-compose takes it, and not without the settings that it needs', () => {
  const config = (env) => execFileSync('docker-compose', ['-f', join(deploy, 'compose.yaml'), 'config', '-q'], { env: { PATH: process.env.PATH, ...env }, cwd: tmpdir(), stdio: 'pipe' });

  config(needed);
  for (const name of Object.keys(needed)) {
    assert.throws(() => config({ ...needed, [name]: '' }), (fault) => `${fault.stderr}`.includes(name), name);
  }
});

test('caddy: takes its file as it stands', () => {
  execFileSync('caddy', ['validate', '--config', join(deploy, 'Caddyfile'), '--adapter', 'caddyfile'], { env: { ...process.env, ...needed }, stdio: 'pipe' });
});

test('caddy: each path leads where it should, and a bridge that drains gets no streams', async (t) => {
  const stopping = [];
  t.after(async () => { for (const stop of stopping.reverse()) await stop(); });

  const services = {};
  for (const name of ['webhook', 'mediabridge-1', 'mediabridge-2']) {
    const service = { drains: false };
    service.server = createServer((asked, answer) => {
      answer.statusCode = service.drains ? 503 : 200;
      answer.end(`${name} ${asked.url} ${asked.headers['x-forwarded-for']}`);
    });
    service.server.on('upgrade', (asked, socket) => {
      socket.end(service.drains ? 'HTTP/1.1 503 Service Unavailable\r\n\r\n' : `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Name: ${name}\r\n\r\n`);
    });
    await once(service.server.listen(0, '127.0.0.1'), 'listening');
    stopping.push(() => { service.server.closeAllConnections(); service.server.close(); });
    services[name] = service;
  }

  // The file itself, but for where the services are, and without TLS.
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address();
  await new Promise((closed) => free.close(closed));
  const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
  stopping.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = Object.entries(services).reduce(
    (text, [name, { server }]) => text.replaceAll(`${name}:8080`, `127.0.0.1:${server.address().port}`),
    readFileSync(join(deploy, 'Caddyfile'), 'utf8'));
  writeFileSync(join(folder, 'Caddyfile'), file);
  const caddy = spawn('caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], {
    env: { ...process.env, PUBLIC_URL: `http://127.0.0.1:${port}`, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }, stdio: 'ignore',
  });
  stopping.push(async () => { caddy.kill(); await once(caddy, 'exit'); });

  const ask = (path, headers = {}) => new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, headers, agent: false }, async (answer) => {
      resolve({ status: answer.statusCode, text: (await answer.toArray()).join('') });
    });
    asking.on('upgrade', (answer, socket) => { socket.destroy(); resolve({ status: answer.statusCode, text: answer.headers['x-name'] }); });
    asking.on('error', reject);
    asking.end();
  });
  const open = () => ask('/media-stream', { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' });

  for (let tries = 0; tries < 100; tries++) {
    try { await ask('/alive'); break; } catch { await delay(100); }
  }

  for (const path of ['/incoming-call', '/stream-ended/1', '/stream-ended/9/rescue', '/stream-status/3', '/health', '/alive']) {
    assert.match((await ask(path)).text, new RegExp(`^webhook ${path} `), path);
  }
  for (const path of ['/', '/room', '/drain', '/metrics', '/stream-ended', '/stream-ended/0', '/stream-ended/10', '/stream-status/1/rescue', '/Health', '/media-stream/', '/health/']) {
    assert.deepEqual(await ask(path), { status: 404, text: '' }, path);
  }

  // Whom the services count a request with is the client that Caddy saw, not the one that it named.
  assert.match((await ask('/health', { 'X-Forwarded-For': '203.0.113.9' })).text, / (203\.0\.113\.9, )?127\.0\.0\.1$/);

  assert.match((await open()).text, /^mediabridge-[12]$/);
  services['mediabridge-1'].drains = true;
  // Some of Caddy's checks, one a second.
  await delay(3500);
  for (let tries = 0; tries < 20; tries++) {
    assert.deepEqual(await open(), { status: 101, text: 'mediabridge-2' });
  }
});
