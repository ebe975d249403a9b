// Bytes of a terminal, and the commands they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeys } from '../../src/dev/commands.js';

/** What is asked for by chunks, each with the time at which it comes; `''` is a look at the clock. */
function asked(...chunks: readonly (string | [at: number, chunk: string])[]): string[] {
  const keys = createKeys();
  let now = 0;
  return chunks.flatMap((one) => {
    const [at, chunk] = typeof one === 'string' ? [now, one] : one;
    now = at;
    return keys.read(Buffer.from(chunk, 'latin1'), now);
  });
}

test('each key has its command', () => {
  const rows: [string, string][] = [
    ['r', 'reload'],
    ['s', 'status'],
    ['c', 'clear'],
    ['\x0c', 'clear'],
    ['h', 'help'],
    ['?', 'help'],
    ['q', 'quit'],
    ['\x03', 'quit'],
    ['\x04', 'quit'],
    ['\x1c', 'quit now'],
    ['\x1a', 'suspend'],
    ['\r', 'empty line'],
    ['\n', 'empty line'],
    ['\r\n', 'empty line'],
  ];
  for (const [bytes, command] of rows) assert.deepEqual(asked(bytes), [command], command);
  assert.deepEqual(asked('\r\r'), ['empty line', 'empty line']);
});

test('other characters ask for nothing', () => {
  assert.deepEqual(asked('abdxyzRSQ 0\t\x7f\x00'), []);
  assert.deepEqual(asked(Buffer.from('ÿr▸é🚀').toString('latin1')), ['reload']);
});

test('rs and Enter are one reload, however they come', () => {
  assert.deepEqual(asked('rs\n'), ['reload']);
  assert.deepEqual(asked('rs\r\n'), ['reload']);
  assert.deepEqual(asked('r', [150, 's'], [300, '\r']), ['reload']);
  assert.deepEqual(asked('rs\rrs\r'), ['reload', 'reload']);
});

test('r and then s, without Enter, are both', () => {
  assert.deepEqual(asked('rs', [199, '']), ['reload']);
  assert.deepEqual(asked('rs', [200, '']), ['reload', 'status']);
  assert.deepEqual(asked('rs', [300, '\r']), ['reload', 'status', 'empty line']);
  assert.deepEqual(asked('rsh'), ['reload', 'status', 'help']);
  assert.deepEqual(asked('rsq'), ['reload', 'status', 'quit']);
  assert.deepEqual(asked('rss', [300, '']), ['reload', 'status', 'status']);
  assert.deepEqual(asked('r', [1001, 's']), ['reload', 'status']);
  assert.deepEqual(asked('rhs'), ['reload', 'help', 'status']);
});

test('the clock is only needed while an s is held', () => {
  const keys = createKeys();
  const due = (text: string, now: number) => {
    keys.read(Buffer.from(text), now);
    return keys.due();
  };
  assert.deepEqual(
    [due('r', 5), due('s', 10), due('', 209), due('', 210), due('s', 220)],
    [null, 210, 210, null, null],
  );
});

const SEQUENCES: readonly [name: string, bytes: string][] = [
  ['an arrow', '\x1b[A'],
  ['an arrow in application mode', '\x1bOs'],
  ['an arrow with Ctrl', '\x1b[1;5C'],
  ['Alt and a key', '\x1br'],
  ['Alt and an arrow', '\x1b\x1b[C'],
  ['a function key', '\x1b[15~'],
  ['a function key of the console', '\x1b[[A'],
  ['a click', '\x1b[<0;12;7M'],
  ['the end of a click', '\x1b[<0;12;7m'],
  ['a click, the old way', '\x1b[M qr'],
  ['focus', '\x1b[I'],
  ['the place of the cursor', '\x1b[12;40R'],
  ['the answer to a question for colours', '\x1b]11;rgb:ffff/ffff/cccc\x1b\\'],
  ['the same, ended by BEL', '\x1b]11;rgb:ffff/ffff/cccc\x07'],
  ['the name of the terminal', '\x1bP>|xterm(388)\x1b\\'],
  ['a paste', '\x1b[200~rsch\nq\x03\x1b[201~'],
];

test('sequences are swallowed, whole and in two pieces', () => {
  for (const [name, bytes] of SEQUENCES) {
    assert.deepEqual(asked(`${bytes}h`), ['help'], name);
    for (let i = 1; i < bytes.length; i += 1) {
      const pieces = [bytes.slice(0, i), bytes.slice(i), 'h'];
      assert.deepEqual(asked(...pieces), ['help'], `${name}, torn at ${i}`);
    }
  }
});

test('a lone Escape holds up the next key no longer than a moment', () => {
  assert.deepEqual(asked('\x1b', [101, 'r']), ['reload']);
  assert.deepEqual(asked('\x1b[', [101, 'r']), ['reload']);
  assert.deepEqual(asked('\x1b[200~rrr', [2001, 'r']), ['reload']);
});

test('a torn sequence does not swallow a Ctrl-C', () => {
  for (const torn of ['\x1b', '\x1b[', '\x1b[1;', '\x1bO']) {
    assert.deepEqual(asked(`${torn}\x03`), ['quit']);
  }
});
