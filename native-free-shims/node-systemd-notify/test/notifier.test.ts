// Which transport the notifier chooses, and what happens without one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNotifier } from '../src/index.js';
import { noTool } from './helpers/node-features.js';
import { fixture, receive, run } from './helpers/receiver.js';

test('a passed descriptor is preferred to systemd-notify, on every Node', {
  skip: noTool,
}, async (t) => {
  const { path } = await receive(t);
  const script = `const notifier = lib.createNotifier();
    console.log(notifier.transport, await notifier.ready());`;
  const env = { NOTIFY_SOCKET: path };
  const withFd = { env, before: ['python3', fixture('open-file.py'), path] };
  assert.equal((await run(script, withFd)).stdout, 'fd true\n');
  const withoutFd = await run(script, { env });
  assert.deepEqual([withoutFd.stdout, withoutFd.stderr], ['tool true\n', '']);
});

test('without a service manager calls have no effect and do not fail', async () => {
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

test('a service manager that no transport can reach is reported', async () => {
  const failures: string[] = [];
  const env = { NOTIFY_SOCKET: '/run/systemd/notify' };
  const onFailure = ({ message }: Error) => void failures.push(message);
  const notifier = createNotifier({ env, transports: ['fd'], onFailure });
  assert.equal(notifier.transport, 'none');
  assert.equal(await notifier.ready(), false);
  assert.deepEqual(failures, ['cannot notify: no means to reach /run/systemd/notify']);
});

test('a descriptor is stored only where $FDSTORE says that the unit has a store', async (t) => {
  const receiver = await receive(t);
  const script = `const onFailure = ({ message }) => console.log(message);
    console.log(await lib.createNotifier({ onFailure }).storeFd(0, 'x'));`;
  const before = ['python3', fixture('open-file.py'), receiver.path];
  const answer = async (env: NodeJS.ProcessEnv) => (await run(script, { env, before })).stdout;
  const none = 'cannot store x: the unit has no FileDescriptorStoreMax=\nfalse\n';
  assert.equal(await answer({}), none);
  assert.equal(await answer({ FDSTORE: '0' }), none);
  assert.equal(await answer({ FDSTORE: '1' }), 'true\n');
});
