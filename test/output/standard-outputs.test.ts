// Text of our own beside the lines of workers, and the limits for flushing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { QueuedWriter } from '../../src/output/queued-writer.js';
import { textWriter } from '../../src/output/standard-outputs.js';
import { node } from '../helpers/paths.js';
import { finished } from '../helpers/processes/finished.js';

test('text beyond the limit is lost while nothing reads it', () => {
  const writer = new QueuedWriter(-1);
  writer.cork();
  const write = textWriter(writer);
  const line = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 2000; i += 1) write(line);
  assert.equal(writer.writableLength, 1024 * 1024);
});

test('flushing gives up at a pipe that is not read, and writes everything to one that is read', {
  timeout: 30_000,
}, async (t) => {
  const module = new URL('../../src/output/standard-outputs.js', import.meta.url).href;
  const script = `
    import { flush, limitReached, openStandardOutputs, textWriter } from '${module}';
    const outputs = openStandardOutputs();
    textWriter(outputs.stdout)('x'.repeat(1_000_000) + '\\n');
    await flush(outputs, limitReached(outputs, Number(process.argv[1])));
    process.exit(outputs.stdout.writableLength > 0 ? 3 : 0);`;
  const run = (blockedMs: number) => {
    const words = ['--input-type=module', '-e', script, String(blockedMs)];
    const child = spawn(node, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill());
    return child;
  };
  const unread = run(50);
  assert.deepEqual(await once(unread, 'exit'), [3, null], 'something was left');
  unread.stdout.destroy();

  const { stdout } = await finished(run(Number.POSITIVE_INFINITY));
  assert.equal(stdout.length, 1_000_001);
});
