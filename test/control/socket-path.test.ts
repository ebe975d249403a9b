// Where the control socket is, and which directories are safe for it.
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  controlPaths,
  makePrivateDirectory,
  serviceControlPaths,
} from '../../src/control/socket-path.js';
import { StartError } from '../../src/errors.js';
import { scratch } from '../helpers/supervisor.js';

test('places in order of preference', () => {
  const user = '/run/user/7/graceful-run/app.sock';
  const own = '/tmp/graceful-run-7/app.sock';
  const rows: [env: NodeJS.ProcessEnv, uid: number, paths: string[]][] = [
    [{}, 7, [own]],
    [{ XDG_RUNTIME_DIR: '/run/user/7' }, 7, [user, own]],
    [
      { RUNTIME_DIRECTORY: '/run/web', XDG_RUNTIME_DIR: '/run/user/7' },
      7,
      ['/run/web/graceful-run/app.sock', user, own],
    ],
    // A unit may name several.
    [{ RUNTIME_DIRECTORY: '/run/web:/run/b' }, 7, ['/run/web/graceful-run/app.sock', own]],
    [{ RUNTIME_DIRECTORY: '', XDG_RUNTIME_DIR: '' }, 7, [own]],
    [{}, 0, ['/run/graceful-run/app.sock', '/tmp/graceful-run-0/app.sock']],
    [
      { XDG_RUNTIME_DIR: '/run' },
      0,
      ['/run/graceful-run/app.sock', '/tmp/graceful-run-0/app.sock'],
    ],
  ];
  for (const [env, uid, paths] of rows) assert.deepEqual(controlPaths('app', env, uid), paths);
});

test('where a service has it', () => {
  assert.deepEqual(serviceControlPaths('app'), [
    '/run/app/graceful-run/app.sock',
    '/run/app/service/graceful-run/app.sock',
  ]);
});

const uid = process.getuid?.() ?? 0;

test('a directory is made for this user alone, and one that is private already is used', async (t) => {
  const directory = join(scratch(t), 'a/b');
  for (const mode of [0o700, 0o755, 0o500]) {
    await makePrivateDirectory(directory, uid);
    if (mode === 0o700) assert.equal(lstatSync(directory).mode & 0o777, mode);
    chmodSync(directory, mode);
    await makePrivateDirectory(directory, uid);
  }
});

test('a directory that somebody else could have prepared is refused', async (t) => {
  const root = scratch(t);
  const make = (name: string, mode: number) => {
    mkdirSync(join(root, name));
    chmodSync(join(root, name), mode);
    return join(root, name);
  };
  const directory = make('private', 0o700);
  symlinkSync('private', join(root, 'link'));
  const rows: [directory: string, uid: number][] = [
    [make('group', 0o770), uid],
    [make('world', 0o777), uid],
    [make('sticky', 0o1777), uid],
    [join(root, 'link'), uid],
    [directory, uid + 1],
  ];
  for (const [path, user] of rows) {
    assert.throws(
      () => makePrivateDirectory(path, user),
      (error: Error & { hint?: string }) => {
        assert.ok(error instanceof StartError, String(error));
        assert.match(error.message, /^the control socket cannot be in \S+: /);
        return error.hint?.includes('--control none') ?? false;
      },
    );
  }
  writeFileSync(join(root, 'file'), '');
  assert.throws(() => makePrivateDirectory(join(root, 'file'), uid), { code: 'EEXIST' });
});
