// What is remembered of a worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLastLines } from '../../src/output/tail.js';

test('the last twenty, in order', () => {
  const last = createLastLines();
  assert.deepEqual(last.list(), []);
  for (let i = 1; i <= 25; i += 1) last.add(Buffer.from(`line ${i}`));
  assert.deepEqual(
    last.list(),
    Array.from({ length: 20 }, (_, i) => `line ${i + 6}`),
  );
});

test('nothing but text, and not too much of it', () => {
  const last = createLastLines();
  last.add(Buffer.from('\x1b[31mError\x1b[39m: größe\x07'));
  last.add(Buffer.from('€'.repeat(9000)));
  assert.deepEqual(last.list(), ['Error: größe', '€'.repeat(500)]);
});

test('what the bytes become later does not matter', () => {
  const last = createLastLines();
  const bytes = Buffer.from('before');
  last.add(bytes);
  bytes.fill('x');
  assert.deepEqual(last.list(), ['before']);
});
