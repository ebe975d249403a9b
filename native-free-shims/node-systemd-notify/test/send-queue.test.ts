// The queue in front of a way, with ways that behave as no real one does on demand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../src/message.js';
import { createOutbox } from '../src/send-queue.js';
import type { Outcome, Way } from '../src/transport.js';
import { eventually } from './helpers/eventually.js';

const message = (...lines: string[]): Message => ({ lines, fd: null });

/** Answers with each of `outcomes` in turn, then with the last one. */
function way(...outcomes: (() => Outcome | Promise<Outcome>)[]) {
  const seen: string[] = [];
  const made: Way = {
    transport: 'fd',
    passesFds: false,
    deliver({ lines }) {
      seen.push(lines.join(' '));
      return (outcomes.length > 1 ? outcomes.shift() : outcomes[0])?.() ?? 'sent';
    },
  };
  return { made, seen };
}

function outbox(made: Way, patience?: number) {
  const failures: string[] = [];
  const failed = (error: Error) => void failures.push(error.message);
  return { ...createOutbox(made, failed, patience), failures };
}

test('a receiver that never reads makes all messages fail in time, each after an attempt', async () => {
  const { made, seen } = way(() => 'full');
  const { post, flush, failures } = outbox(made, 40);
  const sent = ['A=1', 'B=1', 'C=1'].map((line) => post(message(line)));
  assert.deepEqual(seen, ['A=1']);
  await flush();
  assert.deepEqual(await Promise.all(sent), [false, false, false]);
  assert.deepEqual([...new Set(seen)], ['A=1', 'B=1', 'C=1']);
  assert.deepEqual(failures, Array(3).fill('cannot notify: nobody has read the socket for 40 ms'));
});

test('after a failure the next message goes its way at once', async () => {
  const { made, seen } = way(
    () => new Error('gone'),
    () => 'sent',
  );
  const { post, failures } = outbox(made);
  assert.equal(await post(message('A=1')), false);
  const second = post(message('B=1'));
  assert.deepEqual(seen, ['A=1', 'B=1']);
  assert.equal(await second, true);
  assert.deepEqual(failures, ['gone']);
});

test('a way that throws or rejects is a way that fails', async () => {
  const { made } = way(
    () => {
      throw new Error('inside');
    },
    async () => {
      throw new Error('outside');
    },
    () => 'sent',
  );
  const { post, failures } = outbox(made);
  assert.deepEqual([await post(message('A=1')), await post(message('B=1'))], [false, false]);
  assert.equal(await post(message('C=1')), true);
  assert.deepEqual(failures, ['cannot notify: Error: inside', 'cannot notify: Error: outside']);
});

test('no more than 200 messages wait', async () => {
  let open: (outcome: Outcome) => void = () => {};
  const { made, seen } = way(
    () =>
      new Promise<Outcome>((resolve) => {
        open = resolve;
      }),
    () => 'sent',
  );
  const { post, flush, failures } = outbox(made);
  const sent = Array.from({ length: 203 }, (_, i) => post(message(`N=${i}`)));
  open('sent');
  await flush();
  const all = await Promise.all(sent);
  assert.deepEqual(all, [...Array(201).fill(true), false, false]);
  assert.equal(seen.length, 201);
  assert.deepEqual(failures, Array(2).fill('cannot notify: 200 messages wait'));
});

test('flush waits for what was said before it, and for nothing later', async () => {
  const opened: (() => void)[] = [];
  const { made } = way(() => new Promise<Outcome>((resolve) => opened.push(() => resolve('sent'))));
  const { post, flush } = outbox(made);
  const first = post(message('A=1'));
  let flushed = false;
  const flushing = flush().then(() => {
    flushed = true;
  });
  const second = post(message('B=1'));
  opened[0]?.();
  await first;
  await flushing;
  assert.ok(flushed);
  await eventually('the second is under way', () => opened.length === 2);
  opened[1]?.();
  assert.equal(await second, true);
});
