import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Peer } from '../../peers/peer.js';
import type { Usage } from '../../proc/usage.js';
import { isMet } from '../../report/report.js';
import { cellText } from '../../report/text.js';
import { budgetsOf, tablesOf, type Weighed } from './tables.js';

const peer = (name: string, installed: ReturnType<Peer['installed']> = null): Peer => ({
  ...{ name, about: name, mostWorkers: 1 },
  missing: () => null,
  version: () => '1',
  start: () => Promise.reject(new Error('nobody starts it')),
  installed: () => installed,
});
const OWN = peer('graceful-run', { bytes: 2_500_000, packages: 3 });
const BARE = peer('bare node');
const PM2 = peer('pm2', { bytes: 9e6, packages: 70 });

const usage = (mib: number, contextSwitches: number, isNode = true): Usage => ({
  ...{ pid: 1, isNode, rss: 2 * mib * 2 ** 20, rssAnon: mib * 2 ** 20, contextSwitches, cpuMs: 5 },
});
const WEIGHED: Weighed[] = [
  {
    ...{ peer: OWN, idleMs: 10_000, reloads: 100 },
    before: [usage(8, 100), usage(2, 0, false)],
    idle: [usage(8, 104), usage(2, 1, false)],
    after: [usage(13, 900), usage(2, 1, false)],
  },
  { ...{ peer: BARE, idleMs: 10_000, reloads: 0 }, before: [], idle: [], after: null },
  {
    ...{ peer: PM2, idleMs: 10_000, reloads: 40 },
    before: [usage(20, 0)],
    idle: [usage(20, 100)],
    after: [usage(24, 9)],
  },
];
const FIRST = new Map([
  [OWN, [100, 90, 110]],
  [BARE, [30, 40, 35]],
  [PM2, [700]],
]);

test('a supervisor of several processes is shown with and without what is no Node', () => {
  const [idle, reloads] = tablesOf(WEIGHED, FIRST, 100).map(({ rows }) =>
    rows.map((row) => row.map(cellText)),
  );
  assert.deepEqual(idle, [
    ['graceful-run', '2', '20.0', '10.0', '0.50', '0.0'],
    ['graceful-run, its Node process alone', '1', '16.0', '8.0', '0.40', '0.0'],
    ['bare node', '–', '–', '–', '–', '–'],
    ['pm2', '1', '40.0', '20.0', '10.00', '0.0'],
  ]);
  assert.deepEqual(reloads, [
    ['graceful-run', '100', '30.0', '15.0', '5.0'],
    ['graceful-run, its Node process alone', '100', '26.0', '13.0', '5.0'],
    ['bare node', '–', '–', '–', '–'],
    ['pm2', '40', '48.0', '24.0', '4.0'],
  ]);
});

test('starts have their spread, sizes come from the peers', () => {
  const [, , first, size] = tablesOf(WEIGHED, FIRST, 100).map(({ rows }) =>
    rows.map((row) => row.map(cellText)),
  );
  assert.deepEqual(first?.[0], ['graceful-run', '100.0 (95.0 to 105.0)', '3']);
  assert.deepEqual(size, [
    ['graceful-run', '2.5', '3'],
    ['bare node', 'comes with Node', '–'],
    ['pm2', '9.0', '70'],
  ]);
});

test('the master is held to its memory, the whole supervisor to its wake-ups and to pm2', () => {
  const seen = budgetsOf(WEIGHED, FIRST).map((one) => [one.measured, isMet(one)]);
  assert.deepEqual(seen, [
    [8, true],
    [13, false],
    [0.5, true],
    [0.5, true],
    [65, false],
  ]);
  const without = budgetsOf(WEIGHED.slice(0, 2), FIRST);
  assert.equal(without.length, 4);
});

test('what was not weighed of ours meets no budget, and what was not of pm2 makes none', () => {
  const [own, bare, pm2] = WEIGHED as [Weighed, Weighed, Weighed];
  const nothing = { before: [], idle: [], after: null };
  const missed = budgetsOf([{ ...own, ...nothing }, bare, pm2], new Map([[BARE, [30]]]));
  assert.deepEqual(missed.map(isMet), [false, false, false, false, false]);
  assert.equal(budgetsOf([own, bare, { ...pm2, ...nothing }], FIRST).length, 4);
});
