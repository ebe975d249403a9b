// What reaches a terminal of what a worker writes, and what is left where there are no colours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, tame, tameJson, unfinishedIn } from '../../src/text/sanitize.js';

const tamed = (text: string) => tame(Buffer.from(text)).toString();

test('colours and links stay, and end with the line', () => {
  const rows: [line: string, shown: string][] = [
    ['plain, and a\ttab', 'plain, and a\ttab'],
    ['\x1b[31mred', '\x1b[31mred\x1b[0m'],
    ['\x1b[38;2;1;2;3mred\x1b[0m', '\x1b[38;2;1;2;3mred\x1b[0m'],
    ['\x1b[1mbold\x1b[m', '\x1b[1mbold\x1b[m'],
    ['\x1b[0m\x1b[4:3mcurly', '\x1b[0m\x1b[4:3mcurly\x1b[0m'],
    ['\x1b]8;;http://x\x07x\x1b]8;;\x07', '\x1b]8;;http://x\x07x\x1b]8;;\x07'],
    ['\x1b]8;;http://x\x1b\\x', '\x1b]8;;http://x\x1b\\x\x1b]8;;\x1b\\'],
    ['\x1b]8;id=1;http://größe\x07x\x1b]8;;\x07', '\x1b]8;id=1;http://größe\x07x\x1b]8;;\x07'],
    ['größe € 𝄞', 'größe € 𝄞'],
  ];
  for (const [line, shown] of rows) assert.equal(tamed(line), shown, JSON.stringify(line));
});

test('what would leave the line is taken out', () => {
  const gone = [
    '\x1bc',
    '\x1b[2J',
    '\x1b[1;1H',
    '\x1b[A',
    '\x1b[2K',
    '\x1b[?1049h',
    '\x1b[6n',
    '\x1b[!p',
    '\x1b[>4;2m',
    '\x1b(0',
    '\x1b7',
    '\x1b#8',
    '\x1b]0;title\x07',
    '\x1b]52;c;aGk=\x1b\\',
    '\x1bPq#0\x1b\\',
    '\x1b_G1;x\x1b\\',
  ];
  for (const found of gone) assert.equal(tamed(`a${found}b`), 'ab', JSON.stringify(found));
  // Without an end it would take all that follows, on the next line as well.
  assert.equal(tamed('a\x1b]0;never ends'), 'a');
  assert.equal(tamed('a\x1b]8;;http://never.ends'), 'a');
  // The link goes, the text stays.
  for (const control of ['\b', '\0', '\t', '\x18', '\x1a', '\x7f']) {
    const [address, parameter] = [`\x1b]8;;http://x${control}y\x07`, `\x1b]8;i${control}d;x\x1b\\`];
    assert.equal(tamed(`${address}text\x1b]8;;\x07`), 'text\x1b]8;;\x07');
    assert.equal(tamed(`${parameter}text`), 'text');
  }
});

test('single control bytes can be seen', () => {
  assert.equal(tamed('a\0b\x07c\bd\x7fe\x1b'), 'a\\x00b\\x07c\\x08d\\x7fe\\x1b');
});

test('the same controls in UTF-8 can be seen as well, and end no link', () => {
  const rows: [line: string, shown: string][] = [
    ['a\u009b2Jb', 'a\\x9b2Jb'],
    ['a\u0085\u0080\u009fb', 'a\\x85\\x80\\x9fb'],
    ['\u009d0;title\u009cb', '\\x9d0;title\\x9cb'],
    ['\x1b]8;;http://x\u009c\u009b2J\x07x', '\\x9c\\x9b2J\\x07x'],
    ['a\xa0\xe9', 'a\xa0\xe9'],
  ];
  for (const [line, shown] of rows) assert.equal(tamed(line), shown, JSON.stringify(line));
  // What is taken out puts nothing together.
  const split = Buffer.from([0xc2, 0x1b, 0x5b, 0x32, 0x4a, 0x9b, 0x41]);
  assert.equal(tame(split).toString(), '\\x9bA');
});

test('of a line that was written over and over its last state is left', () => {
  assert.equal(tamed('10%\r20%\r30%'), '30%');
  assert.equal(tamed('10%\r20%\r\r'), '20%');
});

test('bytes that are no UTF-8 come out as they are', () => {
  const bytes = Buffer.from([0x61, 0x80, 0x9b, 0xff, 0xfe, 0xc3, 0x62]);
  assert.deepEqual(tame(bytes), bytes);
});

test('where nothing but text is wanted, nothing else is left', () => {
  assert.equal(plain('\x1b[31m\x1b]8;;x\x07größe\x1b]8;;\x07\x1b[0m\tà\0\x9b\r'), 'größe\tà');
  assert.equal(plain('one\x1b]0;never ends\r\n\ntwo'), 'one\n\ntwo');
});

test('JSON means the same, and a terminal obeys nothing in it', () => {
  const value = { '\u009b': 'größe \u0085\u009b2J\x7f\xa0\x1b\\u009b' };
  const text = tameJson(JSON.stringify(value));
  assert.deepEqual(JSON.parse(text), value);
  assert.doesNotMatch(text, /\p{Cc}/u);
  assert.ok(text.includes('"\\u009b":"größe \\u0085\\u009b2J\\u007f\xa0'));
});

test('an escape that is not all there is found', () => {
  const whole = [
    '\x1b[31m',
    '\x1b[1;2H',
    '\x1bc',
    '\x1b(0',
    '\x1b]8;;http://x\x07',
    '\x1bPq\x1b\\',
  ];
  for (const text of whole) {
    assert.equal(unfinishedIn(Buffer.from(`ab${text}`)), -1, JSON.stringify(text));
    assert.equal(unfinishedIn(Buffer.from(`ab${text}c`)), -1, JSON.stringify(text));
    const part = text.slice(0, -1);
    assert.equal(unfinishedIn(Buffer.from(`ab${part}`)), 2 + part.lastIndexOf('\x1b'), part);
  }
});
