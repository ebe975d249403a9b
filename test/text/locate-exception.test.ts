// Exceptions in one line: as Node 20, 22, 24 and 26 and tsx wrote them, and as the Node of this run writes them now.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { locateException, summarizeException } from '../../src/text/exception-text.js';
import { fixture, node } from '../helpers/paths.js';
import { scratch } from '../helpers/supervisor.js';

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
  'rejected text': 'UnhandledPromiseRejection: no database',
  'thrown text': 'text',
  'message of two lines': 'TypeError: x is (not) a (multi.mjs:1)',
  'exception of a package': 'Error: inner (dep.cjs:1)',
  'path with a space': 'SyntaxError: Unexpected end of input (my app/(x).js:2)',
  // Newer versions say the line and column of the file as well.
  'broken JSON': /^SyntaxError: \S+\/lib\/bad\.json: Expected .* at position 8.* \(json\.cjs:1\)$/,
  'TypeScript by tsx': 'Transform failed: Unexpected ";" (bad.ts:1)',
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

const MONITOR = `process.on('uncaughtExceptionMonitor', (error) => {
  require('node:fs').writeSync(1, String(error?.stack ?? error));
});`;

test('what this version says of them', async (t) => {
  const cwd = scratch(t);
  const rows: [file: string, text: string, said: string][] = [
    ['a.cjs', 'const a = 1;\nif (a) {', 'SyntaxError: Unexpected end of input (a.cjs:2)'],
    ['b.cjs', 'const a = {;', "SyntaxError: Unexpected token ';' (b.cjs:1)"],
    ['c.cjs', "\nrequire('./nope');", "Error: Cannot find module './nope' (c.cjs:2)"],
    ['d.mjs', "Promise.reject('no luck');", 'UnhandledPromiseRejection: no luck'],
    ['e.mjs', "\n\nthrow new Error('late');", 'Error: late (e.mjs:3)'],
    ['f g/h.mjs', "throw new Error('x');", 'Error: x (f g/h.mjs:1)'],
    [
      'i.mjs',
      "import { x } from 'node:fs';",
      "SyntaxError: The requested module 'node:fs' does not provide an export named 'x' (i.mjs:1)",
    ],
  ];
  writeFileSync(join(cwd, 'monitor.cjs'), MONITOR);
  for (const [file, text, said] of rows) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), text);
    const args = ['--require', join(cwd, 'monitor.cjs'), join(cwd, file)];
    const { stdout } = await promisify(execFile)(node, args).then(
      () => assert.fail(file),
      (error: { stdout: string }) => error,
    );
    assert.equal(told(stdout, cwd), said);
  }
});

test('calls that are nobody has to repair are passed over', () => {
  const rows: [call: string, place: string][] = [
    ['at eval (eval at run (/srv/app/t.js:3:1), <anonymous>:1:7)', ''],
    ['at f (/srv/app/node_modules/x/i.js:1:1)', ''],
    ['at async node:internal/process/task_queues:1:1', ''],
    ['at async load (file:///srv/app/my%20lib/a.mjs:4:2)', ' (my lib/a.mjs:4)'],
    ['at new Db (/srv/my app (old)/db.js:5:1)', ' (/srv/my app (old)/db.js:5)'],
    ['at async /srv/app/a (1).js:6:1 {', ' (a (1).js:6)'],
  ];
  for (const [call, place] of rows)
    assert.equal(told(`Error: x\n    ${call}`, '/srv/app'), `Error: x${place}`);
  assert.equal(told('/srv/app/a.js:1', '/srv/app'), '/srv/app/a.js:1');
});

test('paths that are no URL, long messages and packages are shown as well as possible', () => {
  const rows: [text: string, stack: string][] = [
    [
      'SyntaxError: Unexpected token (src/my app.ts:9)',
      'file:///srv/app/src/my%20app.ts:9\na b\n  ^\nSyntaxError: Unexpected token',
    ],
    ['SyntaxError: x', 'SyntaxError: x (file and line are in the output of the worker)'],
    ['Error: x (/opt/lib.js:4)', 'Error: x\n    at f (/opt/lib.js:4:1)\n    at /srv/app/b.js:1:2'],
    ['Error: x (/srv/%zz.js:1)', 'Error: x\n    at file:///srv/%zz.js:1:2'],
    [`Error: ${'y'.repeat(150)}...`, `Error: ${'y'.repeat(300)}`],
  ];
  for (const [text, stack] of rows) assert.equal(locateException(stack, '/srv/app'), text);
});
