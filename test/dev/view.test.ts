// What `dev` writes to a terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createView, type TerminalStyle } from '../../src/dev/view.js';

type DevView = ReturnType<typeof createView>;

const PLAIN: TerminalStyle = { colors: false, sequences: false };

/** All that `use` writes. */
function written(use: (view: DevView) => void, style = PLAIN): string {
  const texts: string[] = [];
  use(createView((text) => texts.push(text), style));
  return texts.join('');
}

const unix = (path: string) => ({ text: `unix:${path}`, host: null, port: null });

test('the banner names the commands where they are read, and each address', () => {
  const use = (isReading: boolean) => (view: DevView) => {
    view.banner('web', '0.1.0', isReading);
    view.serving([{ text: ':3000', host: null, port: 3000 }, unix('/run/web.sock')]);
    view.entry('watching', './src');
  };
  const rest = 'serving   http://localhost:3000\n          unix:/run/web.sock\nwatching  ./src\n';
  const commands = 'commands  r + enter reload, s status, c clear, h help, q quit\n';
  assert.equal(written(use(true)), `graceful-run 0.1.0  web\n${commands}${rest}`);
  assert.equal(written(use(false)), `graceful-run 0.1.0  web\n${rest}`);
});

test('an address with a port is shown as a browser takes it', () => {
  const rows: [host: string | null, port: number, url: string][] = [
    [null, 3000, 'http://localhost:3000'],
    ['0.0.0.0', 3000, 'http://localhost:3000'],
    ['::', 3000, 'http://localhost:3000'],
    ['::1', 3000, 'http://[::1]:3000'],
    ['127.0.0.1', 80, 'http://127.0.0.1'],
    ['127.0.0.1', 8080, 'http://127.0.0.1:8080'],
    ['example.org', 443, 'https://example.org'],
  ];
  for (const [host, port, url] of rows) {
    const use = (view: DevView) => view.serving([{ text: '', host, port }]);
    assert.equal(written(use), `serving   ${url}\n`);
  }
});

test('a line begins with its mark, and details are indented below it', () => {
  const use = (view: DevView) => {
    view.line({ mark: 'ok', text: 'g2 serves' });
    view.line({ mark: 'failed', text: 'g3 failed', details: ['why', 'and where'] });
    view.line({ mark: 'note', text: 'stopping' });
  };
  assert.equal(written(use), '▸ g2 serves\n✗ g3 failed\n    why\n    and where\n· stopping\n');
});

test('no text of others steers the terminal', () => {
  const nasty = 'a\x1b[2J\x1b]0;title\x07b\nc\u009b2Jd\x1b\x9b';
  const calls: ((view: DevView) => void)[] = [
    (view) => view.line({ mark: 'ok', text: nasty, details: [nasty] }),
    (view) => view.banner(nasty, '0.1.0', true),
    (view) => view.entry('watching', nasty),
    (view) => view.serving([unix(nasty)]),
  ];
  for (const use of calls) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    assert.doesNotMatch(written(use), /[\x00-\x09\x0b-\x1f\x7f-\x9f]|title/);
  }
});

test('what is no terminal is not cleared', () => {
  assert.equal(
    written((view) => view.clear()),
    '',
  );
});
