import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossesOf } from '../clients/losses.js';
import { recordsOf } from '../clients/records-of.js';
import type { CommandResult } from '../peers/peer.js';
import { isMet } from '../report/report.js';
import { reportOf, type Seen } from './broken-release-report.js';

const CONDITIONS = { rate: 1000, broken: 2, lookMs: [900, 1200] } as const;
const WHAT = 'commands that did not end with 1';

const command = (status: number | null, more: Partial<CommandResult> = {}): CommandResult => ({
  ...{ from: 'command', status, began: 0, tookMs: 80, ...more },
});
const seen = (name: string, ...results: CommandResult[]): Seen => ({
  ...{ name, results, serves: ['release 1'], losses: lossesOf(recordsOf([])), recoveryMs: 40 },
});
const met = (one: Seen, what: string) =>
  reportOf([one], CONDITIONS, '')
    .budgets.filter((budget) => budget.what === what)
    .map(isMet);

/** Exit status and time. */
function cells(...results: CommandResult[]) {
  const [table] = reportOf([seen('pm2', ...results)], CONDITIONS, '').tables;
  return table?.rows[0]?.slice(1, 3);
}

test('a command has a status and a time, one that did not end the limit, a signal neither', () => {
  assert.deepEqual(cells(command(1), command(1)), [
    '1',
    { median: 80, low: 80, high: 80, digits: 0 },
  ]);
  assert.deepEqual(cells(command(null, { timedOut: true, tookMs: 6004 })), ['none', '> 6,000']);
  assert.deepEqual(cells(command(null, { from: 'signal', tookMs: 0 })), [null, null]);
  assert.equal(cells(command(null, { from: 'restart' }))?.[0], null);
});

test('each of our commands has to end with 1', () => {
  assert.deepEqual(met(seen('graceful-run', command(1), command(1)), WHAT), [true]);
  assert.deepEqual(met(seen('graceful-run', command(1), command(0)), WHAT), [false]);
  const hung = command(null, { timedOut: true });
  assert.deepEqual(met(seen('graceful-run', command(1), hung), WHAT), [false]);
});

test('the release before has to serve on, and nobody else', () => {
  const what = 'broken releases after which release 1 did not serve';
  const one = seen('graceful-run', command(1));
  assert.deepEqual(met(one, what), [true]);
  assert.deepEqual(met({ ...one, serves: ['nobody and release 1'] }, what), [false]);
});
