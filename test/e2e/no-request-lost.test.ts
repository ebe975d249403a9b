// The proof of the product: clients hammer a server through ten reloads, one of them a broken release, and
// no request is refused, reset, cut off or left without an answer.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, connectTo } from '../helpers/client.js';
import { deploy } from '../helpers/deploy.js';
import { openListener } from '../helpers/listener.js';
import type { Endpoint } from '../helpers/load/connection.js';
import { type ClientKind, startLoad } from '../helpers/load/load.js';
import { describe, laggards } from '../helpers/load/report.js';
import { fixture, node } from '../helpers/paths.js';
import { isBrief } from '../helpers/short-mode.js';
import { type Supervisor, scratch, startSupervisor } from '../helpers/supervisor.js';

type Transport = 'TCP' | 'unix';
type Origin = 'given' | 'inherited' | 'adopted';

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

for (const transport of ['TCP', 'unix'] as const) {
  for (const origin of ['given', 'inherited', 'adopted'] as const) {
    for (const workers of [1, 4]) {
      const isMain = !isBrief && transport === 'TCP' && origin === 'given' && workers === 4;
      // Each origin with both transports, and with one worker and several, all the same.
      if (isBrief && (workers === 1) === (transport === 'TCP')) continue;
      const requests = isMain ? 100_000 : 600 * RELOADS;
      const who = workers === 1 ? 'one worker' : `${workers} workers`;
      test(`${RELOADS} reloads under load: ${transport}, ${origin}, ${who}, ${requests} requests`, (t) =>
        hammer(t, { transport, workers, origin, requests }));
    }
  }
}

async function hammer(t: TestContext, { transport, workers, origin, requests }: Case) {
  const cwd = scratch(t);
  const release = join(cwd, 'release.mjs');
  deploy(release, goodRelease(1));
  const { args, address, inherit } = await arrange(t, transport, origin, cwd);
  const command = [...args, '--workers', String(workers), '--', node, fixture('hammer-app.mjs')];
  const env = { RELEASE: release, ADDRESS: address };
  const master = startSupervisor(t, command, { cwd, env, inherit });
  const endpoints = endpointsOf(addressOf(await master.settled(1)));
  const load = startLoad(endpoints, clients(requests > 10_000 ? 0 : 8));
  t.after(() => load.stop());

  for (let nth = 1; nth <= RELOADS; nth += 1) {
    await load.reached((requests * nth) / (RELOADS + 1));
    await reload(master, release, nth);
  }
  const newest = 1 + RELOADS;
  const report = await load.finish({ requests, generation: newest }, FINISH_LIMIT_MS);
  t.diagnostic(describe(report));

  assert.equal(report.failed, 0, describe(report));
  assert.deepEqual(laggards(report, newest), [], 'each client reaches the newest generation');
  assert.ok(report.requests >= requests, `${report.requests} requests`);
  const { reloads } = await master.settled(newest);
  assert.deepEqual(reloads, { ok: RELOADS - 1, failed: 1 });
  assert.deepEqual(unasked(master), [], 'nobody had to be signalled or killed');
}

async function reload(master: Supervisor, release: string, nth: number): Promise<void> {
  const broken = nth === BROKEN_RELEASE;
  deploy(release, broken ? "throw new Error('a broken release')" : goodRelease(nth + 1));
  const { status, stdout, stderr } = await master.client('reload');
  assert.equal(status, broken ? 1 : 0, `reload ${nth}: ${stdout}${stderr}`);
  if (broken) assert.match(stderr, /Error: a broken release/);
}

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
function endpointsOf(address: string): Endpoint[] {
  const target = connectTo(address);
  if ('socketPath' in target) return [{ path: target.socketPath }];
  const { port } = target;
  return ['127.0.0.1', '::1'].map((host) => ({ host, port }));
}

/** Events that should not have been, but for the one broken release. */
function unasked(master: Supervisor): string[] {
  return master
    .log()
    .filter(({ event, level }) => level >= 40 && event !== 'rolledBack' && event !== 'kill')
    .map((line) => line.msg);
}
