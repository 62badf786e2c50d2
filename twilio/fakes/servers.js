const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:net');
const { setTimeout: pause } = require('node:timers/promises');

exports.freePort = async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

/** Runs a server until the test ends; resolves when `url` answers 200. */
exports.startServer = async (t, command, args, { cwd, env, url }) => {
  // On Unix a process group of its own, so that whatever it starts ends with it.
  const child = spawn(command, args, { cwd, env, detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child, 'spawn');
  stopAtTheEnd(t, child.pid);

  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  if (!await answers(url, child)) {
    throw new Error(`${command} ${args.join(' ')} does not answer at ${url}:\n${Buffer.concat(output)}`);
  }
};

async function answers(url, child) {
  const deadline = performance.now() + 60_000;
  while (child.exitCode === null && performance.now() < deadline) {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    if (response?.ok) {
      return true;
    }
    await pause(100);
  }
  return false;
}

function stopAtTheEnd(t, pid) {
  const stop = () => stopTree(pid);
  // An interrupted test runs no hooks.
  const interrupted = () => process.exit(1);
  process.once('exit', stop).once('SIGINT', interrupted).once('SIGTERM', interrupted);
  t.after(() => {
    stop();
    process.off('exit', stop).off('SIGINT', interrupted).off('SIGTERM', interrupted);
  });
}

function stopTree(pid) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f']);
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: they have all ended by themselves.
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}
