// Readiness is proven, never assumed: whatever the proof, a reload is not over before the worker has given it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { addressOf, get } from '../helpers/client.js';
import { fixture, node } from '../helpers/paths.js';
import { closeGate } from '../helpers/processes/start-gate.js';
import { takePort } from '../helpers/sockets/ports.js';
import { type Supervisor, scratch, startSupervisor } from '../helpers/supervisor.js';
import { served } from '../helpers/wait-generation.js';

const PROBED = ['--', node, fixture('answers-probe.mjs')];

/** Starts it, and reloads with generation 2 held up just before its proof. */
async function waitsForProof(
  t: TestContext,
  args: readonly string[],
  { cwd = scratch(t), env = {} } = {},
): Promise<Supervisor> {
  const gate = closeGate(cwd, 2);
  const master = startSupervisor(t, args, { cwd, env });
  const address = addressOf(await served(master));
  let over = false;
  const reload = master.client('reload').finally(() => {
    over = true;
  });

  await gate.reached();
  const { phase, generation, workers } = await master.status();
  assert.equal(phase, 'rolling out');
  assert.equal(generation, 1);
  assert.deepEqual(
    workers.map((worker) => [worker.generation, worker.state, worker.readyAt === null]),
    [
      [1, 'ready', false],
      [2, 'starting', true],
    ],
  );
  assert.equal(over, false);

  gate.open();
  const { status, stdout, stderr } = await reload;
  assert.deepEqual(
    { status, stdout, stderr },
    { status: 0, stdout: 'generation 2 serves\n', stderr: '' },
  );
  await master.settled(2);
  assert.equal(await get(address), '2');
  return master;
}

describe('not ready before', { concurrency: 3 }, () => {
  test('auto: the one server listens', async (t) => {
    const app = fixture('listens-at-last.mjs');
    await waitsForProof(t, ['--', node, app], { env: { ADDRESSES: 'app.sock' } });
  });

  test('auto: the last of two servers listens', async (t) => {
    const app = fixture('listens-at-last.mjs');
    await waitsForProof(t, ['--', node, app], { env: { ADDRESSES: 'app.sock admin.sock' } });
  });

  test('auto: it listens on all that was given', async (t) => {
    const args = ['-l', 'unix:app.sock', '-l', 'unix:admin.sock', '--', node];
    const env = { ADDRESSES: 'app.sock admin.sock' };
    await waitsForProof(t, [...args, fixture('listens-at-last.mjs')], { env });
  });

  test("ipc: it says process.send('ready')", async (t) => {
    await waitsForProof(t, ['--ready', 'ipc', '--', node, fixture('says-ready.mjs'), 'ipc']);
  });

  test('ipc: it calls ready() of graceful-run/worker', async (t) => {
    await waitsForProof(t, ['--ready', 'ipc', '--', node, fixture('says-ready.mjs'), 'library']);
  });

  test('fd: it writes a newline to READY_FD', async (t) => {
    await waitsForProof(t, ['--ready', 'fd', '--', node, fixture('says-ready.mjs'), 'fd']);
  });

  test('fd: it calls ready() of graceful-run/worker', async (t) => {
    await waitsForProof(t, ['--ready', 'fd', '--', node, fixture('says-ready.mjs'), 'library']);
  });

  test('fd: a program that is not Node writes a newline', async (t) => {
    if (spawnSync('perl', ['-v']).error) return t.skip('needs perl');
    const args = ['-l', '127.0.0.1:0', '--ready', 'fd', '--', 'perl'];
    await waitsForProof(t, [...args, fixture('serves-inherited.pl')]);
  });

  test('http: its own unix socket answers 2xx, after refusals and 500', async (t) => {
    const ready = 'http://unix:./probe-{{generation}}-{{worker}}.sock:/health';
    const env = { PROBE: 'probe-{{generation}}-{{worker}}.sock' };
    await waitsForProof(t, ['--ready', ready, ...PROBED], { env });
  });

  test('http: its own address answers 2xx, after refusals and 500', async (t) => {
    const at = `127.0.{{worker}}.{{generation}}:${await takePort(t)}`;
    await waitsForProof(t, ['--ready', `http://${at}/health`, ...PROBED], { env: { PROBE: at } });
  });

  test('https: it answers 2xx, with whatever certificate', async (t) => {
    const cwd = scratch(t);
    if (spawnSync('openssl', ['version']).error) return t.skip('needs openssl');
    const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=app.example'];
    execFileSync('openssl', ['req', '-x509', ...options, ...files], { cwd, stdio: 'ignore' });
    const at = `127.0.1.{{generation}}:${await takePort(t)}`;
    const args = ['--ready', `http:https://${at}/health`, ...PROBED];
    await waitsForProof(t, args, { cwd, env: { PROBE: at } });
  });

  test('after: the time is over', async (t) => {
    const args = ['--ready', 'after:300ms', '--', node, fixture('answers-pid.mjs')];
    const master = startSupervisor(t, args);
    await served(master);
    assert.equal((await master.client('reload')).status, 0);
    const { lastReload, workers } = await master.settled(2);
    assert.ok((lastReload?.durationMs ?? 0) >= 300, JSON.stringify(lastReload));
    const { startedAt = '', readyAt } = workers[0] ?? {};
    assert.ok(Date.parse(readyAt ?? '') - Date.parse(startedAt) >= 299, `${startedAt} ${readyAt}`);
  });
});

for (const ready of ['auto', 'ipc', 'fd', 'http://127.0.0.1:1/{{generation}}', 'after:1h']) {
  test(`${ready}: a worker that exits before its proof has failed, with status 0 too`, async (t) => {
    const master = startSupervisor(t, ['--ready', ready, '--', 'true']);
    assert.deepEqual(await master.exited(), { status: 1, signal: null });
    const { reason } = await master.logged('rolledBack');
    assert.match(reason ?? '', /exited with status 0 before it was ready$/);
  });
}
