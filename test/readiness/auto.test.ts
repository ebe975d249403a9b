// When a Node worker is ready without saying so: it listens on what its predecessors listen on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FromWorker } from '../../src/ipc-protocol.js';
import { autoProbe } from '../../src/readiness/auto.js';

const address = { port: 80, host: '::' };
const listening = (socket: number): FromWorker => ({
  ...{ type: 'listening', socket, address, sentByMaster: false },
});
const opened: FromWorker = { type: 'opened', key: 1, target: { port: 80, host: null }, address };

function start(...ids: readonly number[]) {
  const told: string[] = [];
  const expected = ids.map((id) => ({ id, given: false, text: `:${id}` }));
  const probe = autoProbe(
    { generation: 2, slot: 1, readyPipe: null, expected },
    { ready: () => told.push('ready'), note: () => {} },
  );
  return { told, probe };
}

test('a worker is ready when it listens on every expected socket', () => {
  const { told, probe } = start(1, 2);
  probe.onMessage?.(listening(1));
  assert.deepEqual(told, []);
  probe.onMessage?.(listening(2));
  assert.deepEqual(told, ['ready']);
});

test('a socket that is given up while a worker starts is not expected of it any more', () => {
  const { told, probe } = start(1, 2);
  probe.onMessage?.(listening(1));
  probe.onSocketGivenUp?.(2);
  assert.deepEqual(told, ['ready']);
});

test('a worker whose only expected socket is given up is ready when it listens on another', () => {
  const { told, probe } = start(1);
  probe.onSocketGivenUp?.(1);
  assert.deepEqual(told, []);
  probe.onMessage?.(opened);
  assert.deepEqual(told, ['ready']);
});
