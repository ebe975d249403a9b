// What is reported of LISTEN_FDS. Which descriptors are taken is shown by the tests of listenFds(), and with a real master in
// e2e/every-node/worker-environment.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inherit } from '../../src/sockets/inherited-sockets.js';

test('variables of another process, or that contradict each other, are reported and ignored', () => {
  const { pid } = process;
  const me = String(pid);
  const rows: [NodeJS.ProcessEnv, string[]][] = [
    [{ LISTEN_FDNAMES: 'web' }, []],
    [{ LISTEN_FDS: '1' }, [`ignoring LISTEN_FDS: it is meant for pid (none), not for ${pid}`]],
    [
      { LISTEN_PID: '1', LISTEN_FDS: '1' },
      [`ignoring LISTEN_FDS: it is meant for pid 1, not for ${pid}`],
    ],
    [
      { LISTEN_PID: me, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web' },
      ['ignoring what was passed: LISTEN_FDS=2, but there are 1 names in LISTEN_FDNAMES'],
    ],
  ];
  for (const [env, remarks] of rows) {
    const told: string[] = [];
    assert.deepEqual(
      inherit(env, pid, (text) => told.push(text)),
      [],
    );
    assert.deepEqual(told, remarks);
  }
});
