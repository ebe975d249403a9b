// The queue in front of a transport, with transports that fail on demand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../src/message.js';
import { createSendQueue } from '../src/send-queue.js';
import type { Outcome, Transport } from '../src/transport.js';
import { eventually } from './helpers/eventually.js';

const message = (...lines: string[]): Message => ({ lines, fd: null });

/** Gives each of `outcomes` in turn, then the last one again and again. */
function createTransport(...outcomes: (() => Outcome | Promise<Outcome>)[]) {
  const seen: string[] = [];
  const made: Transport = {
    name: 'fd',
    passesFds: false,
    deliver({ lines }) {
      seen.push(lines.join(' '));
      return (outcomes.length > 1 ? outcomes.shift() : outcomes[0])?.() ?? 'sent';
    },
  };
  return { made, seen };
}

function createQueue(made: Transport, retryLimitMs?: number) {
  const failures: string[] = [];
  const onFailure = (error: Error) => void failures.push(error.message);
  return { ...createSendQueue(made, onFailure, retryLimitMs), failures };
}

test('each message to a receiver that never reads is attempted and then fails within the limit', async () => {
  const { made, seen } = createTransport(() => 'full');
  const { enqueue, flush, failures } = createQueue(made, 40);
  const sent = ['A=1', 'B=1', 'C=1'].map((line) => enqueue(message(line)));
  assert.deepEqual(seen, ['A=1']);
  await flush();
  assert.deepEqual(await Promise.all(sent), [false, false, false]);
  assert.deepEqual([...new Set(seen)], ['A=1', 'B=1', 'C=1']);
  assert.deepEqual(failures, Array(3).fill('cannot notify: the socket was not read for 40 ms'));
});

test('after a failure the next message is sent at once', async () => {
  const { made, seen } = createTransport(
    () => new Error('gone'),
    () => 'sent',
  );
  const { enqueue, failures } = createQueue(made);
  assert.equal(await enqueue(message('A=1')), false);
  const second = enqueue(message('B=1'));
  assert.deepEqual(seen, ['A=1', 'B=1']);
  assert.equal(await second, true);
  assert.deepEqual(failures, ['gone']);
});

test('a transport that throws or rejects counts as a failed attempt', async () => {
  const { made } = createTransport(
    () => {
      throw new Error('inside');
    },
    async () => {
      throw new Error('outside');
    },
    () => 'sent',
  );
  const { enqueue, failures } = createQueue(made);
  assert.deepEqual([await enqueue(message('A=1')), await enqueue(message('B=1'))], [false, false]);
  assert.equal(await enqueue(message('C=1')), true);
  assert.deepEqual(failures, ['cannot notify: Error: inside', 'cannot notify: Error: outside']);
});

test('at most 200 messages wait, and further ones fail', async () => {
  let open: (outcome: Outcome) => void = () => {};
  const { made, seen } = createTransport(
    () =>
      new Promise<Outcome>((resolve) => {
        open = resolve;
      }),
    () => 'sent',
  );
  const { enqueue, flush, failures } = createQueue(made);
  const sent = Array.from({ length: 203 }, (_, i) => enqueue(message(`N=${i}`)));
  open('sent');
  await flush();
  const all = await Promise.all(sent);
  assert.deepEqual(all, [...Array(201).fill(true), false, false]);
  assert.equal(seen.length, 201);
  assert.deepEqual(failures, Array(2).fill('cannot notify: 200 messages wait'));
});

test('flush waits for the messages before it and for none after it', async () => {
  const opened: (() => void)[] = [];
  const { made } = createTransport(
    () => new Promise<Outcome>((resolve) => opened.push(() => resolve('sent'))),
  );
  const { enqueue, flush } = createQueue(made);
  const first = enqueue(message('A=1'));
  let flushed = false;
  const flushing = flush().then(() => {
    flushed = true;
  });
  const second = enqueue(message('B=1'));
  opened[0]?.();
  await first;
  await flushing;
  assert.ok(flushed);
  await eventually('the second is under way', () => opened.length === 2);
  opened[1]?.();
  assert.equal(await second, true);
});
