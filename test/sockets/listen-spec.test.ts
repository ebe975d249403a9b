// Values of --listen, by tables.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import {
  assertDistinct,
  DEFAULT_BACKLOG,
  describeAddress,
  parseListenSpec,
} from '../../src/sockets/listen-spec.js';

const tcp = (host: string | null, port: number, v6only = false) => ({
  kind: 'tcp' as const,
  host,
  port,
  v6only,
});
const unix = (path: string) => ({ kind: 'unix' as const, path });
const plain = { name: null, appAddress: null, backlog: DEFAULT_BACKLOG, mode: null, owner: null };

/** Fails unless parsing throws one line that names the spec and holds each of the words. */
function refuses(what: () => unknown, ...words: string[]): void {
  assert.throws(what, (error) => {
    assert.ok(error instanceof UsageError, String(error));
    for (const word of words) {
      assert.ok(error.message.includes(word), `'${word}' is not in: ${error.message}`);
    }
    return !error.message.includes('\n');
  });
}

test('every form of address is parsed, and written in one form', () => {
  const rows: [string, ReturnType<typeof tcp> | ReturnType<typeof unix>, string][] = [
    [':8080', tcp(null, 8080), ':8080'],
    ['8080', tcp(null, 8080), ':8080'],
    ['*:8080', tcp(null, 8080), ':8080'],
    [':0', tcp(null, 0), ':0'],
    ['0.0.0.0:80', tcp('0.0.0.0', 80), '0.0.0.0:80'],
    ['127.0.0.1:65535', tcp('127.0.0.1', 65535), '127.0.0.1:65535'],
    ['localhost:8080', tcp('127.0.0.1', 8080), '127.0.0.1:8080'],
    ['[::1]:8080', tcp('::1', 8080), '[::1]:8080'],
    ['[0:0:0:0:0:0:0:1]:8080', tcp('::1', 8080), '[::1]:8080'],
    ['[::]:8080', tcp('::', 8080), '[::]:8080'],
    ['[::]:8080?v6only', tcp('::', 8080, true), '[::]:8080'],
    ['[fe80::1%eth0]:1', tcp('fe80::1%eth0', 1), '[fe80::1%eth0]:1'],
    ['unix:/run/app.sock', unix('/run/app.sock'), 'unix:/run/app.sock'],
    ['unix:app.sock', unix('app.sock'), 'unix:app.sock'],
    ['unix:/run/a=b:c d', unix('/run/a=b:c d'), 'unix:/run/a=b:c d'],
  ];
  for (const [text, address, written] of rows) {
    assert.deepEqual(parseListenSpec(text), { ...plain, text, address });
    assert.equal(describeAddress(address), written);
  }
});

test('a name before the address and options behind it are parsed', () => {
  const owner = (user: string | null, group: string | null) => ({ owner: { user, group } });
  const rows: [string, object][] = [
    ['web=:80', { name: 'web' }],
    ['a.b-c/d[~!=unix:/x=y', { name: 'a.b-c/d[~!', address: unix('/x=y') }],
    [`${'n'.repeat(255)}=:80`, { name: 'n'.repeat(255) }],
    [':80?for=3000', { appAddress: { port: 3000 } }],
    [':80?for=/run/a+b=c.sock', { appAddress: { path: '/run/a+b=c.sock' } }],
    [':80?for=unix:./app.sock', { appAddress: { path: './app.sock' } }],
    ['web=8080?backlog=4096&for=1', { name: 'web', backlog: 4096, appAddress: { port: 1 } }],
    ['unix:/x?mode=660&owner=www:www', { mode: 0o660, ...owner('www', 'www') }],
    ['unix:/x?owner=33', owner('33', null)],
    ['unix:/x?owner=:33', owner(null, '33')],
    ['web=[::1]:80?v6only', { name: 'web', address: tcp('::1', 80, true) }],
  ];
  for (const [text, expected] of rows) {
    const spec = parseListenSpec(text);
    assert.deepEqual({ ...spec, ...expected }, spec, text);
  }
});

test('a wrong spec is refused with the spec and a correct example', () => {
  const rows: [string, string][] = [
    ['', "no address; write ':8080'"],
    ['web=', 'no address'],
    [':', 'has no port'],
    ['127.0.0.1', 'has no port'],
    [':80a', 'has no port'],
    [':65536', 'write 0 to 65535'],
    ['::1', "write '[::1]:8080'"],
    ['::1:8080', "write '[::1]:8080'"],
    ['1:2:3:4:5:6:7:8:80', "brackets; write '[1:2:3:4:5:6:7:8]:80'"],
    ['example.com:80', "'example.com' is not an address"],
    ['http://127.0.0.1:80', "'http://127.0.0.1' is not an address"],
    ['[127.0.0.1]:80', 'is not an address'],
    ['a:b=:80', "'a:b' is not a name"],
    ['=:80', "'' is not a name"],
    [`${'n'.repeat(256)}=:80`, 'is not a name'],
    ['/run/app.sock', "write 'unix:/run/app.sock'"],
    ['./app.sock', "write 'unix:./app.sock'"],
    ['unix:', 'no path'],
    ['unix:@app', "or 'unix:./@app'"],
    [`unix:/${'x'.repeat(107)}`, 'has 108 bytes'],
    [':80?', 'there are for, backlog, mode, owner, v6only'],
    [':80?for=1&for=2', "'for' is there twice"],
    [':80?for', "for '' is neither"],
    [':80?for=0', "write '?for=3000'"],
    [':80?for=app', "'?for=./app.sock'"],
    [':80?backlog=0', "write '?backlog=4096'"],
    [':80?backlog=2147483648', "write '?backlog=4096'"],
    [':80?mode=660', "'mode' is for unix sockets only"],
    ['unix:/x?mode=888', "write '?mode=660'"],
    ['unix:/x?mode=4755', "write '?mode=660'"],
    ['unix:/x?owner=', "write '?owner=www'"],
    ['unix:/x?owner=a:b:c', "write '?owner=www'"],
    ['unix:/x?v6only', 'IPv6 only'],
    ['127.0.0.1:80?v6only', "write '[::]:80?v6only'"],
    [':80?v6only', "write '[::]:80?v6only'"],
    ['[::]:80?v6only=1', 'takes no value'],
  ];
  for (const [text, advice] of rows)
    refuses(() => parseListenSpec(text), `--listen '${text}'`, advice);
});

test('two specs with the same address or the same name are refused', () => {
  const check = (...texts: string[]) => assertDistinct(texts.map(parseListenSpec));
  check();
  check(':80', ':81', '127.0.0.1:80', '[::1]:80', 'unix:/a', 'unix:a');
  check(':0', ':0', 'a=127.0.0.1:0', 'b=127.0.0.1:0');
  refuses(() => check(':80', '*:80'), "'*:80'", 'the address :80', "':80'");
  refuses(() => check('a=[::1]:80', '[0::1]:80?v6only'), 'the address [::1]:80');
  refuses(() => check('unix:./a/../b', 'unix:b'), 'the address unix:b');
  refuses(() => check('web=:80', 'web=:81'), "the name 'web'", "'web=:80'");
});
