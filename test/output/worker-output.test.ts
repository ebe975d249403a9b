// What is kept of the output of a worker, and what becomes of it when the worker ends.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { QueuedWriter } from '../../src/output/queued-writer.js';
import { createPipedOutput } from '../../src/output/worker-output.js';

/** Follows a worker whose stdout stays open. */
function follow(lines: readonly string[], broken: Partial<QueuedWriter> = {}) {
  const writer = Object.assign(new QueuedWriter(-1), broken);
  const output = createPipedOutput('prefix', 'web', {}, { stdout: writer, stderr: writer });
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  output.follow(7, { slot: 1, generation: 1, pid: 1 }, streams);
  for (const line of lines) streams.stdout.write(line);
  return output;
}

test('the last lines of a worker that has ended are there, although what it wrote never arrives', async () => {
  const never = new Promise<void>(() => {});
  for (const broken of [
    {},
    { flushed: () => never, blockedFor: () => 60_000 },
    { flushed: () => never },
  ]) {
    const output = follow(['last ', 'words'], broken);
    output.ended(7);
    assert.deepEqual(await output.lastLinesOf(7), ['last words']);
    assert.deepEqual(await output.lastLinesOf(7), [], 'it is forgotten');
  }
});

test('twenty lines are kept of a worker, as text of limited length', async () => {
  const numbers = Array.from({ length: 23 }, (_, i) => `line ${i + 1}\n`);
  const output = follow([...numbers, '\x1b[31mError\x1b[39m: größe\x07\n', '€'.repeat(2000)]);
  output.ended(7);
  const kept = Array.from({ length: 18 }, (_, i) => `line ${i + 6}`);
  assert.deepEqual(await output.lastLinesOf(7), [...kept, 'Error: größe', '€'.repeat(500)]);
});
