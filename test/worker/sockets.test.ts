// The sockets that `sockets()` finds in the environment, by a table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PassedSocket, sockets } from '../../src/worker/sockets.js';

const me = String(process.pid);
const NAMES = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES'];

test('sockets() lists the passed sockets if LISTEN_PID is this process', (t) => {
  const before = { ...process.env };
  const clear = () => {
    for (const name of NAMES) delete process.env[name];
  };
  t.after(() => {
    clear();
    Object.assign(process.env, before);
  });
  const rows: [env: NodeJS.ProcessEnv, found: PassedSocket[]][] = [
    [{}, []],
    [{ LISTEN_PID: me }, []],
    [{ LISTEN_FDS: '1' }, []],
    [{ LISTEN_PID: '1', LISTEN_FDS: '1' }, []],
    [{ LISTEN_PID: me, LISTEN_FDS: '0' }, []],
    [{ LISTEN_PID: me, LISTEN_FDS: '-1' }, []],
    [{ LISTEN_PID: me, LISTEN_FDS: 'x' }, []],
    [{ LISTEN_PID: me, LISTEN_FDS: '1.5' }, []],
    [{ LISTEN_PID: me, LISTEN_FDS: '1' }, [{ fd: 3, name: 'unknown' }]],
    [
      { LISTEN_PID: me, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web:admin' },
      [
        { fd: 3, name: 'web' },
        { fd: 4, name: 'admin' },
      ],
    ],
    [
      { LISTEN_PID: me, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web' },
      [
        { fd: 3, name: 'web' },
        { fd: 4, name: 'unknown' },
      ],
    ],
  ];
  for (const [env, found] of rows) {
    clear();
    Object.assign(process.env, env);
    assert.deepEqual(sockets(), found, JSON.stringify(env));
  }
});
