import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsJson } from './json.js';
import { runAsPage } from './page.js';
import type { Budget, Table } from './report.js';
import { exitStatus, type Outcome, type Run } from './run.js';
import { runAsText, tableLines } from './terminal.js';
import { budgetText, cellText } from './text.js';

const TABLE: Table = {
  title: 'Signal to serving',
  columns: ['', 'ms', 'status'],
  rows: [
    ['graceful-run', { median: 41.25, low: 40, high: 1043.21, digits: 1 }, '0'],
    ['bare | node', null, null],
  ],
  note: 'Ten rounds.',
};
const FAILED: Budget = {
  ...{ what: 'failed requests', measured: 3, unit: '', kind: 'at most', limit: 0, always: true },
};
const SLOW: Budget = {
  ...{ what: 'signal to serving', measured: 7.25, unit: 'ms', kind: 'at most', limit: 5 },
  digits: 1,
};

function runOf(outcomes: readonly Outcome[], quick = false): Run {
  return {
    date: '2026-01-02T03:04:05.000Z',
    quick,
    machine: {
      ...{
        processor: 'Some Processor',
        cores: 2,
        hypervisor: true,
        memoryBytes: 8 * 1024 ** 3,
        kernel: '6.1',
      },
      ...{ node: 'v20.0.0', loadBefore: 0.5 },
    },
    peers: [{ name: 'graceful-run', version: '1.0', about: 'one worker' }],
    leftOut: [{ name: 'pm2', why: 'not installed' }],
    outcomes,
  };
}

const outcome = (...budgets: Budget[]): Outcome => ({
  ...{ scenario: 'reload', about: 'ten reloads under load', seconds: 61.4 },
  result: { report: { tables: [TABLE], budgets } },
});
const BROKEN: Outcome = {
  ...{ scenario: 'weight', about: 'memory', seconds: 1 },
  result: { error: 'no such thing\n  at once' },
};

test('a figure is shown with its spread, a count without, what was not measured as a dash', () => {
  assert.equal(
    cellText({ median: 41.25, low: 40, high: 1043.21, digits: 1 }),
    '41.3 (40.0 to 1,043.2)',
  );
  assert.equal(cellText({ median: 12345 }), '12,345');
  assert.equal(cellText({ median: -0.01, digits: 1 }), '0.0');
  assert.equal(cellText('pm2'), 'pm2');
  assert.equal(cellText(null), '–');
});

test('a table has its figures to the right and its texts to the left', () => {
  assert.deepEqual(tableLines(TABLE), [
    'Signal to serving',
    '                                  ms  status',
    'graceful-run  41.3 (40.0 to 1,043.2)  0',
    'bare | node                        –  –',
    'Ten rounds.',
  ]);
});

test('a long note is broken between words', () => {
  const lines = tableLines({ ...TABLE, note: 'word '.repeat(50).trim() }).slice(4);
  assert.equal(lines.length, 3);
  assert.ok(lines.every((line) => line.length <= 100 && /^(word ?)+$/.test(line)));
});

test('a budget tells what it is, what was seen and the limit', () => {
  assert.equal(budgetText(SLOW), 'signal to serving: 7.3 ms, at most 5 ms');
  const ratio: Budget = {
    ...{ what: 'ratio', measured: 0.9812, unit: '', kind: 'at least', limit: 0.98, digits: 3 },
  };
  assert.equal(budgetText(ratio), 'ratio: 0.981, at least 0.980');
});

test('the terminal shows machine, absent peers, tables, errors and budgets', () => {
  const text = runAsText(runOf([outcome(FAILED, { ...SLOW, measured: 4 }), BROKEN]));
  assert.match(
    text,
    /^Some Processor, 2 cores under a hypervisor, 8\.0 GiB of memory, Linux 6\.1, Node v20\.0\.0, /,
  );
  assert.match(text, /^left out: pm2: not installed$/m);
  assert.match(text, /^== reload: ten reloads under load \(61 s\)\n\nSignal to serving\n/m);
  assert.match(text, /^FAILED: no such thing$/m);
  assert.match(text, /^ {2}MISSED {2}reload: failed requests: 3, at most 0$/m);
  assert.match(text, /^ {2}met {5}reload: signal to serving: 4\.0 ms, at most 5 ms$/m);
});

test('the page shows the same, with cells that hold a bar', () => {
  const page = runAsPage(runOf([outcome(FAILED, { ...SLOW, measured: 4 }), BROKEN]));
  assert.match(page, /^- Date: 2026-01-02\n- Machine: Some Processor, /m);
  assert.match(
    page,
    /1 of 2 missed\.\n\n- \*\*MISSED\*\*: reload, failed requests: 3, at most 0\n- met: /,
  );
  assert.match(
    page,
    /^- \*\*graceful-run\*\* 1\.0: one worker\n\nLeft out:\n\n- pm2: not installed$/m,
  );
  assert.match(
    page,
    /^## reload\n\nTen reloads under load\. Took 61 s\.\n\n### Signal to serving\n/m,
  );
  assert.match(
    page,
    /^\| --- \| ---: \| --- \|\n\| graceful-run \| 41\.3 \(40\.0 to 1,043\.2\) \| 0 \|$/m,
  );
  assert.match(page, /^\| bare \\\| node \| – \| – \|\n\nTen rounds\.$/m);
  assert.match(page, /^## weight[\s\S]*^ {4}no such thing\n {6}at once$/m);
  assert.doesNotMatch(page, /quick run/);
  assert.match(runAsPage(runOf([], true)), /A quick run/);
});

test('programs get the figures as they are, and the verdicts', () => {
  const { budgets, outcomes } = JSON.parse(runAsJson(runOf([outcome(FAILED)])));
  assert.deepEqual(budgets, [{ ...FAILED, scenario: 'reload', met: false }]);
  assert.deepEqual(outcomes[0].result.report.tables[0].rows[0][1], TABLE.rows[0]?.[1]);
});

test('a missed budget is explained on the page, one that is met is not', () => {
  const explanations = new Map([
    ['reload: failed requests', 'The client is late.'],
    ['reload: signal to serving', 'Nobody needs that.'],
  ]);
  const page = runAsPage(runOf([outcome(FAILED, { ...SLOW, measured: 4 })]), explanations);
  assert.match(page, /failed requests: 3, at most 0\n {2}The client is late\.\n- met: /);
  assert.doesNotMatch(page, /Nobody needs/);
});

test('what was not measured is told so, and meets no budget', () => {
  const nothing = { ...SLOW, measured: Number.NaN };
  assert.equal(budgetText(nothing), 'signal to serving: not measured, at most 5 ms');
  assert.equal(exitStatus(runOf([outcome({ ...nothing, always: true })])), 1);
});

test('an error fails a run, a missed count as well, a missed time none', () => {
  assert.equal(exitStatus(runOf([BROKEN])), 1);
  assert.equal(exitStatus(runOf([outcome(FAILED, SLOW)])), 1);
  assert.equal(exitStatus(runOf([outcome(SLOW)])), 0);
  assert.equal(exitStatus(runOf([outcome(SLOW)], true)), 0);
  assert.equal(exitStatus(runOf([outcome(FAILED)], true)), 1);
  assert.equal(exitStatus(runOf([outcome({ ...FAILED, measured: 0 })], true)), 0);
});
