// Each contestant of the benchmark that is installed here, once through its life.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { Connection } from '../../helpers/load/connection.js';
import { makeRequest } from '../../helpers/load/requests.js';
import { isRunning } from '../../helpers/supervisor.js';
import { choosePeers, PEERS, slug } from './index.js';
import type { AppOptions, Peer, Running } from './peer.js';

const REQUEST_LIMIT_MS = 5000;

for (const peer of PEERS) {
  test(`${peer.name}: starts, reloads, survives a death, stops`, async (t) => {
    const missing = peer.missing();
    if (missing !== null) return t.skip(missing);
    const running = await startFor(t, peer, { workers: Math.min(2, peer.mostWorkers), bootMs: 50 });
    const first = running.processes();
    assert.match(peer.version(), /\d/);
    assert.ok(running.firstAnswerMs > 50, `${running.firstAnswerMs} ms`);
    assert.equal(await generation(running), 1);
    assert.equal(first.workers.length, peer.threads ? 1 : Math.min(2, peer.mostWorkers));
    assert.ok([...first.supervisor, ...first.workers].every(isRunning));

    if (running.reload) {
      const { tookMs, timedOut } = await running.reload({ generation: 2 });
      assert.ok(tookMs > 0 && !timedOut, `${tookMs} ms`);
      await eventually('release 2', () => servesOnly(running, 2));
      if (!peer.threads) await replaced(running, first.workers);
    }
    if (running.signal) {
      const { workers } = running.processes();
      running.signal({ generation: 3 });
      await eventually('release 3', () => servesOnly(running, 3));
      await replaced(running, workers);
    }
    if (peer.name !== 'bare node' && !peer.threads && !peer.watches) await survivesDeath(running);

    const last = running.processes();
    assert.ok(await running.stop(), 'it stops without being killed');
    const left = [...first.supervisor, ...first.workers, ...last.supervisor, ...last.workers];
    // `node --watch` ends a moment before its child.
    await eventually(
      'nobody to be left',
      () => left.filter(isRunning),
      (running) => running.length === 0,
    );
  });
}

for (const name of ['graceful-run', 'pm2']) {
  test(`nothing of ${name} is left when the bench is interrupted`, async (t) => {
    const peer = PEERS.find((one) => one.name === name) as Peer;
    const missing = peer.missing();
    if (missing !== null) return t.skip(missing);
    const script = `
      import { PEERS } from ${JSON.stringify(new URL('./index.js', import.meta.url))};
      const running = await PEERS.find(({ name }) => name === '${name}').start({});
      const { supervisor, workers } = running.processes();
      console.log(JSON.stringify([...supervisor, ...workers]));
      setTimeout(() => {}, 60_000);`;
    const bench = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => bench.kill('SIGTERM'));
    const pids: number[] = JSON.parse(String((await once(bench.stdout, 'data'))[0]));
    assert.ok(pids.length >= 2 && pids.every(isRunning));
    bench.kill('SIGINT');
    assert.deepEqual(await once(bench, 'exit'), [130, null]);
    await eventually('all gone', () => !pids.some(isRunning));
  });
}

test('contestants are chosen by their names, or by how those begin', () => {
  const names = (...chosen: string[]) => choosePeers(chosen).map(slug);
  assert.deepEqual(names('pm2', 'bare'), ['bare-node', 'pm2']);
  assert.deepEqual(names('pm2-'), ['pm2-closing-app', 'pm2-unmodified-app']);
  assert.throws(() => names('bare', 'foreman'), /^Error: no contestant 'foreman'; there are: /);
});

async function startFor(t: TestContext, peer: Peer, options: AppOptions): Promise<Running> {
  const running = await peer.start(options);
  t.after(async () => void (await running.stop()));
  return running;
}

async function generation({ endpoint }: Running): Promise<number> {
  const connection = new Connection(endpoint, REQUEST_LIMIT_MS);
  try {
    return (await connection.exchange(makeRequest('fast', 1, false))).generation;
  } finally {
    connection.close();
  }
}

/** Asked several times: old workers may serve on for a moment. */
async function servesOnly(running: Running, wanted: number): Promise<boolean> {
  for (let i = 0; i < 5; i += 1) if ((await generation(running)) !== wanted) return false;
  return true;
}

async function replaced(running: Running, old: readonly number[]): Promise<void> {
  await eventually(
    'new workers, and no old one',
    () => running.processes().workers,
    (now) => now.length === old.length && !now.some((pid) => old.includes(pid)),
  );
  // One that is about to end has no command any more.
  await eventually(
    'no old one to be left',
    () => old.filter(isRunning),
    (running) => running.length === 0,
  );
}

async function survivesDeath(running: Running): Promise<void> {
  const before = running.processes().workers;
  process.kill(before[0] ?? 0, 'SIGKILL');
  await eventually(
    'another worker in its place',
    () => running.processes().workers,
    (now) => now.length === before.length && now[0] !== undefined && !now.includes(before[0] ?? 0),
  );
  await eventually('an answer', () => generation(running));
}
