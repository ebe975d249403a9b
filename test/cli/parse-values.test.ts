// What the values of options mean, by tables.
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import {
  parseDuration,
  parseInspectPort,
  parseReady,
  parseSignal,
  parseWorkers,
} from '../../src/cli/parse-values.js';
import { UsageError } from '../../src/errors.js';

/** Fails unless `what` throws a UsageError whose message, with its hint, holds each of the words. */
function refuses(what: () => unknown, ...words: string[]): void {
  assert.throws(what, (error) => {
    assert.ok(error instanceof UsageError, String(error));
    const said = `${error.message} ${error.hint ?? ''}`;
    for (const word of words) assert.ok(said.includes(word), `'${word}' is not in: ${said}`);
    return !said.includes('\n');
  });
}

test('a time is a number with a unit, or seconds', () => {
  const rows: [string, number][] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['30', 30_000],
    ['0', 0],
    ['0.5', 500],
    ['.5s', 500],
    ['2.', 2000],
    ['1.5h', 5_400_000],
    ['0.1ms', 0],
    ['576h', 2_073_600_000],
  ];
  for (const [text, ms] of rows) assert.equal(parseDuration(text, '--start-timeout'), ms, text);
});

test('a wrong time is refused with the option, the value and examples', () => {
  const bad = ['', '-1', '+5', '5 s', '5x', '5S', '1d', 's', '.', '1e3', '1m30s', 'NaN', '0x10'];
  for (const text of bad) {
    refuses(() => parseDuration(text, '--drain-timeout'), '--drain-timeout', `'${text}'`, '30s');
  }
  for (const text of ['577h', '2073601', '99999999999999999999h']) {
    refuses(() => parseDuration(text, '--kill-timeout'), '--kill-timeout', text, '24 days');
  }
});

test('a signal is a name or a number', () => {
  const rows: [string, NodeJS.Signals][] = [
    ['TERM', 'SIGTERM'],
    ['SIGTERM', 'SIGTERM'],
    ['term', 'SIGTERM'],
    ['sigQuit', 'SIGQUIT'],
    ['15', 'SIGTERM'],
    ['6', 'SIGABRT'],
  ];
  for (const [text, signal] of rows) assert.equal(parseSignal(text, '--x'), signal, text);
});

test('a signal that does not exist, or that a worker cannot handle, is refused', () => {
  for (const text of ['TREM', '', 'SIG', '0', '-15', '99', '1.5', 'RTMIN+3', 'constructor']) {
    refuses(() => parseSignal(text, '--x'), `--x: there is no signal '${text}'; write TERM`);
  }
  for (const text of ['KILL', 'SIGKILL', '9']) {
    refuses(() => parseSignal(text, '--x'), '--x: a worker cannot handle SIGKILL; ');
  }
  for (const text of ['stop', '19'])
    refuses(() => parseSignal(text, '--x'), 'cannot handle SIGSTOP; ');
});

test('a number of workers is 1 to 1024, or max', () => {
  const cpus = Math.min(availableParallelism(), 1024);
  const rows: [string, number][] = [
    ['1', 1],
    ['16', 16],
    ['1024', 1024],
    ['max', cpus],
  ];
  for (const [text, workers] of rows) assert.equal(parseWorkers(text, '--x'), workers, text);
  for (const text of ['', '0', '-1', '1025', '1.5', 'two', 'MAX', '1e2', '0x2']) {
    refuses(() => parseWorkers(text, '--x'), '--x', `'${text}'`, '1 to 1024', `max (${cpus} here)`);
  }
});

test('each way to become ready is parsed', () => {
  const rows: [string, object][] = [
    ['auto', { how: 'auto' }],
    ['ipc', { how: 'ipc' }],
    ['fd', { how: 'fd' }],
    ['after:2s', { how: 'after', ms: 2000 }],
    ['after:0', { how: 'after', ms: 0 }],
  ];
  for (const [text, ready] of rows) assert.deepEqual(parseReady(text, '--ready'), ready, text);
});

test('a URL that tells when a worker is ready is taken as it is, or names a unix socket', () => {
  const query = 'g={{generation}}';
  const rows: [text: string, url: string, socketPath?: string][] = [
    [`https://localhost/?${query}`, `https://localhost/?${query}`],
    [`http:http://[::1]:3000?${query}`, `http://[::1]:3000?${query}`],
    [`http:https://localhost:3000/a?b=c&${query}`, `https://localhost:3000/a?b=c&${query}`],
    [`http://10.0.0.1:300{{worker}}/?${query}`, `http://10.0.0.1:300{{worker}}/?${query}`],
    // A host that happens to be called unix.
    [`http://unix:8080/?${query}`, `http://unix:8080/?${query}`],
    [`http://unix:/run/a.sock:/up?${query}`, `http://localhost/up?${query}`, '/run/a.sock'],
    ['http://unix:/run/{{generation}}.sock', 'http://localhost/', '/run/{{generation}}.sock'],
    [`http:http://unix:./a.sock:/a:/b?${query}`, `http://localhost/a:/b?${query}`, './a.sock'],
  ];
  for (const [text, url, socketPath] of rows) {
    const expected = { how: 'http', url, ...(socketPath && { socketPath }) };
    assert.deepEqual(parseReady(text, '--ready'), expected, text);
  }
});

test('an unknown way to become ready is refused with the choices', () => {
  for (const text of ['', 'atuo', 'ready', 'ipc:', 'IPC!', 'after', 'http', 'tcp:80']) {
    refuses(
      () => parseReady(text, '--ready'),
      '--ready',
      `'${text}'`,
      'auto, notify, ipc, fd, http:<url> or after:<time>',
    );
  }
  refuses(() => parseReady('after:soon', '--ready'), '--ready after', "'soon'", '500ms');
  refuses(() => parseReady('after:', '--ready'), '--ready after', '500ms');
  const urls = ['http:', 'http://', 'https:', 'http:/health', 'http:localhost:80', 'http:///x'];
  for (const text of [
    ...urls,
    'http://a b/',
    'http://host:99999/',
    'http://:80/',
    'http:ftp://x/',
  ]) {
    refuses(
      () => parseReady(text, '--ready'),
      '--ready',
      `'${text}'`,
      'http://127.0.0.1:3000/health/{{generation}}',
    );
  }
  refuses(() => parseReady('http://x:{{port}}/', '--ready'), '{{port}}', '{{generation}}');
  refuses(() => parseReady('http://x/{{worker', '--ready'), '{{worker', '{{generation}}');
});

test('the address of the debugger is a port, with a host or without', () => {
  const rows: [text: string, host: string, port: number][] = [
    ['9230', '127.0.0.1', 9230],
    ['0', '127.0.0.1', 0],
    ['0.0.0.0:9230', '0.0.0.0', 9230],
    ['localhost:9230', 'localhost', 9230],
    ['[::1]:9230', '::1', 9230],
  ];
  for (const [text, host, port] of rows) {
    assert.deepEqual(parseInspectPort(text, '--inspect-port'), { host, port }, text);
  }
  for (const text of ['', 'x', '65536', '127.0.0.1', '::1:9230', 'a b:1', ':9230', '-1', '9229x']) {
    refuses(
      () => parseInspectPort(text, '--inspect-port'),
      `--inspect-port: '${text}' is not a port`,
      'write 9230',
    );
  }
});
