// How exceptions read, by tables.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeException, withLastLines } from '../../src/text/exception-text.js';

/** Lines of a table cell, without the indentation that the table has. */
const lines = (...all: string[]) => all.join('\n');

test('an exception keeps its message and the first calls of the app', () => {
  const rows: [string, string, string][] = [
    [
      'calls of the app before those of Node',
      lines(
        'Error: no database',
        '    at node:internal/x:1:1',
        '    at connect (/srv/db.js:3:9)',
        '    at Module._compile (node:internal/modules/cjs/loader:1:1)',
        '    at /srv/app.js:1:1',
      ),
      lines('Error: no database', '    at connect (/srv/db.js:3:9)', '    at /srv/app.js:1:1'),
    ],
    [
      'three calls at most',
      lines('Error: x', ...[1, 2, 3, 4, 5].map((at) => `    at f (/a.js:${at}:1)`)),
      lines('Error: x', ...[1, 2, 3].map((at) => `    at f (/a.js:${at}:1)`)),
    ],
    [
      'the call of the app behind many of packages',
      lines(
        'Error: x',
        ...[1, 2, 3, 4].map((at) => `    at f (/srv/node_modules/a/b.js:${at}:1)`),
        '    at /srv/app.js:1:1',
        '    at /srv/main.js:1:1',
      ),
      lines(
        'Error: x',
        ...[1, 2].map((at) => `    at f (/srv/node_modules/a/b.js:${at}:1)`),
        '    at /srv/app.js:1:1',
      ),
    ],
    [
      'all of the frame of a syntax error, and the calls of Node when there are no others',
      lines('/srv/app.js:2', 'const = 1', '      ^', '', 'SyntaxError: x', '    at node:x:1:1'),
      lines('/srv/app.js:2', 'const = 1', '      ^', 'SyntaxError: x', '    at node:x:1:1'),
    ],
    [
      'what follows the stack is left out',
      lines('Error: taken', '    at /srv/app.js:1:1 {', "  code: 'EADDRINUSE'", '}'),
      lines('Error: taken', '    at /srv/app.js:1:1 {'),
    ],
    [
      'as text, line by line',
      lines(
        'Error: \x1b[31mbad\x1b[0m \x1b[2J\u009bthing\r',
        '\x1b[90mof two \x1b]0;never ends',
        '    at /srv/app.js:1:1',
      ),
      lines('Error: bad thing', 'of two ', '    at /srv/app.js:1:1'),
    ],
    ['no stack at all, but colours', '\x1b[31mred\n', 'red'],
    ['nothing', '', ''],
  ];
  for (const [name, stack, summary] of rows) assert.equal(summarizeException(stack), summary, name);
});

test('the last lines of the worker follow the reason, nothing is said twice, and no terminal is controlled', () => {
  const reason = 'worker 1 exited with status 1: Error: x\n    at f (/srv/a.js:1:1)';
  const exception = ['Error: x', '    at f (/srv/a.js:1:1)', '    at g (/srv/b.js:2:2)'];
  assert.deepEqual(withLastLines(reason, ['boot', '', ...exception, 'bye']), [
    ...reason.split('\n'),
    'last lines of the worker:',
    '  boot',
    '  bye',
  ]);
  const hostile = 'no \x1b]0;title\x07\u009bsuch file\r\n\x1b[2Jnext';
  assert.deepEqual(withLastLines(hostile, []), ['no such file', 'next']);
});
