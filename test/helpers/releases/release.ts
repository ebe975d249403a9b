// The story of a release that cannot serve, from the last good answer to the repair.
import assert from 'node:assert/strict';
import type { Ending, FailureCause } from '../../../src/core/failure.js';
import { addressOf, get } from '../client.js';
import { knock } from '../polling-client.js';
import { isRunning, type LogLine, type Supervisor } from '../supervisor.js';
import { served } from '../wait-generation.js';

/** What the log has to say of the failure. */
export interface Expected {
  readonly cause: FailureCause['type'];
  readonly ending?: Ending;
  /** What the sentence for people has to contain besides: an exception, an address. */
  readonly reason?: RegExp;
}

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
  expected: Expected,
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
  statesFailure(await master.logged('rolledBack'), expected);
  assert.deepEqual(visitor.failures, []);
  assert.deepEqual(new Set(visitor.answers), new Set([`${worker?.pid} 1`]));

  await showsFailure(master, expected.cause, result.stderr);
  await repair();
  const again = await master.client('reload');
  assert.equal(again.status, 0, again.stderr);
  assert.equal(again.stdout, 'generation 3 serves\n');
  const after = await master.settled(3);
  assert.equal(await get(address), `${after.workers[0]?.pid} 3`);
  assert.deepEqual(after.reloads, { ok: 1, failed: 1 });
}

/** Asserts that a line of the log names this failure. */
export function statesFailure(line: LogLine, { cause, ending, reason = /./ }: Expected): void {
  assert.equal(line.cause, cause, line.msg);
  if (ending) assert.deepEqual(line.ending, ending);
  assert.match(line.reason ?? '', reason);
}

/** The status tells the same reason, and only the old worker is left. */
async function showsFailure(
  master: Supervisor,
  cause: FailureCause['type'],
  stderr: string,
): Promise<void> {
  const { lastReload, reloads } = await master.settled(1);
  assert.deepEqual(reloads, { ok: 0, failed: 1 });
  assert.equal(lastReload?.ok, false);
  assert.equal(lastReload.generation, 2);
  assert.equal(lastReload.cause, cause);
  assert.ok(lastReload.reason && stderr.includes(lastReload.reason), `${lastReload.reason}`);
  const table = await master.client('status');
  assert.match(table.stdout, /reloads: 0 ok, 1 failed; the last \d+s ago failed:\n {2}worker 1 of/);
  const broken = master.log().filter((line) => line.generation === 2 && line.workerPid);
  for (const { workerPid } of broken) assert.equal(isRunning(workerPid ?? 0), false);
  assert.equal(master.log().filter((line) => line.event === 'rolledBack').length, 1);
}
