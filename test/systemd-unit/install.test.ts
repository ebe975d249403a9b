// Installation: whole files or none, and no file of another origin is lost.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartError } from '../../src/errors.js';
import { installUnits } from '../../src/systemd-unit/install.js';
import { scratch } from '../helpers/supervisor.js';

const FILES = [
  { name: 'shop.service', text: '[Service]\n' },
  { name: 'shop.socket', text: '[Socket]\n' },
];
const install = (directory: string) => installUnits(FILES, directory, 'sudo it');

test('the files are written with mode 0644 whatever the umask is, and may be written again', (t) => {
  const directory = scratch(t);
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  for (const _ of ['first', 'again']) {
    assert.deepEqual(
      install(directory),
      FILES.map(({ name }) => join(directory, name)),
    );
    assert.deepEqual(readdirSync(directory), ['shop.service', 'shop.socket']);
  }
  for (const { name, text } of FILES) {
    assert.equal(readFileSync(join(directory, name), 'utf8'), text);
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o644);
  }
});

test('a file that differs is kept, and nothing is written', (t) => {
  const directory = scratch(t);
  const path = join(directory, 'shop.socket');
  writeFileSync(path, 'mine');
  assert.throws(() => install(directory), {
    name: 'StartError',
    message: `${path} is there and differs; nothing was written`,
  });
  assert.deepEqual(readdirSync(directory), ['shop.socket']);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('what cannot be read in the place of a file is reported in one line', (t) => {
  const directory = scratch(t);
  mkdirSync(join(directory, 'shop.service'));
  assert.throws(() => install(directory), /^StartError: cannot read .*\/shop\.service: EISDIR/);
});

test('a failure to write is reported in one line, and a user without permission is told what to do', (t) => {
  const directory = scratch(t);
  const missing = join(directory, 'missing');
  assert.throws(() => install(missing), /^StartError: cannot write .*\/shop\.service: ENOENT/);
  chmodSync(directory, 0o555);
  // Root may write everywhere.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    assert.throws(
      () => install(directory),
      (error) => error instanceof StartError && error.hint === 'sudo it',
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  assert.deepEqual(readdirSync(directory), []);
});
