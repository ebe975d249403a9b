// Sockets for workers: bound in advance, one each, and a word when there can be none.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createNotifier } from 'node-systemd-notify';
import { makeNotifyDirectory } from '../../src/systemd/notify-directory.js';
import {
  createWorkerSockets,
  understand,
  type WorkerSays,
} from '../../src/systemd/worker-notify-sockets.js';
import { eventually } from '../helpers/eventually.js';
import { scratch } from '../helpers/supervisor.js';

const says = (text: string) =>
  understand(new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]))).map(
    (one) => Object.values(one).join(' '),
  );

test('what is ours to hear', () => {
  assert.deepEqual(says('READY=1\nSTATUS=at work'), ['status at work', 'ready']);
  assert.deepEqual(says('EXTEND_TIMEOUT_USEC=1500000'), ['extended 1500']);
  assert.deepEqual(says('WATCHDOG=1'), ['alive']);
  assert.deepEqual(says('STATUS='), ['status ']);
});

test('STOPPING beats READY', () => {
  assert.deepEqual(says('READY=1\nSTOPPING=1'), ['leaving']);
});

test('all else is ignored', () => {
  const odd = ['READY=0', 'READY=yes', 'STOPPING=0', 'WATCHDOG=trigger', 'MAINPID=1', 'BARRIER=1'];
  const times = ['EXTEND_TIMEOUT_USEC=-1', 'EXTEND_TIMEOUT_USEC=x', 'EXTEND_TIMEOUT_USEC=1e99'];
  for (const text of ['', ...odd, ...times]) assert.deepEqual(says(text), [], text);
});

async function open(t: TestContext) {
  const heard: [number, WorkerSays][] = [];
  const sockets = createWorkerSockets(
    () => makeNotifyDirectory(join(scratch(t), 'app.sock'), process.getuid?.() ?? 0),
    (worker, what) => void heard.push([worker, what]),
    assert.fail,
  );
  t.after(() => sockets.end());
  const paths: string[] = [];
  const opened = [1, 2, 3].map((worker) => sockets.open(worker));
  for (const one of opened) {
    assert.ok('path' in one);
    assert.equal(await one.bound(10_000), true);
    paths.push(one.path);
  }
  return { heard, sockets, paths };
}

const notifier = (path: string | undefined) =>
  createNotifier({ env: { ...process.env, NOTIFY_SOCKET: path } });

test('each worker is known by its socket, also those that are spawned in one turn', async (t) => {
  const { heard, sockets, paths } = await open(t);
  assert.equal(new Set(paths).size, 3);
  for (const path of paths) assert.equal(await notifier(path).status(path), true);
  await eventually('all were heard', async () => heard.length === 3);
  assert.deepEqual(
    heard.sort(([a], [b]) => a - b),
    paths.map((text, i) => [i + 1, { type: 'status', text }]),
  );
  sockets.close(2);
  assert.equal(existsSync(paths[1] ?? ''), false);
  await sockets.end();
  assert.deepEqual(paths.map(existsSync), [false, false, false]);
});

test('why there can be none', async (t) => {
  const nowhere = () => {
    throw new Error('no place for it');
  };
  const sockets = createWorkerSockets(nowhere, assert.fail, assert.fail);
  t.after(() => sockets.end());
  for (const worker of [1, 2]) {
    assert.deepEqual(sockets.open(worker), { problem: 'no place for it' });
  }
});

test('a worker waits no longer than it can', async (t) => {
  const home = () => makeNotifyDirectory(join(scratch(t), 'app.sock'), process.getuid?.() ?? 0);
  const sockets = createWorkerSockets(home, assert.fail, assert.fail);
  t.after(() => sockets.end());
  const opened = sockets.open(1);
  assert.ok('path' in opened);
  // A program has to be started for it, unless Node binds it itself.
  assert.equal(await opened.bound(0), existsSync(opened.path));
  assert.equal(await opened.bound(10_000), true);
  assert.ok(existsSync(opened.path));
});
