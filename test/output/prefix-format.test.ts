// Lines of workers behind a prefix, and the last lines that are kept of each worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrefixFormat, type LineStyle, linePrefix } from '../../src/output/prefix-format.js';
import { addToTail, tailLines } from '../../src/output/tail.js';

const web = { name: 'web', slot: 1, generation: 3, pid: 7 };
const PIPE: LineStyle = { isTerminal: false, colors: false };

function shown(text: string, style: LineStyle, isContinuation = false): string {
  const line = { bytes: Buffer.from(text), isContinuation, isContinued: false };
  return createPrefixFormat(web, style)(line).toString();
}

test('the prefix names instance, slot and generation, and marks the rest of a long line', () => {
  assert.equal(shown('a', PIPE), 'web.1 g3 | a\n');
  assert.equal(shown('rest', PIPE, true), 'web.1 g3 + rest\n');
});

test('a slot has one colour in all generations, and its neighbours have others', () => {
  const colorOf = (slot: number, generation: number) =>
    linePrefix({ ...web, slot, generation }, true, false).slice(0, 5);
  assert.equal(colorOf(2, 1), colorOf(2, 9));
  assert.equal(new Set(Array.from({ length: 10 }, (_, i) => colorOf(i + 1, 1))).size, 10);
  assert.equal(colorOf(11, 1), colorOf(1, 1));
});

test('the bytes of a line are changed only for a terminal, and colours do not reach the next prefix', () => {
  assert.equal(shown('a\x1b[2J\0\x1b[31m', PIPE), 'web.1 g3 | a\x1b[2J\0\x1b[31m\n');
  assert.equal(shown('a\x1b[2J\0', { ...PIPE, isTerminal: true }), 'web.1 g3 | a\\x00\n');
  const colors = { isTerminal: false, colors: true };
  assert.ok(shown('\x1b[31mred', colors).endsWith('\x1b[31mred\x1b[0m\n'));
  assert.match(shown('plain', colors), / plain\n$/);
});

test('the tail keeps copies of the last twenty lines, as text of limited length', () => {
  const tail: Buffer[] = [];
  const bytes = Buffer.from('line 0');
  for (let i = 1; i <= 23; i += 1) {
    bytes.write(String(i % 10), 5);
    addToTail(tail, bytes);
  }
  addToTail(tail, Buffer.from('\x1b[31mError\x1b[39m: größe\x07'));
  addToTail(tail, Buffer.from('€'.repeat(9000)));
  const kept = Array.from({ length: 18 }, (_, i) => `line ${(i + 6) % 10}`);
  assert.deepEqual(tailLines(tail), [...kept, 'Error: größe', '€'.repeat(500)]);
});
