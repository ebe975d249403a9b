// NOTIFY_SOCKETs for workers: bound before they are given away, and the reason when there can be none.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createNotifier } from 'node-systemd-notify';
import { makeNotifyDirectory } from '../../src/systemd/notify-directory.js';
import {
  createWorkerNotifySockets,
  type NotifyMessage,
  parseNotifyMessages,
} from '../../src/systemd/worker-notify-sockets.js';
import { eventually } from '../helpers/eventually.js';
import { scratch } from '../helpers/supervisor.js';

const START_LIMIT_MS = 20_000;

const meaningOf = (text: string) =>
  parseNotifyMessages(
    new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string])),
  ).map((message) => Object.values(message).join(' '));

test('the fields of a worker are understood, others and malformed values are ignored', () => {
  const rows: [text: string, meaning: string[]][] = [
    ['READY=1\nSTATUS=at work', ['status at work', 'ready']],
    ['EXTEND_TIMEOUT_USEC=1500000', ['extendTimeout 1500']],
    ['WATCHDOG=1', ['watchdog']],
    ['WATCHDOG=trigger', ['watchdogTrigger']],
    ['STATUS=', ['status ']],
    // STOPPING=1 wins over READY=1 in the same datagram.
    ['READY=1\nSTOPPING=1', ['stopping']],
  ];
  for (const [text, meaning] of rows) assert.deepEqual(meaningOf(text), meaning, text);
  const odd = ['READY=0', 'READY=yes', 'STOPPING=0', 'WATCHDOG=0', 'MAINPID=1', 'BARRIER=1'];
  const times = ['EXTEND_TIMEOUT_USEC=-1', 'EXTEND_TIMEOUT_USEC=x', 'EXTEND_TIMEOUT_USEC=1e99'];
  for (const text of ['', ...odd, ...times]) assert.deepEqual(meaningOf(text), [], text);
});

function create(t: TestContext) {
  const received: [number, NotifyMessage][] = [];
  const sockets = createWorkerNotifySockets(
    () => makeNotifyDirectory(join(scratch(t), 'app.sock'), process.getuid?.() ?? 0),
    (worker, message) => void received.push([worker, message]),
    assert.fail,
  );
  t.after(() => sockets.end());
  return { received, sockets };
}

const notifier = (path: string | null) =>
  createNotifier({ env: { ...process.env, NOTIFY_SOCKET: path ?? undefined } });

test('each worker has a socket of its own, also those that are spawned in one turn', async (t) => {
  const { received, sockets } = create(t);
  await sockets.prepare(2, START_LIMIT_MS);
  // One more than was prepared.
  const paths = [1, 2, 3].map((worker) => sockets.take(worker) ?? assert.fail(sockets.problem()));
  assert.deepEqual(paths.map(existsSync), [true, true, true]);
  assert.equal(new Set(paths).size, 3);
  for (const path of paths) assert.equal(await notifier(path).status(path), true);
  await eventually('all were received', async () => received.length === 3);
  assert.deepEqual(
    received.sort(([a], [b]) => a - b),
    paths.map((text, i) => [i + 1, { type: 'status', text }]),
  );
  sockets.close(2);
  await eventually('the socket of the second is gone', async () => !existsSync(paths[1] ?? ''));
  await sockets.end();
  assert.deepEqual(paths.map(existsSync), [false, false, false]);
});

test('a worker that starts before any socket could be bound gets none, and the next one does', async (t) => {
  const { sockets } = create(t);
  assert.equal(sockets.take(1), null);
  assert.match(sockets.problem(), /not bound/);
  await sockets.prepare(1, START_LIMIT_MS);
  assert.ok(existsSync(sockets.take(2) ?? ''));
});

test('the reason is known when no socket can be bound', async (t) => {
  const nowhere = () => {
    throw new Error('no place for it');
  };
  const sockets = createWorkerNotifySockets(nowhere, assert.fail, assert.fail);
  t.after(() => sockets.end());
  await sockets.prepare(1, START_LIMIT_MS);
  assert.deepEqual([sockets.take(1), sockets.problem()], [null, 'no place for it']);
});
