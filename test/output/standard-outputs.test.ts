// Text of our own beside the lines of workers: never too much of it, and no waiting for who reads nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Sink } from '../../src/output/queued-writer.js';
import { writerTo } from '../../src/output/standard-outputs.js';
import { node } from '../helpers/paths.js';

test('where nobody reads, what is too much is lost', () => {
  const written: string[] = [];
  let waiting = 0;
  const sink: Sink = {
    write(parts) {
      written.push(Buffer.concat([...parts]).toString());
      waiting += written.at(-1)?.length ?? 0;
    },
    isFull: () => true,
    waiting: () => waiting,
    flushed: () => Promise.resolve(),
    blockedFor: () => 1000,
  };
  const write = writerTo({ sink });
  const text = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 2000; i += 1) write(text);
  assert.equal(written.length, 1024);
  waiting = 0;
  write('heard again\n');
  assert.equal(written.at(-1), 'heard again\n');
});

test('patience with a pipe that nobody reads ends, and with one that is read all is written', {
  timeout: 30_000,
}, async (t) => {
  const outlets = new URL('../../src/output/standard-outputs.js', import.meta.url).href;
  const script = `
    import { openOutlets, writerTo } from '${outlets}';
    const { stdout, flushed } = openOutlets();
    writerTo(stdout)('x'.repeat(1_000_000) + '\\n');
    await flushed({ blocked: Number(process.argv[1]), total: Infinity });
    process.exit(stdout.sink.waiting() > 0 ? 3 : 0);`;
  for (const [blocked, isRead] of [
    [50, false],
    [Infinity, true],
  ] as const) {
    const words = ['--input-type=module', '-e', script, String(blocked)];
    const child = spawn(node, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill());
    if (!isRead) {
      assert.deepEqual(await once(child, 'exit'), [3, null], 'given up with something left');
      child.stdout.destroy();
      continue;
    }
    let length = 0;
    child.stdout.on('data', (bytes: Buffer) => {
      length += bytes.length;
    });
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.equal(length, 1_000_001);
  }
});
