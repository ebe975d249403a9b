// Installation: whole files or none, and no file of another origin is lost.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartError } from '../../src/errors.js';
import { installUnits } from '../../src/systemd-unit/install.js';
import { scratch } from '../helpers/supervisor.js';

const FILES = [
  { name: 'shop.socket', text: '[Socket]\n' },
  { name: 'shop.service', text: '[Service]\n' },
];
const asRoot = 'sudo it';

test('files are written with mode 0644, and unchanged files are reported as such', async (t) => {
  const directory = scratch(t);
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const install = () => installUnits(FILES, { directory, force: false, asRoot });
  const paths = FILES.map(({ name }) => join(directory, name));
  assert.deepEqual(
    await install(),
    paths.map((path) => ({ path, changed: true })),
  );
  for (const { name, text } of FILES) {
    const path = join(directory, name);
    assert.equal(readFileSync(path, 'utf8'), text);
    assert.equal(statSync(path).mode & 0o777, 0o644);
  }
  assert.deepEqual(
    await install(),
    paths.map((path) => ({ path, changed: false })),
  );
  assert.deepEqual(readdirSync(directory).sort(), ['shop.service', 'shop.socket']);
});

test('a file that differs is kept, and nothing is written, without --force', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'shop.service');
  writeFileSync(path, 'mine');
  await assert.rejects(installUnits(FILES, { directory, force: false, asRoot }), (error) => {
    assert.ok(error instanceof StartError);
    assert.equal(error.message, `${path} is there and differs; nothing was written`);
    assert.match(error.hint ?? '', /--force/);
    return true;
  });
  assert.deepEqual(readdirSync(directory), ['shop.service']);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  await installUnits(FILES, { directory, force: true, asRoot });
  assert.equal(readFileSync(path, 'utf8'), '[Service]\n');
});

test('a failure to write is reported in one line and leaves no file behind', async (t) => {
  const directory = scratch(t);
  await assert.rejects(
    installUnits(FILES, { directory: join(directory, 'missing'), force: false, asRoot }),
    /^StartError: cannot write .*\/missing\/shop\.socket: ENOENT/,
  );
  mkdirSync(join(directory, 'shop.service'));
  await assert.rejects(
    installUnits(FILES, { directory, force: true, asRoot }),
    /^StartError: cannot read .*\/shop\.service: EISDIR/,
  );
  assert.deepEqual(readdirSync(directory), ['shop.service']);
});

test('a user without permission is told the command for root', async (t) => {
  const directory = scratch(t);
  chmodSync(directory, 0o555);
  // Root may write everywhere.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await assert.rejects(
      installUnits(FILES, { directory, force: false, asRoot }),
      (error) => error instanceof StartError && error.hint === asRoot,
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test('a unit of a package is hidden only with --force', async (t) => {
  const [directory, packaged] = [scratch(t), scratch(t)];
  writeFileSync(join(packaged, 'shop.service'), '');
  const install = (force: boolean) =>
    installUnits(FILES, { directory, force, asRoot, hidden: [directory, packaged] });
  await assert.rejects(install(false), (error) => {
    assert.ok(error instanceof StartError);
    assert.equal(
      error.message,
      `${join(packaged, 'shop.service')} has that name already; nothing was written`,
    );
    return error.hint?.includes('--name') ?? false;
  });
  assert.deepEqual(readdirSync(directory), []);
  assert.equal((await install(true)).length, 2);
});
