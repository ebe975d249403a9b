// While the code is being written, a trace names the file that was written, not the one that runs.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixture, node } from '../../helpers/paths.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';

/** Line 1 of what runs was line 3 of what was written. */
const MAP = { version: 3, file: 'app.mjs', sources: ['app.ts'], names: [], mappings: 'AAEA' };
const BROKEN = 'throw new Error("typo");\n//# sourceMappingURL=app.mjs.map\n';

for (const [command, place] of [
  [['dev'], /app\.ts:3\b/],
  [[], /app\.mjs:1\b/],
] as const) {
  test(`graceful-run ${command.join('')}: a trace with ${place.source}`, async (t) => {
    const cwd = scratch(t);
    copyFileSync(fixture('answers-pid.mjs'), join(cwd, 'app.mjs'));
    const master = startSupervisor(t, [...command, '--', node, 'app.mjs'], { cwd });
    await master.settled(1);
    writeFileSync(join(cwd, 'app.mjs.map'), JSON.stringify(MAP));
    writeFileSync(join(cwd, 'app.mjs'), BROKEN);
    const failed = await master.client('reload');
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, place);
  });
}
