// The end of a worker's output must not keep back its exit, nor an answer: both come in time, whatever fails.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { QueuedWriter } from '../../src/output/queued-writer.js';
import { WORKER_EXIT_LIMITS } from '../../src/output/standard-outputs.js';
import { createPipedOutput } from '../../src/output/worker-output.js';

/** Follows a worker whose stdout stays open. */
function follow(broken: Partial<QueuedWriter>) {
  const writer = Object.assign(new QueuedWriter(-1), broken);
  const outputs = { stdout: writer, stderr: writer, flushed: () => Promise.resolve() };
  const output = createPipedOutput('prefix', 'web', {}, outputs);
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  output.follow(7, { slot: 1, generation: 1, pid: 1 }, streams);
  streams.stdout.write('last words\n');
  return output;
}

test('ended resolves although what was written never arrives', async () => {
  const never = new Promise<void>(() => {});
  for (const broken of [
    {},
    { flushed: () => never, blockedFor: () => 60_000 },
    { flushed: () => never },
  ]) {
    const start = performance.now();
    await follow(broken).ended(7);
    assert.ok(performance.now() - start < WORKER_EXIT_LIMITS.totalMs + 10_000);
  }
});

test('a bug in the writer does not keep back the last lines', async () => {
  const output = follow({ flushed: () => Promise.reject(new Error('bug')) });
  await assert.rejects(output.ended(7), /bug/);
  assert.deepEqual(await output.lastLinesOf(7), ['last words']);
  output.forget(7);
  assert.deepEqual(await output.lastLinesOf(7), []);
});
