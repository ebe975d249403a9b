// Where the sockets of the workers are, and that nothing of anybody else goes with them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeNotifyDirectory } from '../../src/systemd/notify-directory.js';
import { scratch } from '../helpers/supervisor.js';

const uid = process.getuid?.() ?? 0;
const SOCKET = 'nAAAAAAAAAAAAAAAA';

/** A directory for temporary files of its own. */
function temporary(t: TestContext): string {
  const before = process.env.TMPDIR;
  const directory = scratch(t);
  process.env.TMPDIR = directory;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  return directory;
}

/** As a killed master leaves it: a socket that nobody has any more. */
function leave(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const bind = `import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("${directory}/${SOCKET}")`;
  assert.equal(spawnSync('python3', ['-c', bind]).status, 0);
}

test('beside the control socket, for its user alone', (t) => {
  const control = join(scratch(t), 'app.sock');
  const directory = makeNotifyDirectory(control, uid);
  assert.equal(directory.path, `${control}.notify`);
  assert.equal(statSync(directory.path).mode & 0o777, 0o700);
  directory.remove();
  assert.equal(existsSync(directory.path), false);
});

test("what a killed master left is removed, what is somebody else's is not", (t) => {
  const control = join(scratch(t), 'app.sock');
  leave(`${control}.notify`);
  writeFileSync(`${control}.notify/precious`, 'text');
  const directory = makeNotifyDirectory(control, uid);
  assert.deepEqual(readdirSync(directory.path), ['precious']);
  directory.remove();
  assert.deepEqual(readdirSync(directory.path), ['precious']);
});

test('without a control socket, or with a long path: among temporary files, by pid', (t) => {
  const base = join(temporary(t), `graceful-run-${uid}`);
  for (const control of [null, `/${'x'.repeat(80)}.sock`]) {
    const { path, remove } = makeNotifyDirectory(control, uid);
    assert.equal(path, join(base, `notify-${process.pid}`));
    assert.equal(statSync(base).mode & 0o777, 0o700);
    remove();
  }
  const dead = spawnSync('true').pid;
  leave(join(base, `notify-${dead}`));
  mkdirSync(join(base, 'notify-1'));
  makeNotifyDirectory(null, uid).remove();
  assert.deepEqual(readdirSync(base), ['notify-1']);
});

test('a place that somebody else could have prepared is refused, and one that cannot be made', (t) => {
  const base = join(temporary(t), `graceful-run-${uid}`);
  symlinkSync(scratch(t), base);
  assert.throws(() => makeNotifyDirectory(null, uid), /must be a directory of this user/);
  process.env.TMPDIR = '/nonexistent/tmp';
  assert.throws(() => makeNotifyDirectory(null, uid + 1), /ENOENT|must be/);
});
