// Text of our own beside the lines of workers: never too much of it, and no waiting for who reads nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { writerTo } from '../../src/output/outlets.js';
import type { Sink } from '../../src/output/sink.js';
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

test('patience with a pipe that nobody reads ends, and with one that is read all is written', async () => {
  const outlets = new URL('../../src/output/outlets.js', import.meta.url).href;
  const script = `
    import { openOutlets, writerTo } from '${outlets}';
    const { stdout, flushed } = openOutlets();
    writerTo(stdout)('x'.repeat(300_000) + '\\n');
    await flushed({ blocked: Number(process.argv[1]), total: 60_000 });
    process.exit(0);`;
  for (const [blocked, isRead] of [
    [50, false],
    [60_000, true],
  ] as const) {
    const words = ['--input-type=module', '-e', script, String(blocked)];
    const child = spawn(node, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let length = 0;
    if (isRead) {
      child.stdout.on('data', (bytes: Buffer) => {
        length += bytes.length;
      });
    }
    const [status] = await once(child, isRead ? 'close' : 'exit');
    assert.equal(status, 0);
    assert.equal(length, isRead ? 300_001 : 0);
    child.stdout.destroy();
  }
});
