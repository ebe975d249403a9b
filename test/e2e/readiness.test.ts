// Readiness is proven, never assumed: whatever the proof, a reload is not over before the worker has given it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { createCertificate } from '../helpers/certificate.js';
import { get } from '../helpers/client.js';
import { fixture, node } from '../helpers/paths.js';
import { closeGate } from '../helpers/processes/start-gate.js';
import { startServing, startServingCommand } from '../helpers/serving.js';
import { takePort } from '../helpers/sockets/ports.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';

const PROBED = ['--', node, fixture('answers-probe.mjs')];

/** Starts it, and reloads with generation 2 held up just before its proof. */
async function waitsForProof(
  t: TestContext,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const cwd = scratch(t);
  const gate = closeGate(cwd, 2);
  const { master, address } = await startServingCommand(t, args, { cwd, env });
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
  assert.deepEqual([status, stdout, stderr], [0, 'generation 2 serves\n', '']);
  await master.settled(2);
  assert.equal(await get(address), '2');
}

const LISTENS = ['--', node, fixture('listens-at-last.mjs')];
const saysReady = (ready: string, how: string) => [
  ...['--ready', ready, '--', node, fixture('says-ready.mjs'), how],
];
const PERL = ['-l', '127.0.0.1:0', '--ready', 'fd', '--', 'perl', fixture('serves-inherited.pl')];
const lacks = (program: string) =>
  spawnSync(program, ['-v']).error !== undefined && `needs ${program}`;

const proofs: readonly (readonly [
  what: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
  skip?: string | false,
])[] = [
  ['auto: the last of two servers listens', LISTENS, { ADDRESSES: 'app.sock admin.sock' }],
  [
    'auto: it listens on all that was given',
    ['-l', 'unix:app.sock', '-l', 'unix:admin.sock', ...LISTENS],
    { ADDRESSES: 'app.sock admin.sock' },
  ],
  ["ipc: it says process.send('ready')", saysReady('ipc', 'ipc')],
  ['ipc: it calls ready() of graceful-run/worker', saysReady('ipc', 'library')],
  ['fd: it writes a newline to READY_FD', saysReady('fd', 'fd')],
  ['fd: it calls ready() of graceful-run/worker', saysReady('fd', 'library')],
  ['fd: a program that is not Node writes a newline', PERL, {}, lacks('perl')],
  [
    'http: its own unix socket answers 2xx, after refusals and 500',
    ['--ready', 'http://unix:./probe-{{generation}}-{{worker}}.sock:/health', ...PROBED],
    { PROBE: 'probe-{{generation}}-{{worker}}.sock' },
  ],
];

describe('not ready before', { concurrency: 3 }, () => {
  for (const [what, args, env, skip = false] of proofs) {
    test(what, { skip }, (t) => waitsForProof(t, args, env));
  }

  test('http: its own address answers 2xx, after refusals and 500', async (t) => {
    const at = `127.0.{{worker}}.{{generation}}:${await takePort(t)}`;
    await waitsForProof(t, ['--ready', `http://${at}/health`, ...PROBED], { PROBE: at });
  });

  test('https: it answers 2xx, with whatever certificate', {
    skip: lacks('openssl'),
  }, async (t) => {
    const at = `127.0.1.{{generation}}:${await takePort(t)}`;
    const env = { PROBE: at, CERTIFICATE: createCertificate(t) };
    await waitsForProof(t, ['--ready', `http:https://${at}/health`, ...PROBED], env);
  });

  test('after: the time is over', async (t) => {
    const { master } = await startServing(t, 'answers-pid.mjs', ['--ready', 'after:300ms']);
    assert.equal((await master.client('reload')).status, 0);
    const { lastReload, workers } = await master.settled(2);
    assert.ok((lastReload?.durationMs ?? 0) >= 300, JSON.stringify(lastReload));
    const { startedAt = '', readyAt } = workers[0] ?? {};
    assert.ok(Date.parse(readyAt ?? '') - Date.parse(startedAt) >= 299, `${startedAt} ${readyAt}`);
  });
});

test('a worker that exits before its proof has failed, with status 0 too', async (t) => {
  const master = startSupervisor(t, ['--ready', 'after:1h', '--', 'true']);
  assert.deepEqual(await master.exited(), { status: 1, signal: null });
  const { cause, ending } = await master.logged('rolledBack');
  assert.deepEqual([cause, ending], ['exited', { type: 'status', status: 0 }]);
});
