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
  /** Of all processes, per request, in microseconds, and that by the bare app's. */
  readonly cpu: number[];
  readonly cpuRatios: number[];
  /** Processor time of all processes of the contestant, and of the client, per time of the slice. */
  readonly serverCores: number[];
  readonly clientCores: number[];
  /** In milliseconds, at a constant rate. */
  readonly p50: number[];
  readonly p99: number[];
  /** How much later than due the client sent, in milliseconds. */
  readonly late50: number[];
  readonly late99: number[];
}

interface Row {
  readonly contestant: Contestant;
  readonly measured: ReadonlyMap<Shape, Measured>;
  readonly lost: number;
}

const LEAST_RATIO = 0.98;
/** As near as two servers that are the same come to each other in a run. */
const MOST_CPU_RATIO = 1.05;
const LEAST_TIMES_PM2 = 1.5;
const PM2 = 'pm2';

/** `warmUpMs`: the part of a slice of constant rate that is left out of p50 and p99; for the note. */
export function reportOf(rows: readonly Row[], warmUpMs: number): Report {
  const ours = rows.find(({ contestant }) => contestant.peer === gracefulRun);
  const lost: Table = {
    title: 'Failed requests, all shapes together',
    columns: ['', 'failed'],
    rows: rows.map(({ contestant, lost: failed }) => [contestant.name, count(failed)]),
  };
  const anyLost = rows.some((row) => row.lost > 0);
  return {
    tables: [...SHAPES.map((shape) => tableOf(rows, shape, warmUpMs)), ...(anyLost ? [lost] : [])],
    budgets: ours
      ? [
          noFailures('failed requests', wasAsked(ours) ? ours.lost : Number.NaN),
          ...againstBare(ours, 'keep-alive'),
          ...againstBare(ours, 'a connection each'),
          ...timesPm2(rows, ours),
        ]
      : [],
  };
}

const COLUMNS = [
  ['requests/s', 'rates', 0],
  ['by bare', 'ratios', 3],
  ['CPU, µs', 'cpu', 1],
  ['CPU by bare', 'cpuRatios', 3],
  ['server, cores', 'serverCores', 2],
  ['client, cores', 'clientCores', 2],
  ['p50, ms', 'p50', 2],
  ['p99, ms', 'p99', 2],
  ['client late p50, ms', 'late50', 2],
  ['client late p99, ms', 'late99', 2],
] as const satisfies readonly (readonly [string, keyof Measured, number])[];

function tableOf(rows: readonly Row[], shape: Shape, warmUpMs: number): Table {
  return {
    title: TITLES[shape],
    columns: ['', ...COLUMNS.map(([title]) => title)],
    rows: rows.map(({ contestant, measured }) => {
      const seen = measured.get(shape) as Measured;
      return [contestant.name, ...COLUMNS.map(([, what, digits]) => spread(seen[what], digits))];
    }),
    note:
      'Requests/s, CPU and cores: clients of one process that ask as soon as they are answered, in short slices ' +
      'by turns; both ratios to the bare app are those of each round. CPU: of all processes of the contestant, per ' +
      'request. Cores: processor time of all processes of the contestant, and of the client, per time of the ' +
      'slice. Where the client is near 1 it is what limits requests/s: there the server could do more, and CPU is ' +
      'what tells. p50 and p99: at a constant rate of a third of what this client gets out of the bare app, from ' +
      `the time at which a request was to be sent; the first ${warmUpMs} ms of a slice, in which the connections ` +
      'are opened, are left out. Client late: how much later than due the client sent, because its timer is no ' +
      'finer than 1 ms, it was busy, or its connections all waited for the server; p50 and p99 contain ' +
      `it.${troublesOf(rows.map((row) => row.contestant))}`,
  };
}

const TITLES: Record<Shape, string> = {
  'keep-alive': 'Steady, kept connections',
  'a connection each': 'Steady, a connection for each request',
  mix: 'Steady, half of the requests on kept connections',
};

/** One that did not start has lost nothing. */
const wasAsked = ({ measured }: Row) =>
  [...measured.values()].some(({ rates }) => rates.length > 0);

function againstBare({ measured }: Row, shape: Shape): Budget[] {
  const median = (what: keyof Measured) => summarize(measured.get(shape)?.[what] ?? []).median;
  return [
    {
      ...{ what: `requests/s by bare node, ${shape}`, measured: median('ratios'), unit: '' },
      ...{ kind: 'at least', limit: LEAST_RATIO, digits: 3 },
    },
    {
      ...{ what: `CPU of a request by bare node, ${shape}`, measured: median('cpuRatios') },
      ...{ unit: '', kind: 'at most', limit: MOST_CPU_RATIO, digits: 3 },
    },
  ];
}

/** None without pm2. */
function timesPm2(rows: readonly Row[], ours: Row): Budget[] {
  const rateOf = (row?: Row) =>
    summarize(row?.measured.get('a connection each')?.rates ?? []).median;
  const pm2 = rateOf(rows.find(({ contestant }) => contestant.name === PM2));
  if (Number.isNaN(pm2)) return [];
  return [
    {
      ...{ what: 'requests/s by pm2, a connection each', measured: rateOf(ours) / pm2 },
      ...{ unit: '', kind: 'at least', limit: LEAST_TIMES_PM2, digits: 3 },
    },
  ];
}
