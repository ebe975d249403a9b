// What statuses cost as a table, and what graceful-run is held to. Pure.
import type { Budget, Table } from '../../report/report.js';
import { summarize } from '../../statistics.js';
import { spread as figure } from '../figures.js';
import type { Round } from './status.js';

/** A fifth of what it takes to count them all in the loop. */
const MOST_LOOP_MS = 20;
/** As much as a reload may take beyond the boot of the app. */
const MOST_DELAY_MS = 5;

const COLUMNS = [
  ['request, ms', 'request'],
  ['command, ms', 'command'],
  ['CPU of the loop, ms', 'loop'],
  ['longest wait, ms', 'wait'],
  ['reload, ms', 'reloadAlone'],
  ['reload meanwhile, ms', 'reloadMeanwhile'],
] as const satisfies readonly (readonly [string, keyof Round])[];

export function statusTable(measured: ReadonlyMap<number, readonly Round[]>): Table {
  const [rounds = []] = measured.values();
  return {
    title: 'Status with more connections',
    columns: ['connections', ...COLUMNS.map(([title]) => title)],
    rows: [...measured].map(([count, these]) => [
      count.toLocaleString('en'),
      ...COLUMNS.map(([, what]) => figure(these.map(pluck(what)), 1)),
    ]),
    note:
      'Idle connections to one worker; the status has to count all of them. Request: asked on the control socket; ' +
      'command: `graceful-run status --json`. CPU of the loop: of the main thread of the master, for one ' +
      'status. Longest wait: how long the master took at most to answer another, empty request while it took ' +
      'a status. Reload meanwhile: asked for right behind a status. ' +
      `${rounds.length} rounds.`,
  };
}

export function statusBudgets(measured: ReadonlyMap<number, readonly Round[]>): Budget[] {
  const [last] = [...measured].slice(-1);
  if (!last) return [];
  const [count, rounds] = last;
  const median = (what: keyof Round) => summarize(rounds.map(pluck(what))).median;
  const atMost = (limit: number) => ({ unit: 'ms', kind: 'at most', limit, digits: 1 }) as const;
  const during = `during a status with ${count.toLocaleString('en')} connections`;
  const delays = rounds.map((round) => round.reloadMeanwhile - round.reloadAlone);
  return [
    {
      what: `CPU of the master's loop ${during}`,
      measured: median('loop'),
      ...atMost(MOST_LOOP_MS),
    },
    {
      what: `longest wait for the loop ${during}`,
      measured: median('wait'),
      ...atMost(MOST_DELAY_MS),
    },
    {
      what: `delay of a reload ${during}`,
      measured: summarize(delays).median,
      ...atMost(MOST_DELAY_MS),
    },
  ];
}

const pluck =
  (what: keyof Round) =>
  (round: Round): number =>
    round[what];
