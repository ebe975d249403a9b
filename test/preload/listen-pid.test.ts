// A Node worker is started without the exec shim: the preload finds out whether its process is the worker.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { CONFIG_VARIABLE, type PreloadConfig } from '../../src/ipc-protocol.js';
import { node, root } from '../helpers/paths.js';
import { finished } from '../helpers/processes/finished.js';

const preload = `${root}dist/src/preload.cjs`;
const APP = 'console.log(process.env.LISTEN_PID === String(process.pid))';

/** Runs the app as a worker of `masterPid` would be started, below a shell with `nested`. */
async function run(masterPid: number, nested = false): Promise<string> {
  const config: PreloadConfig = {
    ...{ masterPid, nodeOptions: '', sockets: [], watchdogMs: 0, ignoredSignals: [] },
    ...{ inspect: false, sourceMaps: false },
  };
  const { LISTEN_PID: _, ...env } = process.env;
  const command = [node, '--require', preload, '-e', APP];
  const [file = '', ...args] = nested ? ['sh', '-c', '"$@"; true', 'sh', ...command] : command;
  const child = spawn(file, args, {
    env: { ...env, [CONFIG_VARIABLE]: JSON.stringify(config) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { status, stdout, stderr } = await finished(child);
  assert.equal(status, 0, stderr);
  return stdout;
}

test('a child of the master is the worker', async () => {
  assert.equal(await run(process.pid), 'true\n');
});

test('a process that a child of the master starts is not the worker, and runs the app all the same', async () => {
  assert.equal(await run(process.pid, true), 'false\n');
});

test('a worker that starts after the death of the master exits before the app runs', async (t) => {
  const { pid: dead = 0 } = spawnSync('true');
  assert.equal(await run(dead), '');
  // The pid may be that of another process by then.
  const other = spawn('sleep', ['60']);
  t.after(() => other.kill('SIGKILL'));
  assert.equal(await run(other.pid ?? 0), '');
});
