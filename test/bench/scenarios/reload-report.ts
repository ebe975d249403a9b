// What the scenarios of reloads have seen, as tables and budgets. Pure.
import { gracefulRun } from '../peers/graceful-run.js';
import type { Budget, Report, Table } from '../report/report.js';
import { summarize } from '../statistics.js';
import { type Contestant, troublesOf } from './contestant.js';
import { count, FAILED_COLUMNS, failedCells, noFailures, single, spread } from './figures.js';
import type { Idle } from './idle-reloads.js';
import { idleBudgets, idleTable } from './idle-report.js';
import type { Block, ReloadSeen } from './reload-block.js';

const MOST_P99_RATIO = 2;

/** What one contestant did. */
export interface Reloads {
  readonly contestant: Pick<Contestant, 'name' | 'troubles'>;
  readonly planned: number;
  /** null when it did not start. */
  readonly block: Block | null;
}

interface Row extends Block {
  readonly name: string;
  readonly planned: number;
}

/** What was the same for all. */
export interface Conditions {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds after which a peer begins no further reload. */
  readonly mostMs: number;
}

export function reportOf(
  all: readonly Reloads[],
  conditions: Conditions,
  idle: Idle | null,
): Report {
  const rows = all.flatMap(({ contestant: { name }, planned, block }): Row[] =>
    block ? [{ name, planned, ...block }] : [],
  );
  const troubles = troublesOf(all.map((one) => one.contestant));
  return {
    tables: [losses(rows, conditions, troubles), times(rows), ...(idle ? [idleTable(idle)] : [])],
    budgets: [...budgets(rows), ...(idle ? idleBudgets(idle) : [])],
  };
}

function losses(rows: readonly Row[], { rate, mostMs }: Conditions, troubles: string): Table {
  return {
    title: 'Requests lost in reloads under load',
    columns: ['', 'reloads', 'served', ...FAILED_COLUMNS, 'closed: said', 'unsaid'],
    rows: rows.map(({ name, losses: one, reloads }) => [
      ...[name, count(reloads.length), count(served(reloads)), ...failedCells(one)],
      ...[count(one.closed.announced), count(one.closed.unannounced)],
    ]),
    note:
      `${rate} requests a second, a third of what this client gets out of the bare app in this run, half of ` +
      'them on kept connections. No request is sent twice. Each contestant ran once, in the order of the ' +
      'table: 1.5 s to warm up, a second without a reload, then its reloads one after the other; a peer begins ' +
      `none after ${mostMs / 1000} s of them. Counted is what was to be sent from the start of that second to the end of the ` +
      'last reload. Served: reloads ' +
      'after which the new release answered. Closed: kept connections that the server ended between two ' +
      'requests in the same time, with `Connection: close` in the answer before, or without. All kept ' +
      'connections of this load are in use. One that lies idle keeps the old worker of graceful-run, by ' +
      'design, until its client uses it or the `keepAliveTimeout` of the app ends it (5 s in Node).' +
      troubles,
  };
}

function times(rows: readonly Row[]): Table {
  return {
    title: 'Time that reloads under load take, in ms',
    columns: [
      ...['', 'p99 steady', 'p99 around', 'most steady', 'most around'],
      ...['serving', 'old gone', 'from'],
    ],
    rows: rows.map(({ name, steady, reloads }) => [
      ...[name, single(steady.p99, 1), spread(p99sOf(reloads), 1)],
      single(steady.most, 0),
      single(Math.max(...reloads.map((one) => one.most)), 0),
      spread(present(reloads.map((one) => one.servingMs))),
      spread(present(reloads.map((one) => one.goneMs))),
      [...new Set(reloads.map((one) => one.from))].join(' and '),
    ]),
    note:
      'From the time at which a request was to be sent to the whole answer. Steady: in the second without a ' +
      'reload. Around: from 100 ms before the signal until 100 ms after the new release served and the old ' +
      'worker was gone, a second at least; the p99 is that of the worst second there, of those that begin ' +
      'each 100 ms, and the median over the reloads: as the worst of several it is above the steady one also where ' +
      'nothing happens. A failed request counts as slower than every answer; ' +
      '"failed" stands where one of them would. Serving: first answer of the new release. Both times are ' +
      'from the signal, from the start of the command, or from that of a restart, which stops the old worker first.',
  };
}

function budgets(rows: readonly Row[]): Budget[] {
  const ours = rows.find((one) => one.name === gracefulRun.name);
  if (!ours) return [];
  const p99 = medianP99(ours);
  const ratio: Budget = {
    ...{ what: 'p99 around a reload against the steady p99', unit: '', kind: 'at most' },
    ...{ measured: ratioOf(p99, ours.steady.p99), limit: MOST_P99_RATIO, digits: 2 },
  };
  // A peer without a p99 lost so many requests that it is behind whoever has one.
  // One that did not serve has a calm p99, and is behind as well.
  const peers = rows
    .filter((one) => one !== ours && served(one.reloads) === one.reloads.length)
    .map(medianP99);
  const best = Math.min(...peers.filter(Number.isFinite));
  const beside: Budget = {
    ...{ what: 'p99 around a reload against the best peer', unit: 'ms', kind: 'at most' },
    ...{ measured: p99, limit: best, digits: 2 },
  };
  return [
    noFailures('failed requests', ours.losses.failed),
    noFailures('planned reloads that did not serve', ours.planned - served(ours.reloads)),
    ratio,
    ...(peers.length > 0 ? [beside] : []),
  ];
}

/** Infinity when either side is missing, or was never answered: with failures below the line it would be 0. */
const ratioOf = (p99: number, steady: number): number =>
  Number.isFinite(p99) && Number.isFinite(steady) ? p99 / steady : Number.POSITIVE_INFINITY;

const served = (reloads: readonly ReloadSeen[]): number =>
  present(reloads.map((one) => one.servingMs)).length;
const medianP99 = ({ reloads }: Row) => summarize(p99sOf(reloads)).median;
const p99sOf = (reloads: readonly ReloadSeen[]) => reloads.map((one) => one.p99);
const present = (values: readonly (number | null)[]) => values.filter((ms) => ms !== null);
