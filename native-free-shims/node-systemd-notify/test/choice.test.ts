// Which way is taken, and what happens where there is none.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createNotifier } from '../src/index.js';
import { noFfi, noTool } from './helpers/node-features.js';
import { fixture, receive, run, scratch } from './helpers/receiver.js';

const inside = noFfi ? 'tool' : 'ffi';

test('a descriptor first, then node:ffi, then the tool', { skip: noTool }, async (t) => {
  const { path } = await receive(t);
  const script = `console.log(lib.transport(), await lib.ready());`;
  const env = { NOTIFY_SOCKET: path };
  const withFd = { env, before: ['python3', fixture('open-file.py'), path] };
  assert.equal((await run(script, withFd)).stdout, 'fd true\n');
  assert.equal((await run(script, { env })).stdout, `${inside} true\n`);
  const vsock = await run(`console.log(lib.transport());`, {
    env: { NOTIFY_SOCKET: 'vsock:2:1234' },
  });
  assert.equal(vsock.stdout, 'tool\n');
});

test('a Node without ffi, or with one that is another, takes the next way', {
  skip: noFfi || noTool,
}, async (t) => {
  const { path } = await receive(t);
  const env = { NOTIFY_SOCKET: path };
  const script = `console.log(lib.transport(), await lib.ready());`;
  const off = await run(script, { env, flags: ['--no-experimental-ffi'] });
  assert.deepEqual([off.stdout, off.stderr], ['tool true\n', '']);
  for (const odd of [
    '{}',
    '{ dlopen: null }',
    '{ dlopen: () => ({}) }',
    '{ dlopen: () => { throw new Error("changed"); } }',
    '{ dlopen: () => ({ functions: { getpid: () => 1, socket: () => 1, bind: () => 1, sendmsg: () => 1, __errno_location: () => 1 } }) }',
  ]) {
    const changed = await run(
      `const real = process.getBuiltinModule;
      process.getBuiltinModule = (name) => name === 'node:ffi' ? ${odd} : real(name);
      ${script}`,
      { env },
    );
    assert.deepEqual([changed.stdout, changed.stderr], ['tool true\n', ''], odd);
  }
});

test('without a service manager nothing happens, and nothing fails', async () => {
  const failures: Error[] = [];
  const env = { PATH: process.env.PATH };
  const notifier = createNotifier({ env, onFailure: (error) => failures.push(error) });
  assert.equal(notifier.transport, 'none');
  const all = await Promise.all([
    notifier.ready(),
    notifier.notify({}),
    notifier.status('x'),
    notifier.reloading(),
    notifier.removeFd('x'),
    notifier.flush(),
  ]);
  assert.deepEqual(all, [false, false, false, false, false, undefined]);
  assert.deepEqual(failures, []);
  assert.equal(await notifier.storeFd(0, 'x'), false);
});

test('a service manager that cannot be reached by any way is told of', async () => {
  const failures: string[] = [];
  const env = { NOTIFY_SOCKET: '/run/systemd/notify' };
  const onFailure = ({ message }: Error) => void failures.push(message);
  const notifier = createNotifier({ env, transports: ['fd'], onFailure });
  assert.equal(notifier.transport, 'none');
  assert.equal(await notifier.ready(), false);
  assert.deepEqual(failures, ['cannot notify: no way to speak to /run/systemd/notify']);
});

test('times that are none are refused', async (t) => {
  const env = { ...process.env, NOTIFY_SOCKET: join(scratch(t), 'none') };
  const failures: string[] = [];
  const notifier = createNotifier({ env, onFailure: ({ message }) => failures.push(message) });
  for (const ms of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    assert.equal(await notifier.extendTimeout(ms), false);
  }
  assert.equal(failures.filter((one) => /is no time in milliseconds/.test(one)).length, 3);
});

test('listeners of the process see failures until they leave', async () => {
  const told = await run(
    `const leave = lib.onFailure((error) => console.log(error.message.slice(0, 13)));
    console.log(await lib.ready());
    leave();
    console.log(await lib.ready());`,
    { env: { NOTIFY_SOCKET: '/nonexistent/socket' } },
  );
  assert.equal(told.stdout, 'cannot notify\nfalse\nfalse\n');
  assert.equal(told.stderr, '');
});

test('whether there is a store is told as far as the environment tells', {
  skip: noFfi,
}, async (t) => {
  const receiver = await receive(t);
  const script = `lib.onFailure(({ message }) => console.log(message));
    console.log(lib.transport(), await lib.storeFd(0, 'x'));`;
  const env = { NOTIFY_SOCKET: receiver.path };
  const answer = async (more: NodeJS.ProcessEnv, before: readonly string[] = []) =>
    (await run(script, { env: { ...env, ...more }, before })).stdout;
  const none = 'cannot store x: the unit has no FileDescriptorStoreMax=\n';
  const before = ['python3', fixture('open-file.py'), receiver.path];
  assert.equal(await answer({}, before), `${none}fd false\n`);
  assert.equal(await answer({ FDSTORE: '0' }, before), `${none}fd false\n`);
  assert.equal(await answer({ MEMORY_PRESSURE_WATCH: '/x' }), `${none}ffi false\n`);
  assert.equal(await answer({ FDSTORE: '1', MEMORY_PRESSURE_WATCH: '/x' }), 'ffi true\n');
  // systemd before 254 says nothing.
  assert.equal(await answer({}), 'ffi true\n');
});
