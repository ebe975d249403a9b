// Workers in several languages that use sd_notify(3), over the real protocol.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { addressOf, get } from '../helpers/client.js';
import { eventually } from '../helpers/eventually.js';
import { fixture, node } from '../helpers/paths.js';
import { knock } from '../helpers/polling-client.js';
import { type Supervisor, scratch, startSupervisor } from '../helpers/supervisor.js';
import { served } from '../helpers/wait-generation.js';

const LISTEN = ['--listen', '127.0.0.1:0'];
const NOTIFY = [...LISTEN, '--ready', 'notify', '--'];
const PYTHON = ['python3', fixture('notifies.py')];

const lacks = (program: string) =>
  spawnSync(program, ['--version']).error === undefined ? false : `${program} is not installed`;

async function reloads(master: Supervisor, text: string): Promise<void> {
  const address = addressOf(await served(master));
  const { status, stderr } = await master.client('reload');
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  const { workers } = await master.settled(2);
  assert.equal(await get(address), text.replace('PID', String(workers[0]?.pid)));
}

async function says(master: Supervisor, text: string): Promise<void> {
  await eventually(
    `the status is '${text}'`,
    () => master.status(),
    ({ workers }) => workers.every((one) => one.status === text),
  );
}

describe('READY=1 makes a worker ready', { concurrency: 2 }, () => {
  test('from python, also with --ready auto', { skip: lacks('python3') }, async (t) => {
    const master = startSupervisor(t, [...LISTEN, '--', ...PYTHON, 'READY=1', 'STATUS=at work']);
    await reloads(master, 'PID 2');
    await says(master, 'at work');
    const { stdout } = await master.client('status');
    assert.match(stdout, /CONNECTIONS +STATUS\n.* at work$/m);
  });

  test('from a shell script, by systemd-notify with its barrier', {
    skip: lacks('systemd-notify'),
  }, async (t) => {
    const master = startSupervisor(t, ['--ready', 'notify', '--', 'sh', fixture('notifies.sh')]);
    await says(master, 'shell at work');
    assert.equal((await master.client('reload')).status, 0);
    await master.settled(2);
    await says(master, 'shell at work');
  });

  test('from gunicorn, whose clients do not notice its reload', {
    skip: lacks('gunicorn'),
  }, async (t) => {
    const app = `import os
def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [os.environ['GRACEFUL_RUN_GENERATION'].encode()]
`;
    const command = ['gunicorn', '--workers', '1', 'wsgi:app'];
    const cwd = scratch(t);
    writeFileSync(join(cwd, 'wsgi.py'), app);
    const master = startSupervisor(t, [...NOTIFY, ...command], { cwd });
    const visitor = knock(addressOf(await served(master)));
    await reloads(master, '2');
    await visitor.stop();
    assert.deepEqual(visitor.failures, []);
  });
});

describe('messages of a worker besides READY=1', { concurrency: 2, skip: lacks('python3') }, () => {
  test('a worker that sends nothing is not ready, and the reason names READY=1', async (t) => {
    const master = startSupervisor(t, ['--start-timeout', '2s', ...NOTIFY, ...PYTHON]);
    assert.equal((await master.exited()).status, 1);
    const { reason = '' } = await master.logged('rolledBack');
    assert.match(reason, /within 2s: it never sent READY=1 to \$NOTIFY_SOCKET$/);
  });

  test('EXTEND_TIMEOUT_USEC gives a worker more time to start', async (t) => {
    const go = join(scratch(t), 'go');
    const asks = [...PYTHON, 'EXTEND_TIMEOUT_USEC=3600000000', 'until', go];
    const master = startSupervisor(t, [...NOTIFY, ...asks]);
    const { msg } = await master.logged('startTimeExtended');
    assert.match(msg, /asks for 3600s more to start$/);
    writeFileSync(go, '');
    const { workers } = await served(master);
    assert.equal(workers[0]?.state, 'ready');
  });

  test('a worker that sends STOPPING=1 is replaced, and that is not a crash', async (t) => {
    const master = startSupervisor(t, [...NOTIFY, ...PYTHON, 'READY=1']);
    const before = await served(master);
    const [first] = before.workers;
    await get(addressOf(before), '/stop');
    await master.logged('replacing');
    const after = await eventually(
      'another worker serves',
      () => master.status(),
      ({ workers }) =>
        workers.length === 1 && workers[0]?.pid !== first?.pid && workers[0]?.state === 'ready',
    );
    assert.equal(after.generation, 1);
    assert.match(await get(addressOf(after)), / 1$/);
    assert.deepEqual(
      master.log().filter((line) => line.event === 'workerCrashed'),
      [],
    );
  });

  test('a worker that stops sending WATCHDOG=1 is replaced', async (t) => {
    const args = ['--watchdog', '1s', ...NOTIFY, ...PYTHON, 'READY=1', 'feed'];
    await replacedAfterHang(startSupervisor(t, args));
  });
});

/** The fixture stops feeding after `/hang`. */
async function replacedAfterHang(master: Supervisor): Promise<void> {
  const before = await served(master);
  const [first] = before.workers;
  // It may never be answered.
  await get(addressOf(before), '/hang').catch(() => {});
  const { msg } = await master.logged('workerCrashed');
  assert.match(msg, /gave no sign of life for 1s$/);
  const after = await eventually(
    'another worker serves',
    () => master.status(),
    ({ workers }) => workers.length === 1 && workers[0]?.state === 'ready',
  );
  assert.notEqual(after.workers[0]?.pid, first?.pid);
  assert.match(await get(addressOf(after)), /./);
}

test('an unmodified Node app whose loop hangs is replaced by the watchdog', async (t: TestContext) => {
  const app = fixture('hangs-on-request.mjs');
  const master = startSupervisor(t, ['--watchdog', '1s', '--', node, app]);
  await replacedAfterHang(master);
});
