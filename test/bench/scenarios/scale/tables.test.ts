import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMet } from '../../report/report.js';
import { cellText } from '../../report/text.js';
import { growthTable } from './growth.js';
import type { Round } from './status.js';
import { statusBudgets, statusTable } from './status-table.js';

test('growth is that of the median since the first row, by what was added', () => {
  const times = new Map([
    [1, [30, 40, 50]],
    [4, [100]],
  ]);
  const { columns, rows } = growthTable('worker', times, 'A note.');
  assert.deepEqual(columns, ['workers', 'ms', 'ms per further worker', 'rounds']);
  assert.deepEqual(
    rows.map((row) => row.map(cellText)),
    [
      ['1', '40.0 (35.0 to 45.0)', '–', '3'],
      ['4', '100.0 (100.0 to 100.0)', '20.00', '1'],
    ],
  );
});

const round = (loop: number, wait: number, delay: number): Round => ({
  ...{ request: 20, command: 80, loop, wait, reloadAlone: 40, reloadMeanwhile: 40 + delay },
});

test('a status is held to what it costs with the most connections', () => {
  const measured = new Map([
    [0, [round(500, 500, 500)]],
    [10_000, [round(19, 4, 1), round(24, 5, 9), round(15, 6, 7)]],
  ]);
  assert.deepEqual(
    statusBudgets(measured).map((one) => [one.measured, isMet(one)]),
    [
      [19, true],
      [5, true],
      [7, false],
    ],
  );
  const { rows } = statusTable(measured);
  assert.equal(cellText(rows[1]?.[0] ?? null), '10,000');
  assert.equal(cellText(rows[1]?.[3] ?? null), '19.0 (17.0 to 21.5)');
});
