// Where the control socket is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlPaths, serviceControlPaths } from '../../src/control/socket-path.js';

test('the paths of the control socket are in order of preference', () => {
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
    // A unit may name several directories.
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

test('the paths of a service are in the RuntimeDirectory= of its unit', () => {
  assert.deepEqual(serviceControlPaths('app'), [
    '/run/app/graceful-run/app.sock',
    '/run/app/service/graceful-run/app.sock',
  ]);
});
