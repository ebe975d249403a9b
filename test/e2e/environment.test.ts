// What a worker finds around it: variables, descriptors, working directory; and what it must not find.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixture } from '../helpers/paths.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';

const worker = ['--ready', 'fd', '--', 'sh', fixture('shows-its-life.sh')];

/** Lines `name=value` that the worker of a generation wrote down, and its descriptors. */
function lifeOf(output: string, generation: number) {
  const lines = readFileSync(`${output}.${generation}`, 'utf8').trim().split('\n');
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  const fds = pairs.filter(([name]) => name === 'fd').map(([, value]) => Number(value));
  return {
    env: Object.fromEntries(pairs) as Record<string, string>,
    fds: fds.sort((a, b) => a - b),
  };
}

test('sockets are announced in the words of systemd and of other supervisors', async (t) => {
  const output = join(scratch(t), 'life');
  const listen = ['--listen', 'web=127.0.0.1:0', '--listen', 'admin=[::1]:0'];
  const master = startSupervisor(t, [...listen, ...worker], { env: { OUTPUT: output } });
  await master.logged('rolledOut');
  const { sockets } = await master.status();
  const [web, admin] = sockets.map((socket) => socket.address);
  const { env } = lifeOf(output, 1);
  assert.equal(env.LISTEN_FDS, '2');
  assert.equal(env.LISTEN_PID, env.pid, 'its own pid');
  assert.equal(env.LISTEN_FDNAMES, 'web:admin');
  assert.equal(env.SERVER_STARTER_PORT, `${web}=3;${admin}=4`);
  assert.equal(env.SERVER_STARTER_GENERATION, '1');
  assert.deepEqual([env.EINHORN_FD_COUNT, env.EINHORN_FD_0, env.EINHORN_FD_1], ['2', '3', '4']);
  assert.deepEqual([env.GRACEFUL_RUN_GENERATION, env.GRACEFUL_RUN_WORKER], ['1', '1']);
});

test('what the service manager said to the master alone is removed, and the rest is kept', async (t) => {
  const output = join(scratch(t), 'life');
  const masters = {
    NOTIFY_SOCKET: '/nowhere/notify',
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: '1',
    LISTEN_PIDFDID: '4711',
    FDSTORE: '5',
    MANAGERPID: '1',
  };
  const env = { ...masters, OUTPUT: output, KEPT: 'as it was', NODE_ENV: 'production' };
  const master = startSupervisor(t, worker, { env });
  await master.logged('rolledOut');
  const seen = lifeOf(output, 1).env;
  for (const name of [...Object.keys(masters), 'LISTEN_FDS', 'LISTEN_FDNAMES']) {
    assert.equal(seen[name], undefined, name);
  }
  assert.deepEqual([seen.KEPT, seen.NODE_ENV], ['as it was', 'production']);
});

test('no descriptor leaks into a worker, in no generation', async (t) => {
  const output = join(scratch(t), 'life');
  const args = ['--listen', '127.0.0.1:0', ...worker];
  const master = startSupervisor(t, args, { env: { OUTPUT: output } });
  await master.logged('rolledOut');
  assert.equal((await master.client('reload')).status, 0);
  assert.equal((await master.client('reload')).status, 0);
  for (const generation of [1, 3]) {
    const { fds, env } = lifeOf(output, generation);
    // Output, the socket, the ready pipe, the channel.
    const known = [0, 1, 2, 3, Number(env.READY_FD), Number(env.NODE_CHANNEL_FD)];
    assert.deepEqual(known, [0, 1, 2, 3, 4, 5]);
    // Next comes the directory that the shell lists, from 10 on its script and saved output.
    assert.deepEqual(
      fds.filter((fd) => fd < 10),
      [...known, 6],
    );
  }
});

for (const how of ['from within, by PWD', 'with --cwd'] as const) {
  test(`a moved link is followed, also when the old release is gone (${how})`, async (t) => {
    const directory = scratch(t);
    const output = join(directory, 'life');
    const current = join(directory, 'current');
    for (const release of ['one', 'two']) mkdirSync(join(directory, release));
    symlinkSync('one', current);
    const inside = how === 'from within, by PWD';
    const master = startSupervisor(t, [...(inside ? [] : ['--cwd', 'current']), ...worker], {
      cwd: inside ? current : directory,
      env: { OUTPUT: output, GRACEFUL_RUN_NAME: 'releases' },
    });
    await master.logged('rolledOut');
    assert.equal(lifeOf(output, 1).env.cwd, realpathSync(join(directory, 'one')));

    symlinkSync('two', join(directory, 'next'));
    renameSync(join(directory, 'next'), current);
    rmSync(join(directory, 'one'), { recursive: true });
    const { status, stderr } = await master.client('reload');
    assert.equal(status, 0, stderr);
    const { env } = lifeOf(output, 2);
    assert.equal(env.cwd, realpathSync(join(directory, 'two')));
    assert.equal(env.PWD, current);
  });
}
