// The descriptors of a worker, and the variables that announce them; all other variables are the matter of test/workers.
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { fixture } from '../../helpers/paths.js';
import { openListener } from '../../helpers/sockets/listener.js';
import {
  descriptorsOf,
  type Supervisor,
  type SupervisorOptions,
  scratch,
  startSupervisor,
} from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

interface SelfReport {
  readonly master: Supervisor;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  /** The target of each descriptor, by number. */
  readonly descriptors: Readonly<Record<string, string>>;
}

/** The report of a shell that is started as a worker in a new directory. */
async function look(
  t: TestContext,
  args: readonly string[],
  options: SupervisorOptions = {},
): Promise<SelfReport> {
  const cwd = options.cwd ?? scratch(t);
  // As text: a script that is read from a file would be one descriptor more.
  const script = readFileSync(fixture('tells-itself.sh'), 'utf8');
  const command = ['--ready', 'fd', ...args, '--', '/bin/sh', '-c', script];
  const master = startSupervisor(t, command, { ...options, cwd });
  const { workers } = await served(master);
  const pid = workers[0]?.pid ?? 0;
  return { master, pid, env: readEnvironment(cwd, 1), descriptors: await readDescriptors(pid) };
}

function readEnvironment(cwd: string, generation: number): SelfReport['env'] {
  const pairs = readFileSync(join(cwd, `environment-${generation}`), 'utf8')
    .split('\0')
    .filter(Boolean)
    .map((pair) => pair.split(/=(.*)/s).slice(0, 2));
  return Object.fromEntries(pairs);
}

/** Of a shell that has become `sleep`: before that it has more descriptors. */
async function readDescriptors(pid: number): Promise<SelfReport['descriptors']> {
  await eventually(
    'the shell has done its work',
    () => readFileSync(`/proc/${pid}/comm`, 'utf8'),
    (name) => name === 'sleep\n',
  );
  // Up to 15 Node passes on nothing that it inherited; those above come from the parent of the test runner.
  const numbers = descriptorsOf(pid).filter((fd) => Number(fd) <= 15);
  return Object.fromEntries(numbers.map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)]));
}

test('a worker has its own descriptors and no others, and its given sockets are announced', async (t) => {
  const cwd = scratch(t);
  const args = ['-l', 'web=127.0.0.1:0', '-l', 'unix:admin.sock'];
  const { master, pid, env, descriptors } = await look(t, args, { cwd });
  const [web] = (await master.status()).sockets;
  const announced = {
    LISTEN_PID: String(pid),
    LISTEN_FDS: '2',
    LISTEN_FDNAMES: 'web:socket-2',
    SERVER_STARTER_PORT: `${web?.address}=3;${cwd}/admin.sock=4`,
    EINHORN_FD_COUNT: '2',
    READY_FD: '5',
    NODE_CHANNEL_FD: '6',
  };
  for (const [name, value] of Object.entries(announced)) assert.equal(env[name], value, name);
  assert.deepEqual(Object.keys(descriptors).sort(), ['0', '1', '2', '3', '4', '5', '6']);
  assert.equal(descriptors[0], '/dev/null');
  for (const fd of [3, 4]) assert.match(descriptors[fd] ?? '', /^socket:/);

  assert.equal((await master.client('reload')).status, 0);
  const second = readEnvironment(cwd, 2);
  assert.equal(second.GRACEFUL_RUN_GENERATION, '2');
  assert.notEqual(second.LISTEN_PID, env.LISTEN_PID);
});

test('of the descriptors that the master inherits, only listening sockets are passed on', async (t) => {
  const [one, two] = [
    await openListener(t, { host: '127.0.0.1' }),
    await openListener(t, { host: '::1' }),
  ];
  const file = openSync('/dev/zero', 'r');
  t.after(() => closeSync(file));
  const inherit = [
    { fd: one.fd, name: 'web' },
    { fd: file, name: 'zero' },
    { fd: two.fd, name: 'six' },
  ];
  const { env, descriptors, master } = await look(t, [], { inherit });
  assert.deepEqual(Object.keys(descriptors).sort(), ['0', '1', '2', '3', '4', '5', '6']);
  assert.ok(!Object.values(descriptors).includes('/dev/zero'));
  assert.deepEqual([env.LISTEN_FDS, env.LISTEN_FDNAMES], ['2', 'web:six']);
  assert.equal(env.SERVER_STARTER_PORT, `127.0.0.1:${one.port}=3;[::1]:${two.port}=4`);
  const { msg } = await master.logged(({ level }) => level === 40);
  assert.equal(msg, 'not passing on descriptor 4 (zero): it is not a listening socket');
});
