// Lines of workers behind a prefix.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPrefixed, type LineStyle } from '../../src/output/prefix-format.js';

const web = { name: 'web', slot: 1, generation: 3, pid: 7 };
const PIPE: LineStyle = { isTerminal: false, colors: false };

function shown(text: string, style: LineStyle, label = web, isContinuation = false): string {
  const line = { bytes: Buffer.from(text), isContinuation, isContinued: false };
  return formatPrefixed(line, label, style).toString();
}

test('the prefix names instance, slot and generation, and marks the rest of a long line', () => {
  assert.equal(shown('a', PIPE), 'web.1 g3 | a\n');
  assert.equal(shown('rest', PIPE, web, true), 'web.1 g3 + rest\n');
});

test('a slot has one colour in all generations, and its neighbours have others', () => {
  const colors = { isTerminal: true, colors: true };
  const colorOf = (slot: number, generation: number) =>
    shown('', colors, { ...web, slot, generation }).split('w')[0];
  assert.equal(shown('a', colors), '\x1b[0;36mweb.1 g3 |\x1b[0m a\n');
  assert.equal(colorOf(2, 1), colorOf(2, 9));
  assert.equal(new Set(Array.from({ length: 10 }, (_, i) => colorOf(i + 1, 1))).size, 10);
  assert.equal(colorOf(11, 1), colorOf(1, 1));
});

test('the bytes of a line are changed only for a terminal', () => {
  assert.equal(shown('a\x1b[2J\0\x1b[31m', PIPE), 'web.1 g3 | a\x1b[2J\0\x1b[31m\n');
  assert.equal(shown('a\x1b[2J\0', { ...PIPE, isTerminal: true }), 'web.1 g3 | a\n');
});
