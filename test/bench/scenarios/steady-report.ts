// What the steady scenario has seen, as tables and budgets. Pure.
import { SHAPES, type Shape } from '../clients/load-spec.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Budget, Report, Table } from '../report/report.js';
import { summarize } from '../statistics.js';
import { type Contestant, troublesOf } from './contestant.js';
import { count, noFailures, spread } from './figures.js';

/** One value of each slice. */
export interface Measured {
  /** Answers a second of a load that saturates, and that by the rate of the bare app. */
  readonly rates: number[];
  readonly ratios: number[];
  /** Of all processes, per request, in microseconds. */
  readonly cpu: number[];
  /** In milliseconds, at a constant rate. */
  readonly p50: number[];
  readonly p99: number[];
}

interface Row {
  readonly contestant: Contestant;
  readonly measured: ReadonlyMap<Shape, Measured>;
  readonly lost: number;
}

const LEAST_RATIO = 0.98;
const LEAST_TIMES_PM2 = 1.5;
const PM2 = 'pm2';

export function reportOf(rows: readonly Row[]): Report {
  const ours = rows.find(({ contestant }) => contestant.peer === gracefulRun);
  const lost: Table = {
    title: 'Failed requests, all shapes together',
    columns: ['', 'failed'],
    rows: rows.map(({ contestant, lost: failed }) => [contestant.name, count(failed)]),
  };
  const anyLost = rows.some((row) => row.lost > 0);
  return {
    tables: [...SHAPES.map((shape) => tableOf(rows, shape)), ...(anyLost ? [lost] : [])],
    budgets: ours
      ? [
          noFailures('failed requests', ours.lost),
          ...ratioToBare(ours, 'keep-alive'),
          ...ratioToBare(ours, 'a connection each'),
          ...timesPm2(rows, ours),
        ]
      : [],
  };
}

function tableOf(rows: readonly Row[], shape: Shape): Table {
  return {
    title: TITLES[shape],
    columns: ['', 'requests/s', 'by bare', 'CPU, µs', 'p50, ms', 'p99, ms'],
    rows: rows.map(({ contestant, measured }) => {
      const { rates, ratios, cpu, p50, p99 } = measured.get(shape) as Measured;
      return [
        ...[contestant.name, spread(rates), spread(ratios, 3), spread(cpu, 1)],
        ...[spread(p50, 2), spread(p99, 2)],
      ];
    }),
    note:
      'Requests/s and CPU: clients that ask as soon as they are answered, in short slices by turns; the ' +
      'ratio to the bare app is that of each round. CPU: of all processes of the contestant, per request. ' +
      'p50 and p99: at a constant rate of a third of what the bare app stands, from the time at which a ' +
      `request was to be sent.${troublesOf(rows.map((row) => row.contestant))}`,
  };
}

const TITLES: Record<Shape, string> = {
  'keep-alive': 'Steady, kept connections',
  'a connection each': 'Steady, a connection for each request',
  mix: 'Steady, half of the requests on kept connections',
};

function ratioToBare({ measured }: Row, shape: Shape): Budget[] {
  const { ratios = [] } = measured.get(shape) ?? {};
  const ratio = summarize(ratios).median;
  return atLeast(`requests/s by bare node, ${shape}`, ratio, LEAST_RATIO);
}

function timesPm2(rows: readonly Row[], ours: Row): Budget[] {
  const pm2 = rows.find(({ contestant }) => contestant.name === PM2);
  const rateOf = (row?: Row) =>
    summarize(row?.measured.get('a connection each')?.rates ?? []).median;
  const times = rateOf(ours) / rateOf(pm2);
  return atLeast('requests/s by pm2, a connection each', times, LEAST_TIMES_PM2);
}

/** None when there is nothing to compare. */
function atLeast(what: string, measured: number, limit: number): Budget[] {
  if (Number.isNaN(measured)) return [];
  return [{ what, measured, unit: '', kind: 'at least', limit, digits: 3 }];
}
