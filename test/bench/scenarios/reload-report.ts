// What the scenarios of reloads have seen, as tables and budgets. Pure.
import { latencyOf } from '../clients/latency.js';
import { sum } from '../clients/losses.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Budget, Report, Table } from '../report/report.js';
import { summarize } from '../statistics.js';
import { troublesOf } from './contestant.js';
import { count, FAILED_COLUMNS, failedCells, noFailures, single, spread } from './figures.js';
import type { Idle, Reloads } from './reload.js';

const MOST_P99_RATIO = 2;
const MOST_BEYOND_BOOT_MS = 5;
const MOST_GONE_AFTER_MS = 100;

interface Summed {
  readonly name: string;
  readonly losses: ReturnType<typeof sum>;
  readonly reloads: Reloads['blocks'][number]['reloads'];
  readonly served: number;
  readonly steady: ReturnType<typeof latencyOf>;
  /** Of each window. */
  readonly around: readonly ReturnType<typeof latencyOf>[];
}

export function reportOf(all: readonly Reloads[], rate: number, idle: Idle | null): Report {
  const rows = all.filter(({ blocks }) => blocks.length > 0).map(summed);
  const troubles = troublesOf(all.map((one) => one.contestant));
  return {
    tables: [losses(rows, rate, troubles), times(rows), ...(idle ? [idleTable(idle)] : [])],
    budgets: [...budgets(rows), ...(idle ? idleBudgets(idle) : [])],
  };
}

function summed({ contestant, blocks }: Reloads): Summed {
  const reloads = blocks.flatMap((one) => one.reloads);
  return {
    name: contestant.name,
    losses: sum(blocks.map((one) => one.losses)),
    reloads,
    served: reloads.filter((one) => one.servingMs !== null).length,
    steady: latencyOf(blocks.flatMap((one) => one.steady)),
    around: reloads.map((one) => latencyOf(one.took)),
  };
}

function losses(rows: readonly Summed[], rate: number, troubles: string): Table {
  return {
    title: 'Requests lost in reloads under load',
    columns: ['', 'reloads', 'served', ...FAILED_COLUMNS, 'closed: said', 'unsaid'],
    rows: rows.map(({ name, losses: one, reloads, served }) => [
      ...[name, count(reloads.length), count(served), ...failedCells(one)],
      ...[count(one.closed.announced), count(one.closed.unannounced)],
    ]),
    note:
      `${rate} requests a second, a third of what this client gets out of the bare app in this run, half of ` +
      'them on kept connections. No request is sent twice. Served: reloads after which the new release answered. ' +
      'Closed: kept connections that the server ended between two requests, with `Connection: close` ' +
      `in the answer before, or without.${troubles}`,
  };
}

function times(rows: readonly Summed[]): Table {
  return {
    title: 'Time that reloads under load take, in ms',
    columns: [
      ...['', 'p99 steady', 'p99 around', 'most steady', 'most around'],
      ...['serving', 'old gone', 'from'],
    ],
    rows: rows.map(({ name, steady, around, reloads }) => [
      ...[name, single(steady.p99, 1), spread(p99sOf(around), 1)],
      single(steady.most, 0),
      single(Math.max(...around.map((one) => one.most)), 0),
      spread(present(reloads.map((one) => one.servingMs))),
      spread(present(reloads.map((one) => one.goneMs))),
      reloads.every((one) => one.bySignal) ? 'signal' : 'command',
    ]),
    note:
      'From the time at which a request was to be sent to the whole answer. Around a reload: from 100 ms ' +
      'before the signal to 900 ms after it, or to 100 ms after the new release served and the old worker ' +
      'was gone if that was later. ' +
      'A failed request counts as slower than every answer; "failed" stands where one of them would. ' +
      'Serving: first answer of the new release. Both times are from the signal; from the start of the ' +
      'command where that is all there is.',
  };
}

function idleTable({ boots, all }: Idle): Table {
  return {
    title: 'Reload of an idle server, in ms',
    columns: ['', 'reloads', 'serving', 'beyond the bare boot', 'old gone after that'],
    rows: [
      ['bare node, boot', count(boots.length), spread(boots, 1), null, null],
      ...all.map(({ contestant, serving, beyondBoot, goneAfter }) => [
        ...[contestant.name, count(serving.length), spread(serving, 1)],
        ...[spread(beyondBoot, 1), spread(goneAfter, 1)],
      ]),
    ],
    note:
      'Boot of the bare app, from its start to its first answer, and reloads of each by turns. One prober ' +
      'asks each millisecond, on a new connection.',
  };
}

function budgets(rows: readonly Summed[]): Budget[] {
  const ours = rows.find((one) => one.name === gracefulRun.name);
  if (!ours) return [];
  const p99 = medianP99(ours);
  const peers = rows.filter((one) => one !== ours).map(medianP99);
  const best = Math.min(...peers.filter(Number.isFinite));
  return [
    noFailures('failed requests', ours.losses.failed),
    noFailures('reloads that did not serve', ours.reloads.length - ours.served),
    ...atMost(
      'p99 around a reload against the steady p99',
      p99 / ours.steady.p99,
      MOST_P99_RATIO,
      '',
    ),
    ...atMost('p99 around a reload against the best peer', p99, best, 'ms'),
  ];
}

function idleBudgets({ all }: Idle): Budget[] {
  const ours = all.find((one) => one.contestant.name === gracefulRun.name);
  if (!ours) return [];
  const { beyondBoot, goneAfter } = ours;
  return [
    ...atMost(
      'signal to serving',
      summarize(beyondBoot).median,
      MOST_BEYOND_BOOT_MS,
      'ms beyond boot',
    ),
    ...atMost('serving to old gone, idle', summarize(goneAfter).median, MOST_GONE_AFTER_MS, 'ms'),
  ];
}

/** None when there is nothing to compare. */
function atMost(what: string, measured: number, limit: number, unit: string): Budget[] {
  if (Number.isNaN(measured) || !Number.isFinite(limit)) return [];
  return [{ what, measured, unit, kind: 'at most', limit, digits: 2 }];
}

const medianP99 = ({ around }: Summed) => summarize(p99sOf(around)).median;
const p99sOf = (around: Summed['around']) => around.map((one) => one.p99);
const present = (values: readonly (number | null)[]) => values.filter((ms) => ms !== null);
