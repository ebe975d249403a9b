// Which setpriv is used.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parentDeathSignal } from '../../src/workers/parent-death-signal.js';
import { scratch } from '../helpers/supervisor.js';

test('that of util-linux, wherever PATH finds it', () => {
  const { stdout, status } = spawnSync('sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' });
  const expected = status === 0 ? [stdout.trim(), '--pdeathsig', 'KILL'] : [];
  assert.deepEqual(parentDeathSignal(process.env), expected);
  const [file = ''] = parentDeathSignal({});
  assert.match(file, status === 0 ? /^\/(usr\/)?bin\/setpriv$/ : /^$/);
});

test('no other program of that name, and none that cannot be read', (t) => {
  for (const text of ['\x7fELF: busybox', '']) {
    const directory = scratch(t);
    const file = join(directory, 'setpriv');
    writeFileSync(file, text, 'latin1');
    chmodSync(file, 0o755);
    assert.deepEqual(parentDeathSignal({ PATH: directory }), []);
  }
  assert.deepEqual(parentDeathSignal({ PATH: '/nowhere' }), []);
});
