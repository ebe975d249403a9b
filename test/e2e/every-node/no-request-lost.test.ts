// The proof of the first guarantee: clients send requests to a server through ten reloads, one of them a broken
// release, and no request is refused, reset, cut off or left without an answer.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createCertificate } from '../../helpers/certificate.js';
import { addressOf, connectTo } from '../../helpers/client.js';
import type { Endpoint } from '../../helpers/load/connection.js';
import { type ClientKind, startLoad } from '../../helpers/load/load.js';
import { describe, laggards } from '../../helpers/load/report.js';
import { fixture, node } from '../../helpers/paths.js';
import { deploy } from '../../helpers/releases/deploy.js';
import { isBrief } from '../../helpers/short-mode.js';
import { openListener } from '../../helpers/sockets/listener.js';
import { type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';

type Transport = 'TCP' | 'TLS' | 'unix';
type Origin = 'given' | 'inherited' | 'adopted';
type Deployment = (nth: number) => Promise<void>;

interface Case {
  readonly transport: Transport;
  readonly workers: number;
  readonly origin: Origin;
  /** At the least; the clients do not rest while generations change. */
  readonly requests: number;
}

const RELOADS = isBrief ? 4 : 10;
const BROKEN_RELEASE = RELOADS / 2;
const FINISH_LIMIT_MS = 60_000;

/** Clients that rest up to `pauseMs` before each quick request; at 0 they take all the time there is. */
function clients(pauseMs: number): ClientKind[] {
  return [
    { kind: 'fast', keepAlive: true, count: 10, pauseMs },
    { kind: 'fast', keepAlive: false, count: 3, pauseMs },
    { kind: 'slow', keepAlive: true, count: 6 },
    { kind: 'slow', keepAlive: false, count: 6 },
    { kind: 'echo', keepAlive: true, count: 2, pauseMs },
    { kind: 'echo', keepAlive: false, count: 1, pauseMs },
    { kind: 'trickle', keepAlive: true, count: 2 },
    { kind: 'trickle', keepAlive: false, count: 2 },
    // Kept alive and mostly idle: they send at the moment at which a server likes to close them.
    { kind: 'fast', keepAlive: true, count: 6, pauseMs: 1000 },
  ];
}

/** The first one is the one that is told at full length. */
const CASES: readonly (readonly [Transport, Origin, number])[] = [
  ['TCP', 'given', 4],
  ['TCP', 'inherited', 4],
  ['TCP', 'adopted', 4],
  ['unix', 'given', 1],
  ['unix', 'inherited', 1],
  ['unix', 'adopted', 1],
  ['TLS', 'given', 4],
  ['TCP', 'given', 1],
  ['TCP', 'adopted', 1],
  ['unix', 'adopted', 4],
  ['TLS', 'adopted', 1],
];
/** Each origin and each transport, with one worker and with several. */
const BRIEF_CASES = CASES.slice(0, 7);

for (const [transport, origin, workers] of isBrief ? BRIEF_CASES : CASES) {
  const isLong = !isBrief && CASES[0]?.join() === [transport, origin, workers].join();
  const requests = isLong ? 100_000 : 300 * RELOADS;
  const count = workers === 1 ? 'one worker' : `${workers} workers`;
  test(`${RELOADS} reloads lose none of ${requests} requests: ${transport}, ${origin}, ${count}`, async (t) => {
    const { master, release, load } = await hammer(t, { transport, workers, origin, requests });
    await load.during(RELOADS, async (nth) => {
      const isBroken = nth === BROKEN_RELEASE;
      deploy(release, isBroken ? "throw new Error('a broken release')" : goodRelease(nth + 1));
      const { status, stdout, stderr } = await master.client('reload');
      assert.equal(status, isBroken ? 1 : 0, `reload ${nth}: ${stdout}${stderr}`);
      if (isBroken) assert.match(stderr, /Error: a broken release/);
    });
    const { reloads } = await master.settled(1 + RELOADS);
    assert.deepEqual(reloads, { ok: RELOADS - 1, failed: 1 });
  });
}

test('reloads, deaths of new workers and changes of size that cross each other lose no request', async (t) => {
  const rounds = isBrief ? 4 : 20;
  const sizes = [4, 2, 3];
  const { master, release, load } = await hammer(t, {
    ...{ transport: 'TCP', workers: 4, origin: 'given', requests: 100 * rounds },
  });
  await load.during(rounds, async (nth) => {
    const dies = nth % 2 === 1;
    deploy(release, dies ? DYING_RELEASES[nth % 4 === 1 ? 0 : 1] : goodRelease(nth + 1));
    const [reload, scaling] = await Promise.all([
      master.client('reload'),
      master.client('scale', String(sizes[nth % sizes.length])),
    ]);
    assert.equal(reload.status, dies ? 1 : 0, `reload ${nth}: ${reload.stdout}${reload.stderr}`);
    assert.equal(scaling.status, 0, scaling.stderr);
  });
  const { reloads, workersWanted } = await master.settled(1 + rounds);
  assert.deepEqual(reloads, { ok: rounds / 2, failed: rounds / 2 });
  assert.equal(workersWanted, sizes[rounds % sizes.length]);
});

/** Starts a master and its clients. `load.during` makes the reloads one by one, and judges what the clients saw. */
async function hammer(t: TestContext, { transport, workers, origin, requests }: Case) {
  const cwd = scratch(t);
  const release = join(cwd, 'release.mjs');
  deploy(release, goodRelease(1));
  const { args, address, inherit } = await arrange(t, transport, origin, cwd);
  const command = [...args, '--workers', String(workers), '--', node, fixture('hammer-app.mjs')];
  const secure = transport === 'TLS';
  const certificate = secure ? { CERTIFICATE: createCertificate(t) } : {};
  const env = { RELEASE: release, ADDRESS: address, ...certificate };
  const master = startSupervisor(t, command, { cwd, env, inherit });
  const endpoints = endpointsOf(addressOf(await master.settled(1)), secure);
  const clientLoad = startLoad(endpoints, clients(requests > 10_000 ? 0 : 8));
  t.after(() => clientLoad.stop());

  async function during(reloads: number, reload: Deployment): Promise<void> {
    for (let nth = 1; nth <= reloads; nth += 1) {
      await clientLoad.reached((requests * nth) / (reloads + 1));
      await reload(nth);
    }
    const newest = 1 + reloads;
    const report = await clientLoad.finish({ requests, generation: newest }, FINISH_LIMIT_MS);
    t.diagnostic(describe(report));
    assert.equal(report.failed, 0, describe(report));
    assert.deepEqual(laggards(report, newest), [], 'each client reaches the newest generation');
    assert.ok(report.requests >= requests, `${report.requests} requests`);
    assert.deepEqual(warnings(master), [], 'no worker had to be signalled or killed');
  }
  return { master, release, load: { during } };
}

/** The first worker ends just when the others begin to accept, a little before or after. */
const DYING_RELEASES = [
  "throw new Error('the first one fails')",
  "process.kill(process.pid, 'SIGKILL')",
].map(
  (end) => `
await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
if (process.env.GRACEFUL_RUN_WORKER === '1') ${end};
export const release = 'dying';
`,
) as [string, string];

function goodRelease(n: number): string {
  return `export const release = '${n}';\n`;
}

/** Options for the master, the address for the app, and descriptors to inherit. */
async function arrange(t: TestContext, transport: Transport, origin: Origin, cwd: string) {
  const path = join(cwd, 'app.sock');
  const unix = transport === 'unix';
  if (origin === 'adopted') return { args: [], address: unix ? path : '0', inherit: [] };
  if (origin === 'given') {
    const spec = unix ? `unix:${path}` : ':0?for=3000';
    return { args: ['--listen', spec], address: unix ? path : '3000', inherit: [] };
  }
  const { fd, port } = await openListener(t, unix ? { path } : { host: '::' });
  return { args: [], address: unix ? path : String(port), inherit: [{ fd, name: 'app' }] };
}

/** A server on all addresses is asked over IPv4 and IPv6. */
function endpointsOf(address: string, secure: boolean): Endpoint[] {
  const target = connectTo(address);
  if ('socketPath' in target) return [{ path: target.socketPath }];
  const { port } = target;
  return ['127.0.0.1', '::1'].map((host) => ({ host, port, secure }));
}

/** Warnings in the log, but for those of a release that was meant to fail. */
function warnings(master: Supervisor): string[] {
  return master
    .log()
    .filter(({ event, level }) => level >= 40 && event !== 'rolledBack' && event !== 'kill')
    .map((line) => line.msg);
}
