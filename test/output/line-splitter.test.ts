// Lines out of chunks, wherever those are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineSplitter } from '../../src/output/line-splitter.js';

/** Lines as text, a byte a character; `+` before the rest of a line, `…` where the rest follows. */
function linesOf(chunks: readonly Buffer[], maxBytes = 64): string[] {
  const found: string[] = [];
  const lines = createLineSplitter(maxBytes, ({ bytes, isContinuation, isContinued }) => {
    const text = bytes.toString('latin1');
    found.push(`${isContinuation ? '+' : ''}${text}${isContinued ? '\u2026' : ''}`);
  });
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  // A second end adds no line.
  lines.end();
  return found;
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

test('lines end with a newline, with a return before it, or with the stream', () => {
  const rows: [text: string, lines: string[]][] = [
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb', ['a', 'b']],
    ['\n\na\n', ['', '', 'a']],
    ['10%\r20%\r\n', ['10%\r20%']],
    ['\0\xff\xfe\n\x80', ['\0\xff\xfe', '\x80']],
  ];
  for (const [text, lines] of rows) {
    assert.deepEqual(linesOf([bytes(text)]), lines, JSON.stringify(text));
    const single = [...text].map(bytes);
    assert.deepEqual(linesOf(single), lines, `${JSON.stringify(text)}, byte by byte`);
  }
});

test('however a text is cut into chunks, its lines are the same', () => {
  const text = Array.from({ length: 30 }, (_, i) => 'x'.repeat((i * 7) % 50)).join('\n');
  const whole = linesOf([bytes(text)]);
  assert.deepEqual(whole, text.split('\n'));
  for (let size = 1; size < 60; size += 1) {
    const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    assert.deepEqual(linesOf(chunks.map(bytes)), whole, `in chunks of ${size}`);
  }
});

test('a line that is too long comes in marked pieces; one that just fits does not', () => {
  assert.deepEqual(linesOf([bytes(`${'a'.repeat(8)}\nb`)], 8), ['a'.repeat(8), 'b']);
  const expected = [`${'a'.repeat(8)}…`, `+${'a'.repeat(8)}…`, '+aa', 'b'];
  assert.deepEqual(linesOf([bytes(`${'a'.repeat(18)}\nb`)], 8), expected);
  assert.deepEqual(linesOf([...`${'a'.repeat(18)}\nb`].map(bytes), 8), expected);
});

test('a piece ends with a whole character', () => {
  for (const character of ['é', '€', '𝄞']) {
    for (let before = 0; before < 9; before += 1) {
      const text = 'a'.repeat(before) + character.repeat(9);
      const found = linesOf([Buffer.from(text)], 8);
      const pieces = found.map((line) => bytes(line.replace(/^\+|…$/g, '')).toString('utf8'));
      assert.equal(pieces.join(''), text);
      for (const piece of pieces) assert.doesNotMatch(piece, /\ufffd/);
    }
  }
  // Bytes that are not text are cut as well, and none is lost.
  for (const byte of [0x1b, 0x80, 0xbf, 0xc3, 0xf0, 0xff]) {
    const found = linesOf([Buffer.alloc(100, byte)], 8);
    const all = found.map((line) => line.replace(/^\+|…$/g, '')).join('');
    assert.deepEqual(bytes(all), Buffer.alloc(100, byte));
  }
});
