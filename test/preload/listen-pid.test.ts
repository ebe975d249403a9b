// A Node is started without the exec shim: the preload finds out whether it is the worker itself.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { finished } from '../helpers/finished.js';
import { node, root } from '../helpers/paths.js';

const preload = `${root}dist/src/preload.cjs`;
const APP = 'console.log(process.env.LISTEN_PID === String(process.pid))';

/** Runs the app as a worker of `master` would be started, below a shell with `nested`. */
async function run(master: number, nested = false): Promise<string> {
  const wire = { master, nodeOptions: '', sockets: [], watchdog: 0, ignoredSignals: [] };
  const { LISTEN_PID: _, ...env } = process.env;
  const command = [node, '--require', preload, '-e', APP];
  const [file = '', ...args] = nested ? ['sh', '-c', '"$@"; true', 'sh', ...command] : command;
  const child = spawn(file, args, {
    env: { ...env, GRACEFUL_RUN_WIRE: JSON.stringify(wire) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { status, stdout, stderr } = await finished(child);
  assert.equal(status, 0, stderr);
  return stdout;
}

test('a child of the master is the worker', async () => {
  assert.equal(await run(process.pid), 'true\n');
});

test('what a child of the master starts is not, and lives its own life', async () => {
  assert.equal(await run(process.pid, true), 'false\n');
});

test('whoever comes when the master is dead leaves before the app runs', async (t) => {
  const { pid: dead = 0 } = spawnSync('true');
  assert.equal(await run(dead), '');
  // A pid that somebody else has by now.
  const other = spawn('sleep', ['60']);
  t.after(() => other.kill('SIGKILL'));
  assert.equal(await run(other.pid ?? 0), '');
});
