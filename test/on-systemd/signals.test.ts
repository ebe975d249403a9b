// `systemctl kill` signals every process of the unit, workers included.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { nothingLost, startMachineLoad } from './load.js';
import { bootMachine } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

for (const signal of ['HUP', 'USR2']) {
  test(`${signal} to the whole unit is one reload, and no worker is harmed`, async (t) => {
    const port = signal === 'HUP' ? 8801 : 8802;
    const options = '--workers 2';
    const app = await installApp(t, machine, `every-${signal.toLowerCase()}`, { port, options });
    await machine.ok('systemctl', 'start', app.unit);
    const load = await startMachineLoad(t, machine, [{ host: '::1', port }]);
    await load.reached(200);
    await machine.ok('systemctl', 'kill', `--signal=${signal}`, app.unit);
    const { reloads } = await eventually(
      'it has reloaded, and the old workers are gone',
      () => app.status(),
      ({ generation, workers, phase }) =>
        phase === 'serving' && generation === 2 && workers.length === 2,
    );
    assert.deepEqual(reloads, { ok: 1, failed: 0 });
    await load.more(300);
    await nothingLost(t, load);
    const said = (await machine.journal(app.unit)).filter(({ priority }) => priority <= 4);
    assert.deepEqual(said, [], 'nobody crashed');
    assert.equal((await machine.show(app.unit, 'NRestarts')).NRestarts, '0');
  });
}
