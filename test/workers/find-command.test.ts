// The program that a command names, or why there is none.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findCommand, runsNode } from '../../src/workers/find-command.js';
import { scratch } from '../helpers/supervisor.js';

/** Two directories of a PATH, and what a deployment may have left in them. */
function tree(t: TestContext): string {
  const root = scratch(t);
  for (const name of ['one', 'two', 'one/both', 'two/only']) mkdirSync(join(root, name));
  const file = (name: string, mode: number) => {
    writeFileSync(join(root, name), '');
    chmodSync(join(root, name), mode);
  };
  file('one/plain', 0o644);
  file('one/app', 0o755);
  file('two/app', 0o755);
  file('two/plain', 0o755);
  file('two/both', 0o755);
  file('two/data', 0o644);
  file('here', 0o755);
  symlinkSync('nowhere', join(root, 'two/dangling'));
  return root;
}

test('a command is the first executable file along PATH, or relative to the working directory', (t) => {
  const root = tree(t);
  const path = `${root}/one:${root}/nowhere:${root}/two`;
  const rows: [command: string, path: string, file: string][] = [
    ['app', path, 'one/app'],
    // execvp(3) goes on behind what may not be run.
    ['plain', path, 'two/plain'],
    ['both', path, 'two/both'],
    ['./two/app', '', 'two/app'],
    [`${root}/two/app`, '', 'two/app'],
    ['../two/app', 'one', 'two/app'],
    // A relative or empty part of PATH counts from the working directory.
    ['app', 'two:one', 'two/app'],
    ['here', ':/nowhere', 'here'],
  ];
  for (const [command, along, file] of rows) {
    const cwd = command.startsWith('../') ? join(root, 'one') : root;
    assert.deepEqual(findCommand(command, along, cwd), { file: join(root, file) }, command);
  }
});

test('a missing command is reported with the status and the reason that a shell would give', (t) => {
  const root = tree(t);
  const path = `${root}/one:${root}/two`;
  const rows: [command: string, status: number, reason: string][] = [
    ['nope', 127, 'command not found: nope'],
    ['dangling', 127, 'command not found: dangling'],
    ['data', 126, 'data: is not executable'],
    ['./one/plain', 126, './one/plain: is not executable'],
    ['only', 126, 'only: is a directory'],
  ];
  for (const [command, status, reason] of rows) {
    assert.deepEqual(findCommand(command, path, root), { status, reason }, command);
  }
});

test('a script whose interpreter is missing is reported with the interpreter', (t) => {
  const file = join(scratch(t), 'script');
  writeFileSync(file, '#!/nowhere/bin/node\n', { mode: 0o755 });
  const reason = `${file}: its interpreter /nowhere/bin/node is not there`;
  assert.deepEqual(findCommand(file, '', '/'), { status: 126, reason });
});

test('Node itself and scripts whose first line names it are recognized', (t) => {
  const root = scratch(t);
  const rows: [first: string, isNode: boolean][] = [
    ['#!/usr/bin/env node', true],
    ['#!/usr/local/bin/node', true],
    ['#!/usr/bin/env -S A=1 node', true],
    ['#!/usr/bin/env python3', false],
    ['#!/srv/node/venv/bin/python', false],
    ['#!/bin/sh -c node', false],
    ['#!/usr/bin/env node-gyp', false],
    ['', false],
  ];
  for (const [i, [first, isNode]] of rows.entries()) {
    const file = join(root, `script${i}`);
    writeFileSync(file, `${first}\nnode\n`);
    assert.equal(runsNode(file), isNode, first);
  }
  copyFileSync('/bin/true', join(root, 'node'));
  symlinkSync('node', join(root, 'linked'));
  assert.equal(runsNode(process.execPath), true);
  assert.equal(runsNode(join(root, 'linked')), true);
  assert.equal(runsNode('/bin/sh'), false);
  assert.equal(runsNode(join(root, 'nope')), false);
});
