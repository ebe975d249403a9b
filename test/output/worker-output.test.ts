// The end of a worker's output must not keep back its exit: it resolves in time, whatever fails.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { QueuedWriter } from '../../src/output/queued-writer.js';
import { WORKER_EXIT_LIMITS } from '../../src/output/standard-outputs.js';
import { createPipedOutput } from '../../src/output/worker-output.js';

const FINE: QueuedWriter = {
  write() {},
  isFull: () => false,
  waiting: () => 0,
  flushed: () => Promise.resolve(),
  blockedFor: () => 0,
};
const fails = () => {
  throw new Error('bug');
};
const never = new Promise<void>(() => {});

/** Follows a worker whose stdout stays open, and resolves with the errors when its output has ended. */
async function end(broken: Partial<QueuedWriter>): Promise<unknown[]> {
  const writer = { ...FINE, ...broken };
  const output = { fd: -1, socket: null, writer };
  const errors: unknown[] = [];
  const piped = createPipedOutput({
    ...{ mode: 'prefix', name: 'web', env: {} },
    outputs: { stdout: output, stderr: output, onRoom() {}, flushed: () => Promise.resolve() },
    onError: (error) => errors.push(error),
  });
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  piped.follow(7, { slot: 1, generation: 1, pid: 1 }, streams);
  const start = performance.now();
  await piped.ended(7);
  assert.ok(performance.now() - start < WORKER_EXIT_LIMITS.totalMs + 10_000);
  return errors;
}

test('ended resolves although the writer fails, rejects or never flushes', async (t) => {
  // The limit alone does not keep a process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  assert.deepEqual(await end({}), []);
  assert.deepEqual(await end({ flushed: () => never, blockedFor: () => 60_000 }), []);
  assert.deepEqual(await end({ flushed: () => never }), []);
  const bugs: Partial<QueuedWriter>[] = [
    { flushed: fails },
    { flushed: () => Promise.reject(new Error('bug')) },
    { flushed: () => never, blockedFor: fails },
  ];
  for (const bug of bugs) assert.equal(String((await end(bug))[0]), 'Error: bug');
});
