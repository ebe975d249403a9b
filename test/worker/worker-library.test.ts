// What the end-to-end tests of `graceful-run/worker` do not show of the library.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { WORKER_HOOK, type WorkerHook } from '../../src/ipc-protocol.js';
import { onRetire } from '../../src/worker/retire.js';
import { sockets } from '../../src/worker/sockets.js';

test('ready() writes one newline to READY_FD, closes it, and does nothing if nobody reads there', () => {
  const library = new URL('../../src/worker/ready.js', import.meta.url).href;
  const code = `
    import { fstatSync } from 'node:fs';
    import { ready } from ${JSON.stringify(library)};
    ready();
    ready();
    try { fstatSync(4); } catch (error) { console.log(error.code, process.env.READY_FD); }
    for (const fd of ['99', 'x', '-1']) {
      process.env.READY_FD = fd;
      ready();
    }`;
  const { status, output } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: { PATH: process.env.PATH, READY_FD: '4' },
    stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const [, stdout, stderr, , pipe] = output;
  const expected = { status: 0, stdout: 'EBADF undefined\n', stderr: '', pipe: '\n' };
  assert.deepEqual({ status, stdout, stderr, pipe }, expected);
});

test('a closer has 5 s if the app names no timeout', (t) => {
  const timeouts: number[] = [];
  const hook: Pick<WorkerHook, 'addCloser'> = {
    addCloser({ timeoutMs }) {
      timeouts.push(timeoutMs);
      return () => {};
    },
  };
  const key = Symbol.for(WORKER_HOOK);
  Object.assign(globalThis, { [key]: hook });
  t.after(() => Reflect.deleteProperty(globalThis, key));
  onRetire('one', () => {});
  onRetire('two', () => {}, { timeout: 300 });
  assert.deepEqual(timeouts, [5000, 300]);
});

test('sockets() lists the passed sockets if LISTEN_PID is this process', (t) => {
  const before = process.env;
  t.after(() => {
    process.env = before;
  });
  const LISTEN_PID = String(process.pid);
  const rows: [env: NodeJS.ProcessEnv, names: string[]][] = [
    [{ LISTEN_PID }, []],
    [{ LISTEN_FDS: '1' }, []],
    [{ LISTEN_PID: '1', LISTEN_FDS: '1' }, []],
    ...['0', '-1', 'x', '1.5'].map((LISTEN_FDS): [NodeJS.ProcessEnv, string[]] => [
      { LISTEN_PID, LISTEN_FDS },
      [],
    ]),
    [{ LISTEN_PID, LISTEN_FDS: '1' }, ['unknown']],
    [{ LISTEN_PID, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web' }, ['web', 'unknown']],
  ];
  for (const [env, names] of rows) {
    process.env = env;
    const found = names.map((name, i) => ({ fd: 3 + i, name }));
    assert.deepEqual(sockets(), found, JSON.stringify(env));
  }
});
