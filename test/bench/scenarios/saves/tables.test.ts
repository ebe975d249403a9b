import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossesOf } from '../../clients/losses.js';
import { recordsOf } from '../../clients/records-of.js';
import { isMet } from '../../report/report.js';
import type { Save } from './save.js';
import { reportOf, type SavesOf } from './tables.js';

const MISSED = Number.POSITIVE_INFINITY;
const BEYOND = 'save to the first answer of the new version';

const save = (servingMs: number, failed = 0): Save => ({
  servingMs,
  losses: lossesOf(
    recordsOf([
      { due: 1 },
      ...Array.from({ length: failed }, () => ({ due: 2, failure: 'refused' as const })),
    ]),
  ),
});

/** Each in a round in which the bare app took 40 ms to boot. */
const savesOf = (name: string, ...saves: Save[]): SavesOf => ({
  ...{ contestant: { name }, saves },
  beyondBoot: saves.map(({ servingMs }) => servingMs - 40),
});
const ours = (...saves: Save[]) => savesOf('graceful-run dev', ...saves);

const report = (...all: SavesOf[]) => reportOf({ boots: [40, 40], all }, ' nodemon: is slow.');

function budgetOf(what: string, ...all: SavesOf[]) {
  const budget = report(...all).budgets.find((one) => one.what === what);
  return budget && { measured: budget.measured, met: isMet(budget) };
}

test('the time beyond the boot is held to a limit, by its median', () => {
  const met = { measured: 55, met: true };
  assert.deepEqual(budgetOf(BEYOND, ours(save(90), save(95), save(400))), met);
  assert.deepEqual(budgetOf(BEYOND, ours(save(90), save(101), save(400))), {
    ...{ measured: 61, met: false },
  });
  assert.equal(budgetOf(BEYOND, ours(save(MISSED), save(MISSED), save(90)))?.met, false);
});

test('a failed request and a missed save are each too many, on any machine', () => {
  const all = ours(save(90), save(90, 2), save(MISSED));
  assert.deepEqual(budgetOf('failed requests', all), { measured: 2, met: false });
  assert.deepEqual(budgetOf('missed saves', all), { measured: 1, met: false });
  const { budgets } = report(ours(save(90)));
  assert.deepEqual(
    budgets.filter(({ always }) => always).map((one) => [one.what, isMet(one)]),
    [
      ['failed requests', true],
      ['missed saves', true],
    ],
  );
});

test('without a save of ours no budget is met, whatever others did', () => {
  for (const { budgets } of [report(), report(ours()), report(savesOf('nodemon', save(90)))])
    assert.deepEqual(budgets.map(isMet), [false, false, false]);
});

test('a row has the times of what was not missed, and failures by class', () => {
  const [table] = report(ours(save(90)), savesOf('nodemon', save(700, 3), save(MISSED))).tables;
  const [boot, , nodemon] = table?.rows ?? [];
  assert.deepEqual(boot?.slice(0, 3), ['bare node, boot', { median: 2 }, null]);
  const cell = (column: string) => nodemon?.[table?.columns.indexOf(column) ?? -1];
  assert.deepEqual(cell('saves'), { median: 2 });
  assert.deepEqual(cell('missed'), { median: 1 });
  assert.deepEqual(cell('serving'), { median: 700, low: 700, high: 700, digits: 0 });
  assert.deepEqual(cell('beyond the bare boot'), { median: 660, low: 660, high: 660, digits: 0 });
  assert.deepEqual(cell('p90'), { median: 700, digits: 0 });
  assert.deepEqual(cell('requests'), { median: 5 });
  assert.deepEqual(cell('refused'), { median: 3 });
  assert.deepEqual(
    table?.rows.map((row) => row.length),
    table?.rows.map(() => table.columns.length),
  );
  assert.match(table?.note ?? '', /within 10 s; .* nodemon: is slow\.$/);
});
