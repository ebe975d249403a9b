// One worker of a new generation fails while its siblings begin to accept: what they have taken by then is
// finished, though nobody wants them any more.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask } from '../../src/control/client.js';
import { addressOf, connectTo } from '../helpers/client.js';
import { deploy } from '../helpers/deploy.js';
import { startLoad } from '../helpers/load/load.js';
import { describe } from '../helpers/load/report.js';
import { fixture, node } from '../helpers/paths.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';

const RELOADS = 15;
/** The first worker fails just when the others listen, a little before or after. */
const HALF_BROKEN = `
await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
if (process.env.GRACEFUL_RUN_WORKER === '1') throw new Error('the first one fails');
export const release = 'half broken';
`;

test('a generation of which one worker fails loses no request of the others', async (t) => {
  const cwd = scratch(t);
  const release = join(cwd, 'release.mjs');
  const control = join(cwd, 'control.sock');
  deploy(release, "export const release = 'good';");
  const env = { RELEASE: release, GRACEFUL_RUN_CONTROL: control };
  const command = ['--workers', '4', '--', node, fixture('hammer-app.mjs')];
  const master = startSupervisor(t, command, { cwd, env });
  const target = connectTo(addressOf(await master.settled(1)));
  assert.ok('port' in target);
  const load = startLoad(
    [target],
    [
      { kind: 'fast', keepAlive: true, count: 4 },
      { kind: 'fast', keepAlive: false, count: 6 },
      { kind: 'slow', keepAlive: false, count: 4 },
    ],
  );
  t.after(() => load.stop());

  deploy(release, HALF_BROKEN);
  for (let nth = 1; nth <= RELOADS; nth += 1) {
    const { ok, reason } = await ask([control], { command: 'reload', wait: true });
    assert.equal(ok, false);
    assert.match(reason ?? '', /^worker 1 of .*Error: the first one fails/s);
  }
  const report = await load.stop();
  t.diagnostic(describe(report));
  assert.equal(report.failed, 0, describe(report));
  const { reloads } = await master.settled(1);
  assert.deepEqual(reloads, { ok: 0, failed: RELOADS });
});
