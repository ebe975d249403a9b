// Why a request failed, as it is printed: an exception in one piece, and nothing twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict } from '../../src/cli/verdict.js';

const ENDED = 'worker 1 of generation 2 (pid 7) exited with status 1 before it was ready';
const call = (line: number) => `    at f (/srv/a.js:${line}:1)`;
const calls = (...lines: number[]) => lines.map(call);
const FRAME = ['/srv/a.js:1', 'throw new Error("x");', '^', ''];

test('without output, or without anything in it that is new', () => {
  assert.deepEqual(verdict('refused', []), ['refused']);
  assert.deepEqual(verdict(`${ENDED}: Error: x\n${call(1)}`, []), [
    `${ENDED}: Error: x`,
    ...calls(1),
  ]);
  assert.deepEqual(verdict(`${ENDED}: text`, ['', 'text']), [`${ENDED}: text`]);
});

test('a reason cannot steer a terminal', () => {
  assert.deepEqual(verdict('no \x1b]0;title\x07\u009bsuch file\r\n\x1b[2Jnext', []), [
    'no such file',
    'next',
  ]);
});

test('the last lines follow the reason', () => {
  assert.deepEqual(verdict(ENDED, ['one', '', 'two']), [
    ENDED,
    'last lines of the worker:',
    '  one',
    '  two',
  ]);
});

test('a stack that the output has is told whole, in its place', () => {
  const reason = `${ENDED}: Error: x\n${calls(1, 2, 3).join('\n')}`;
  const output = ['boot', ...FRAME, 'Error: x', ...calls(1, 2, 3, 4, 5), '', 'Node.js v20.19.0'];
  assert.deepEqual(verdict(reason, output), [
    `${ENDED}: Error: x`,
    ...calls(1, 2, 3, 4, 5),
    'last lines of the worker:',
    '  boot',
    ...FRAME.slice(0, 3).map((line) => `  ${line}`),
    '  Node.js v20.19.0',
  ]);
});

test('calls that the reason has passed over come back, and so do properties', () => {
  const node = '    at node:internal/x:1:1';
  const reason = `${ENDED}: Error: taken\n${call(1)}`;
  const output = [
    ...['Error: taken', node, call(1), `${node} {`, "  code: 'EADDRINUSE'", '}'],
    ...['', 'Node.js v20.19.0'],
  ];
  assert.deepEqual(verdict(reason, output), [
    `${ENDED}: Error: taken`,
    ...[node, call(1), `${node} {`, "  code: 'EADDRINUSE'", '}'],
    ...['last lines of the worker:', '  Node.js v20.19.0'],
  ]);
});

test('a syntax error with its code, and the later one of two', () => {
  const code = ['/srv/b.cjs:2', 'const a = {;', '           ^'];
  const reason = [`${ENDED}: ${code[0]}`, ...code.slice(1), 'SyntaxError: y', call(1)].join('\n');
  const output = [...code, 'old', ...code, '', 'SyntaxError: y', ...calls(1, 2)];
  assert.deepEqual(verdict(reason, output), [
    ...[`${ENDED}: ${code[0]}`, ...code.slice(1), 'SyntaxError: y', ...calls(1, 2)],
    ...['last lines of the worker:', ...[...code, 'old'].map((line) => `  ${line}`)],
  ]);
});

test('of a stack that the output has in part, each line is told once', () => {
  const reason = `${ENDED}: Error: x\n${calls(1, 2, 3).join('\n')}`;
  for (const output of [
    [...calls(2, 3, 4), 'end'],
    ['Error: x', ...calls(1, 4), 'end', call(2)],
  ]) {
    assert.deepEqual(verdict(reason, output), [
      `${ENDED}: Error: x`,
      ...calls(1, 2, 3),
      'last lines of the worker:',
      `  ${call(4)}`,
      '  end',
    ]);
  }
});
