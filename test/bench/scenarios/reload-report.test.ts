import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyOf } from '../clients/latency.js';
import { lossesOf } from '../clients/losses.js';
import { recordsOf } from '../clients/records-of.js';
import { isMet } from '../report/report.js';
import type { Idle, IdleReloads } from './idle-reloads.js';
import type { ReloadSeen } from './reload-block.js';
import { type Reloads, reportOf } from './reload-report.js';

const CONDITIONS = { rate: 1000, mostMs: 8000 };

const LOST = Number.POSITIVE_INFINITY;
const RATIO = 'p99 around a reload against the steady p99';
const BEST = 'p99 around a reload against the best peer';

const seen = (p99: number, more: Partial<ReloadSeen> = {}): ReloadSeen => ({
  ...{ from: 'signal', servingMs: 40, goneMs: 60, p99, most: 50 },
  ...more,
});

function reloadsOf(name: string, reloads: readonly ReloadSeen[], steady: number[]): Reloads {
  const losses = lossesOf(recordsOf([{ due: 1 }, { due: 2 }]));
  const block = { losses, reloads, steady: latencyOf(steady) };
  return { contestant: { name, troubles: [] }, planned: 2, block };
}

const ours = (reloads: readonly ReloadSeen[], steady = [4]) =>
  reloadsOf('graceful-run', reloads, steady);
const peer = (p99: number) => reloadsOf('pm2', [seen(p99, { from: 'command' })], [4]);

function budgetOf(what: string, all: readonly Reloads[], idle: Idle | null = null) {
  const budget = reportOf(all, CONDITIONS, idle).budgets.find((one) => one.what === what);
  return budget && { measured: budget.measured, limit: budget.limit, met: isMet(budget) };
}

test('the p99 around a reload is held against the steady one', () => {
  const reloads = [seen(6), seen(6)];
  assert.deepEqual(budgetOf(RATIO, [ours(reloads)]), { measured: 1.5, limit: 2, met: true });
  assert.equal(budgetOf(RATIO, [ours([seen(9), seen(9)])])?.met, false);
});

test('failures in the steady time, or around a reload, or nothing at all, meet no budget', () => {
  assert.equal(budgetOf(RATIO, [ours([seen(6)], [LOST])])?.met, false);
  assert.equal(budgetOf(RATIO, [ours([seen(LOST)], [LOST])])?.met, false);
  assert.equal(budgetOf(RATIO, [ours([seen(LOST)])])?.met, false);
  assert.equal(budgetOf(RATIO, [ours([seen(6)], [])])?.met, false);
  assert.equal(budgetOf(RATIO, [ours([])])?.met, false);
});

test('the best peer is the limit, unless all of them lost too many', () => {
  const reloads = [seen(6)];
  assert.equal(budgetOf(BEST, [ours(reloads)]), undefined);
  assert.deepEqual(budgetOf(BEST, [ours(reloads), peer(5), peer(LOST)]), {
    ...{ measured: 6, limit: 5, met: false },
  });
  assert.equal(budgetOf(BEST, [ours(reloads), peer(LOST)])?.met, true);
  assert.equal(budgetOf(BEST, [ours([seen(LOST)]), peer(LOST)])?.met, false);
});

test('reloads that were not made any more did not serve either', () => {
  const what = 'planned reloads that did not serve';
  assert.equal(budgetOf(what, [ours([seen(6), seen(6)])])?.measured, 0);
  assert.equal(budgetOf(what, [ours([seen(6)])])?.measured, 1);
  assert.equal(budgetOf(what, [ours([seen(6, { servingMs: null })])])?.measured, 2);
});

test('a table tells how each was asked, and leaves out what did not start', () => {
  const lost: Reloads = { ...peer(5), block: null };
  const [, times] = reportOf([ours([seen(6)]), peer(5), lost], CONDITIONS, null).tables;
  assert.deepEqual(
    times?.rows.map((row) => [row[0], row.at(-1)]),
    [
      ['graceful-run', 'signal'],
      ['pm2', 'command'],
    ],
  );
});

test('the idle budgets are those of the signal; without a figure they are missed', () => {
  const row = (from: IdleReloads['from'], ...beyondBoot: number[]): IdleReloads => ({
    ...{ contestant: { name: 'graceful-run' }, from, beyondBoot, serving: beyondBoot },
    goneAfter: beyondBoot,
  });
  const all = [ours([seen(6)])];
  const idle = (...rows: IdleReloads[]): Idle => ({ boots: [30], all: rows });
  const both = idle(row('signal', 4), row('command', 70));
  assert.equal(budgetOf('signal to serving', all, both)?.measured, 4);
  assert.equal(budgetOf('signal to serving', all, idle(row('command', 1)))?.met, false);
  assert.deepEqual(
    reportOf(all, CONDITIONS, both).tables[2]?.rows.map((cells) => cells[1]),
    [null, 'signal', 'command'],
  );
});
