import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHAPES } from '../clients/load-spec.js';
import { bareNode } from '../peers/bare-node.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Peer } from '../peers/peer.js';
import { pm2Documented } from '../peers/pm2.js';
import { isMet } from '../report/report.js';
import { cellText } from '../report/text.js';
import { Contestant } from './contestant.js';
import { type Measured, reportOf } from './steady-report.js';

const EMPTY: Measured = {
  ...{ rates: [], ratios: [], cpu: [], cpuRatios: [], serverCores: [], clientCores: [] },
  ...{ p50: [], p99: [], late50: [], late99: [] },
};

function row(peer: Peer, measured: Partial<Measured>) {
  const contestant = new Contestant(peer, {});
  return {
    ...{ contestant, lost: 0 },
    measured: new Map(SHAPES.map((shape) => [shape, { ...EMPTY, ...measured }])),
  };
}

const BARE = row(bareNode, { rates: [100], ratios: [1], cpu: [10], cpuRatios: [1] });
const PM2 = row(pm2Documented, { rates: [50] });
const verdicts = (...rows: Parameters<typeof reportOf>[0]) =>
  reportOf(rows, 500).budgets.map((budget) => [budget.what, isMet(budget)]);

test('each shape that has budgets is held to the rate and to the CPU of the bare app', () => {
  const ours = row(gracefulRun, { rates: [99], ratios: [0.98], cpuRatios: [1.06, 1.05, 1.01] });
  const slow = row(gracefulRun, { rates: [70], ratios: [0.97], cpuRatios: [1.06] });
  const what = [
    'failed requests',
    'requests/s by bare node, keep-alive',
    'CPU of a request by bare node, keep-alive',
    'requests/s by bare node, a connection each',
    'CPU of a request by bare node, a connection each',
    'requests/s by pm2, a connection each',
  ];
  assert.deepEqual(
    verdicts(ours, BARE, PM2),
    what.map((one) => [one, true]),
  );
  assert.deepEqual(
    verdicts(slow, BARE, PM2),
    what.map((one, i) => [one, i === 0]),
  );
});

test('without a slice of ours the budgets are missed, without pm2 there is none against it', () => {
  const met = verdicts(row(gracefulRun, {}), BARE).map(([, isOne]) => isOne);
  assert.deepEqual(met, [false, false, false, false, false]);
});

test('a row has what both sides used and how late the client was', () => {
  const ours = row(gracefulRun, { serverCores: [0.67], clientCores: [0.95], late50: [0.8] });
  const [table] = reportOf([ours], 500).tables;
  const cells = table?.rows[0]?.map(cellText) ?? [];
  const of = (column: string) => cells[table?.columns.indexOf(column) ?? -1];
  assert.match(of('server, cores') ?? '', /^0\.67 /);
  assert.match(of('client, cores') ?? '', /^0\.95 /);
  assert.match(of('client late p50, ms') ?? '', /^0\.80 /);
  assert.equal(of('client late p99, ms'), '–');
});
