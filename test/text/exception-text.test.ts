// How exceptions read: as Node 20, 22, 24 and 26 and tsx wrote them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  locateException,
  summarizeException,
  withLastLines,
} from '../../src/text/exception-text.js';
import { fixture } from '../helpers/paths.js';

const NO_PACKAGE =
  "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'no-such-package' imported from /srv/app/nopkg.mjs";
const NO_FILE =
  "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/srv/app/no.mjs' imported from /srv/app/imp-no.mjs";

/** By what was wrong in /srv/app: how it is told, whatever the version. */
const TOLD: Readonly<Record<string, string | RegExp>> = {
  'unfinished CommonJS': 'SyntaxError: Unexpected end of input (lib/end.js:3)',
  'unexpected token in CommonJS': "SyntaxError: Unexpected token ';' (lib/tok.cjs:2)",
  'unfinished module': 'SyntaxError: Unexpected end of input',
  'missing export':
    "SyntaxError: The requested module './lib/ok.mjs' does not provide an export named 'gone' (gone.mjs:1)",
  'missing main file': "Error: Cannot find module '/srv/app/missing.js'",
  'missing file, CommonJS': "Error: Cannot find module './no.js' (req-no.cjs:1)",
  'missing file, module': NO_FILE,
  'missing package': NO_PACKAGE,
  'rejected text': 'UnhandledPromiseRejection: "no database',
  'thrown text': 'text',
  'message of two lines': 'TypeError: x is (not) a (multi.mjs:1)',
  'exception of a package': 'Error: inner (dep.cjs:1)',
  'path with a space': 'SyntaxError: Unexpected end of input (my app/(x).js:2)',
  // Newer versions say the line and column of the file as well.
  'broken JSON': /^SyntaxError: \S+\/lib\/bad\.json: Expected .* at position 8.* \(json\.cjs:1\)$/,
  'TypeScript by tsx':
    /^Error: Transform failed with 1 error: \/srv\/app\/bad\.ts:1:\d+: ERROR: Unexpected ";"$/,
  'unfinished CommonJS by tsx': 'SyntaxError: Unexpected end of input (lib/end.js:3)',
  'TypeScript by Node':
    'SyntaxError [ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX]: TypeScript enum is not supported in strip-only mode (enum.ts:1)',
};

function told(stack: string, cwd: string): string {
  return locateException(summarizeException(stack), cwd);
}

test('what the versions of Node say of the same mistakes', () => {
  const recorded: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(fixture('exceptions.json'), 'utf8'),
  );
  assert.deepEqual(Object.keys(recorded).sort(), Object.keys(TOLD).sort());
  for (const [what, wanted] of Object.entries(TOLD)) {
    for (const [version, stack] of Object.entries(recorded[what] ?? {})) {
      const short = told(stack, '/srv/app');
      if (wanted instanceof RegExp) assert.match(short, wanted, `${what}, ${version}`);
      else assert.equal(short, wanted, `${what}, ${version}`);
    }
  }
});

test('the place of an exception is its first call in a file of the app', () => {
  const rows: [call: string, place: string][] = [
    ['at eval (eval at run (/srv/app/t.js:3:1), <anonymous>:1:7)', ''],
    ['at f (/srv/app/node_modules/x/i.js:1:1)', ''],
    ['at async node:internal/process/task_queues:1:1', ''],
    ['at async load (file:///srv/app/my%20lib/a.mjs:4:2)', ' (my%20lib/a.mjs:4)'],
    ['at new Db (/srv/my app (old)/db.js:5:1)', ' (/srv/my app (old)/db.js:5)'],
    ['at async /srv/app/a (1).js:6:1 {', ' (a (1).js:6)'],
  ];
  for (const [call, place] of rows)
    assert.equal(told(`Error: x\n    ${call}\n    at node:x:1:1`, '/srv/app'), `Error: x${place}`);
});

test('an exception keeps its message and the first three calls of the app', () => {
  const call = (file: string) => `    at f (${file}:1:1)`;
  const foreign = [call('node:internal/x'), call('/srv/node_modules/a/b.js')];
  const own = ['/a.js', '/b.js', '/c.js', '/d.js'].map(call);
  const code = ['/srv/app.js:2', 'const = 1', '      ^', 'SyntaxError: x'];
  const rows: [stack: string[], summary: string[]][] = [
    [
      ['Error: x', ...foreign, ...own, ...foreign],
      ['Error: x', ...own.slice(0, 3)],
    ],
    [[...code, '', ...foreign], code],
    [
      ['Error: x', '    at /a.js:1:1 {', "  code: 'EADDRINUSE'", '}'],
      ['Error: x', '    at /a.js:1:1 {'],
    ],
    [
      ['Error: \x1b[31mbad\x1b[0m \u009bthing\r', '\x1b[90mof two \x1b]0;x', call('/a.js')],
      ['Error: bad thing', 'of two ', call('/a.js')],
    ],
    [['\x1b[31mred', ''], ['red']],
    [[''], ['']],
  ];
  for (const [stack, summary] of rows) {
    assert.equal(summarizeException(stack.join('\n')), summary.join('\n'));
  }
});

test('the last lines of the worker take the place of the calls, and no terminal is controlled', () => {
  const reason = 'worker 1 exited with status 1: Error: x\n    at f (/srv/a.js:1:1)';
  assert.deepEqual(withLastLines(reason, ['boot', '', 'Error: x']), [
    'worker 1 exited with status 1: Error: x',
    ...['last lines of the worker:', '  boot', '  Error: x'],
  ]);
  assert.deepEqual(withLastLines(reason, ['']), reason.split('\n'));
  const hostile = 'no \x1b]0;title\x07\u009bsuch file\r\n\x1b[2Jnext';
  assert.deepEqual(withLastLines(hostile, []), ['no such file', 'next']);
});
