// The story of a release that cannot serve, from the last good answer to the repair.
import assert from 'node:assert/strict';
import { addressOf, get } from './client.js';
import { knock } from './polling-client.js';
import { isRunning, type Supervisor } from './supervisor.js';
import { served } from './wait-generation.js';

export interface Accident {
  /** Puts the broken release in place. */
  spoil(): unknown;
  /** Happens during the reload. */
  meanwhile?(): Promise<void>;
  repair(): unknown;
}

/** Asserts that a freshly started `master`, whose workers answer as answers-pid.mjs, withstands it. */
export async function refusesRelease(
  master: Supervisor,
  reason: RegExp,
  { spoil, meanwhile, repair }: Accident,
): Promise<void> {
  const before = await served(master);
  const [worker] = before.workers;
  const address = addressOf(before);

  await spoil();
  const visitor = knock(address);
  const [result] = await Promise.all([master.client('reload'), meanwhile?.()]);
  await visitor.stop();

  assert.equal(result.status, 1, `${result.stdout}${result.stderr}`);
  assert.equal(result.stdout, '');
  assert.match(
    result.stderr,
    /^graceful-run: reload failed, generation 1 keeps serving: worker 1 of generation 2 /,
  );
  assert.match(result.stderr, reason);
  assert.deepEqual(visitor.failures, []);
  assert.deepEqual(new Set(visitor.answers), new Set([`${worker?.pid} 1`]));

  await showsFailure(master, result.stderr);
  await repair();
  const again = await master.client('reload');
  assert.equal(again.status, 0, again.stderr);
  assert.equal(again.stdout, 'generation 3 serves\n');
  const after = await master.settled(3);
  assert.equal(await get(address), `${after.workers[0]?.pid} 3`);
  assert.deepEqual(after.reloads, { ok: 1, failed: 1 });
}

/** The status tells the same reason, and only the old worker is left. */
async function showsFailure(master: Supervisor, stderr: string): Promise<void> {
  const { lastReload, reloads } = await master.settled(1);
  assert.deepEqual(reloads, { ok: 0, failed: 1 });
  assert.equal(lastReload?.ok, false);
  assert.equal(lastReload.generation, 2);
  assert.ok(lastReload.reason && stderr.includes(lastReload.reason), `${lastReload.reason}`);
  const table = await master.client('status');
  assert.match(table.stdout, /reloads: 0 ok, 1 failed; the last \d+s ago failed:\n {2}worker 1 of/);
  const broken = master.log().filter((line) => line.generation === 2 && line.workerPid);
  for (const { workerPid } of broken) assert.equal(isRunning(workerPid ?? 0), false);
  assert.equal(master.log().filter((line) => line.event === 'rolledBack').length, 1);
}
