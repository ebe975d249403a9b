// What is written to a terminal, whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urlOf } from '../../src/dev/address.js';
import { createView, type DevView } from '../../src/dev/view.js';
import type { TerminalStyle } from '../../src/text/colors.js';

const PLAIN: TerminalStyle = { colors: false, sequences: false, unicode: true };
const ASCII: TerminalStyle = { ...PLAIN, unicode: false };
const FULL: TerminalStyle = { colors: true, sequences: true, unicode: true };

/** What `use` writes, each call an element. */
function writes(use: (screen: DevView) => void, style = PLAIN, columns: number | undefined = 80) {
  const written: string[] = [];
  use(
    createView(
      (text) => written.push(text),
      () => columns,
      style,
    ),
  );
  return written;
}

const banner = { name: 'web', version: '0.1.0', isReading: true };

test('the banner', () => {
  assert.deepEqual(
    writes((screen) => screen.banner(banner)),
    ['graceful-run 0.1.0  web\ncommands  r + enter reload, s status, c clear, h help, q quit\n'],
  );
  assert.deepEqual(
    writes((screen) => screen.banner({ ...banner, isReading: false })),
    ['graceful-run 0.1.0  web\n'],
  );
  assert.deepEqual(
    writes((screen) => screen.banner(banner), FULL),
    [
      '\x1b[1mgraceful-run 0.1.0\x1b[0m  web\n' +
        '\x1b[2mcommands  \x1b[0mr + enter reload, s status, c clear, h help, q quit\n',
    ],
  );
});

test('its lines fit 80 columns, and are no longer on a wide terminal', () => {
  const long = `./${'directory-'.repeat(20)}`;
  const use = (screen: DevView) => {
    screen.banner({ ...banner, name: long });
    screen.watching(long);
    screen.serving([`unix:/${long}`]);
    screen.watching('漢'.repeat(60));
  };
  const lines = (columns: number | undefined, style: TerminalStyle) =>
    writes(use, style, columns).join('').trimEnd().split('\n');
  for (const columns of [80, 140, 0, undefined]) {
    const widths = lines(columns, PLAIN).map((line) => line.length);
    assert.deepEqual(widths, [80, 61, 80, 80, 45], String(columns));
  }
  assert.ok(lines(40, PLAIN).every((line) => line.length <= 40));
  assert.ok(lines(80, PLAIN)[0]?.endsWith('…'));
  const ascii = lines(80, ASCII);
  assert.match(ascii[0] ?? '', /\.{3}$/);
  assert.equal(ascii[0]?.length, 80);
});

test('addresses are links where that is possible', () => {
  const addresses = [':3000', 'unix:/run/web.sock'];
  assert.deepEqual(
    writes((screen) => screen.serving(addresses)),
    ['serving   http://localhost:3000\n          unix:/run/web.sock\n'],
  );
  assert.deepEqual(
    writes((screen) => screen.serving([':3000']), { ...FULL, colors: false }),
    ['serving   \x1b]8;;http://localhost:3000\x1b\\http://localhost:3000\x1b]8;;\x1b\\\n'],
  );
});

test('how an address is called in a browser', () => {
  const rows: [string, string | null][] = [
    [':3000', 'http://localhost:3000'],
    ['0.0.0.0:3000', 'http://localhost:3000'],
    ['[::]:3000', 'http://localhost:3000'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['127.0.0.1:80', 'http://127.0.0.1'],
    ['example.org:443', 'https://example.org'],
    ['unix:/run/a:1', null],
    ['a socket without an address', null],
  ];
  for (const [address, url] of rows) assert.equal(urlOf(address), url, address);
});

test('lines with their marks', () => {
  const use = (screen: DevView) => {
    screen.line({ mark: 'ok', text: 'g2 serves' });
    screen.line({ mark: 'failed', text: 'g3 failed', details: ['why', 'and where'] });
    screen.line({ mark: 'note', text: 'stopping' });
  };
  assert.deepEqual(writes(use), [
    '▸ g2 serves\n',
    '✗ g3 failed\n    why\n    and where\n',
    '· stopping\n',
  ]);
  assert.deepEqual(writes(use, ASCII), [
    '> g2 serves\n',
    'x g3 failed\n    why\n    and where\n',
    '- stopping\n',
  ]);
  assert.deepEqual(writes(use, FULL), [
    '\x1b[32m▸\x1b[0m g2 serves\n',
    '\x1b[31m✗\x1b[0m g3 failed\n    why\n    and where\n',
    '\x1b[2m·\x1b[0m \x1b[2mstopping\x1b[0m\n',
  ]);
});

test('what comes from elsewhere does not steer the terminal', () => {
  const nasty = 'a\x1b[2J\x1b]0;title\x07b\nc\u009b2Jd\x1b\x9b';
  const use = (screen: DevView) => {
    screen.line({ mark: 'ok', text: nasty, details: [nasty] });
    screen.banner({ ...banner, name: nasty });
    screen.watching(nasty);
    screen.debuggers(nasty);
    screen.serving([`unix:/${nasty}`]);
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  for (const text of writes(use)) assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]|title/);
});

test('the screen is cleared when somebody asks, and there is one', () => {
  assert.deepEqual(
    writes((screen) => screen.clear(), FULL),
    ['\x1b[2J\x1b[3J\x1b[H'],
  );
  assert.deepEqual(
    writes((screen) => screen.clear()),
    [],
  );
});
