// The descriptors of a worker, and the variables that announce them; all other variables are the matter of test/workers.
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { fixture } from '../../helpers/paths.js';
import { openListener } from '../../helpers/sockets/listener.js';
import { descriptorsOf, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

test('a worker has its channels, its sockets announced in three ways, and no other descriptor of the master', async (t) => {
  const cwd = scratch(t);
  const listener = await openListener(t, { host: '127.0.0.1' });
  const file = openSync('/dev/zero', 'r');
  t.after(() => closeSync(file));
  const inherit = [
    { fd: file, name: 'zero' },
    { fd: listener.fd, name: 'web' },
  ];
  // As text: a script that is read from a file would be one descriptor more.
  const script = readFileSync(fixture('tells-itself.sh'), 'utf8');
  const command = ['-l', 'unix:admin.sock', '--ready', 'fd', '--', '/bin/sh', '-c', script];
  const master = startSupervisor(t, command, { cwd, inherit });
  const pid = (await served(master)).workers[0]?.pid ?? 0;
  const announced = {
    LISTEN_PID: String(pid),
    LISTEN_FDS: '2',
    LISTEN_FDNAMES: 'web:socket-1',
    SERVER_STARTER_PORT: `127.0.0.1:${listener.port}=3;${cwd}/admin.sock=4`,
    EINHORN_FD_COUNT: '2',
    READY_FD: '5',
    NODE_CHANNEL_FD: '6',
  };
  const env = readEnvironment(cwd, 1);
  for (const [name, value] of Object.entries(announced)) assert.equal(env[name], value, name);
  const { msg } = await master.logged(({ level }) => level === 40);
  assert.equal(msg, 'not passing on descriptor 3 (zero): it is not a listening socket');

  await eventually(
    'the shell, which has more descriptors, has become `sleep`',
    () => readFileSync(`/proc/${pid}/comm`, 'utf8'),
    (name) => name === 'sleep\n',
  );
  // Up to 15 Node passes on nothing that it inherited; those above come from the parent of the test runner.
  const numbers = descriptorsOf(pid).filter((fd) => Number(fd) <= 15);
  assert.deepEqual(numbers.sort(), ['0', '1', '2', '3', '4', '5', '6']);
  const target = (fd: number) => readlinkSync(`/proc/${pid}/fd/${fd}`);
  assert.equal(target(0), '/dev/null');
  for (const fd of [3, 4]) assert.match(target(fd), /^socket:/);

  assert.equal((await master.client('reload')).status, 0);
  const second = readEnvironment(cwd, 2);
  assert.equal(second.GRACEFUL_RUN_GENERATION, '2');
  assert.notEqual(second.LISTEN_PID, env.LISTEN_PID);
});

function readEnvironment(cwd: string, generation: number): Record<string, string> {
  const pairs = readFileSync(join(cwd, `environment-${generation}`), 'utf8')
    .split('\0')
    .filter(Boolean)
    .map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return Object.fromEntries(pairs);
}
