// Texts of others without the control characters that a terminal would obey.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeJsonControls, sanitizeLine, stripControls } from '../../src/text/sanitize.js';

const ESC = '\x1b';
const RESET = `${ESC}[0m`;
const COLORS = new RegExp(`${ESC}\\[[\\d;:]*m`, 'g');

test('a line keeps its text and its colours, which end with it', () => {
  const rows: [line: string, shown: string][] = [
    ['plain, and a\ttab', 'plain, and a\ttab'],
    ['größe € 𝄞 \ufffd\xa0', 'größe € 𝄞 \ufffd\xa0'],
    ['\x1b[31mred', `\x1b[31mred${RESET}`],
    ['\x1b[38;2;1;2;3ma\x1b[4:3mb', `\x1b[38;2;1;2;3ma\x1b[4:3mb${RESET}`],
    ['\x1b[1mbold\x1b[m', `\x1b[1mbold\x1b[m${RESET}`],
    ['10%\r20%\r\r', '20%'],
    ['a\x1b[2Jb\x1b[1;1Hc\x1b[?1049hd', 'abcd'],
    ['a\0b\x07c\bd\x7fe\x1b', 'abcde'],
    ['a\u0085b', 'ab'],
  ];
  for (const [line, shown] of rows) assert.equal(sanitizeLine(line), shown, JSON.stringify(line));
});

/** Sequences that move the cursor, change the screen or its modes, ask questions, set titles or the clipboard. */
const HARMFUL = [
  '\x1bc',
  '\x1b[2J',
  '\x1b[1;1H',
  '\x1b[A',
  '\x1b[?1049h',
  '\x1b[6n',
  '\x1b[!p',
  '\x1b[>4;2m',
  '\x1b(0',
  '\x1b7',
  '\x1b#8',
  '\x1b]0;a title\x07',
  '\x1b]0;never ends',
  '\x1b]52;c;aGk=\x1b\\',
  '\x1b]8;;http://x\x07link\x1b]8;;\x07',
  '\x1bPq#0\x1b\\',
  '\x1b_G1;x\x1b\\',
  '\u009b2J',
  '\u009d0;title\u009c',
  '\x1b\x1b[2J',
  '\x1b\x1b[31m[2J',
  '\x1b]0;\x1b[31m\x07',
  '\x0b\x0cforged.1 g1 | line',
];

test('nothing but colours and tabs is left of control sequences, wherever they stand', () => {
  for (const first of HARMFUL) {
    for (const second of ['', ...HARMFUL]) {
      const text = `a${first}${second}b`;
      const withoutColors = sanitizeLine(text).replace(COLORS, '');
      assert.doesNotMatch(withoutColors, /[^\P{Cc}\t]/u, JSON.stringify(text));
      assert.doesNotMatch(stripControls(text), /[^\P{Cc}\t\n]/u, JSON.stringify(text));
    }
  }
});

test('a text without controls keeps its lines, and a sequence without an end takes no line away', () => {
  assert.equal(stripControls('\x1b[31mgröße\x1b[0m\tà\0\r\n\nb'), 'größe\tà\n\nb');
  assert.match(stripControls('one\x1b]0;never ends\r\n\ntwo'), /^one.*\n\ntwo$/);
});

test('JSON without controls has the same meaning', () => {
  const value = { '\u009b': 'größe \u0085\u009b2J\x7f\xa0\x1b\\u009b' };
  const json = escapeJsonControls(JSON.stringify(value));
  assert.deepEqual(JSON.parse(json), value);
  assert.doesNotMatch(json, /\p{Cc}/u);
});
