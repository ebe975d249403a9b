// How errors read, and what they carry.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { describeError, EXIT, StartError, UsageError } from '../src/errors.js';

async function failureOf(what: () => Promise<unknown> | unknown): Promise<unknown> {
  try {
    await what();
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

/** Listens twice on one port. */
function takenPort(): Promise<Error> {
  return new Promise((resolve) => {
    const first = createServer().listen(0, '127.0.0.1', () => {
      const second = createServer().listen(first.address());
      second.once('error', (error) => first.close(() => resolve(error)));
    });
  });
}

test('system errors read as code and meaning, and nothing else', async () => {
  const refused = new Promise((_, reject) => connect({ path: '/nowhere/x' }).once('error', reject));
  const rows: [unknown, string][] = [
    [await takenPort(), 'EADDRINUSE: address already in use'],
    [await failureOf(() => readFileSync('/nowhere/x')), 'ENOENT: no such file or directory'],
    [await failureOf(() => process.kill(process.pid, 'SIGNOT')), 'Unknown signal: SIGNOT'],
    [await failureOf(() => refused), 'ENOENT: no such file or directory'],
    [Object.assign(new Error(''), { code: 'ECANCELED' }), 'ECANCELED'],
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND', errno: -3008 }),
      'ENOTFOUND: unknown node or service',
    ],
    [-98, 'EADDRINUSE: address already in use'],
    [7, 'error 7'],
  ];
  for (const [error, expected] of rows) assert.equal(describeError(error), expected);
});

test('anything else that was thrown reads as one line', () => {
  const rows: [unknown, string][] = [
    [new Error('broken\n    at somewhere'), 'broken'],
    [new TypeError(), 'TypeError'],
    ['  text \n more', 'text'],
    [undefined, 'undefined'],
    [Object.create(null), '[Object: null prototype] {}'],
    [new AggregateError([new Error('one'), new Error('two')]), 'one'],
  ];
  for (const [error, expected] of rows) assert.equal(describeError(error), expected);
});

test('errors carry what the command needs to end well', () => {
  const usage = new UsageError('wrong', 'like this');
  assert.deepEqual([usage.name, usage.message, usage.hint], ['UsageError', 'wrong', 'like this']);
  assert.equal(new UsageError('wrong').hint, undefined);
  assert.equal(new StartError('taken').exitCode, EXIT.failure);
  const start = new StartError('no such command', 'check PATH', { exitCode: EXIT.notFound });
  assert.deepEqual([start.name, start.hint, start.exitCode], ['StartError', 'check PATH', 127]);
  const cause = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
  const failed = new StartError('cannot listen', undefined, { cause });
  assert.deepEqual([failed.code, failed.cause, start.code], ['EADDRINUSE', cause, undefined]);
});
