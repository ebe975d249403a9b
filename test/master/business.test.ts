// Busy or not, of real processes.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { emptyFleet, type Fleet, type Worker } from '../../src/core/fleet.js';
import { createBusiness } from '../../src/master/business.js';
import { transfersOf } from '../../src/workers/transfers.js';
import { eventually } from '../helpers/eventually.js';
import { fleetAfter } from '../helpers/transcript.js';

async function start(t: TestContext, code: string): Promise<ChildProcess> {
  const script = `process.stdout.write('up'); ${code}`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

/** One worker of generation 1 serves, and one of generation 2 starts. */
function fleetOf(serving: ChildProcess, starting: ChildProcess): Fleet {
  const [fleet] = fleetAfter(['0 clock', '1 ready #1', '2 reload']);
  const pids = [serving.pid ?? 0, starting.pid ?? 0];
  const workers = fleet.workers.map((one, i): Worker => ({ ...one, pid: pids[i] ?? 0 }));
  return { ...fleet, workers };
}

const READS =
  "const fs = require('fs'); const fd = fs.openSync('/dev/null'); const b = Buffer.alloc(1); for (;;) fs.readSync(fd, b);";
const WAITS = 'setInterval(() => {}, 1e6);';

test('a worker that reads and writes all the time is busy, and only those that serve count', async (t) => {
  const [reads, waits] = [await start(t, READS), await start(t, WAITS)];
  const [busy, notBusy] = [createBusiness(), createBusiness()];
  busy.begin(fleetOf(reads, waits));
  notBusy.begin(fleetOf(waits, reads));
  const before = transfersOf(reads.pid ?? 0) ?? 0;
  await eventually(
    'some work is done',
    () => transfersOf(reads.pid ?? 0) ?? 0,
    (count) => count > before + 100_000,
  );
  assert.equal(busy.wasBusy(2), true);
  assert.equal(busy.wasBusy(3), false, 'of another generation nothing is known');
  assert.equal(notBusy.wasBusy(2), false);
});

test('whoever is gone, or not there yet, is not busy', async (t) => {
  const child = await start(t, WAITS);
  const business = createBusiness();
  business.begin(fleetOf(child, child));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(transfersOf(child.pid ?? 0), null);
  assert.equal(business.wasBusy(2), false);
  const first = createBusiness();
  first.begin(emptyFleet(1));
  assert.equal(first.wasBusy(1), false);
});
