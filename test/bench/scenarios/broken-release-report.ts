// What became of broken releases, as a table and budgets. Pure.
import type { Losses } from '../clients/losses.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { CommandResult } from '../peers/peer.js';
import type { Cell, Report } from '../report/report.js';
import { numberText } from '../report/text.js';
import { COMMAND_LIMIT_MS } from './contestant.js';
import { FAILED_COLUMNS, failedCells, noFailures, single, spread } from './figures.js';

const GENERATION_1 = 'release 1';
export const NOBODY = 'nobody';
/** Of a command of ours that was refused. */
const REFUSED = 1;

export interface Seen {
  readonly name: string;
  /** Of the reloads to broken releases, and who served after each. */
  readonly results: readonly CommandResult[];
  readonly serves: readonly string[];
  /** Before the good release was asked for. */
  readonly losses: Losses;
  /** Milliseconds until the first answer of the good release; null when none came. */
  readonly recoveryMs: number | null;
}

export interface Conditions {
  /** Requests a second. */
  readonly rate: number;
  /** Broken releases for each. */
  readonly broken: number;
  /** When it is looked who serves: milliseconds after the end of a command. */
  readonly lookMs: readonly [number, number];
}

export function reportOf(rows: readonly Seen[], conditions: Conditions, troubles: string): Report {
  const { rate, broken, lookMs } = conditions;
  const ours = rows.find((one) => one.name === gracefulRun.name);
  return {
    tables: [
      {
        title: 'Reload to a release that throws while it boots',
        columns: [
          ...['', 'exit status', 'command, ms', 'serves then', 'good one serves, ms'],
          ...FAILED_COLUMNS,
        ],
        rows: rows.map((one) => [
          ...[one.name, statusCell(one.results), tookCell(one.results)],
          ...[distinct(one.serves), one.recoveryMs === null ? 'never' : single(one.recoveryMs)],
          ...failedCells(one.losses),
        ]),
        note:
          `${rate} requests a second, half of them on kept connections. Each contestant ran once, in the order ` +
          `of the table. Reloads to broken releases: ${broken}, by the command that a user types; then one to ` +
          `a good release, the losses of which are not counted. Serves then: who answered ${lookMs[0]} to ` +
          `${lookMs[1]} ms after the command had ended. A command that has not ended in ` +
          `${COMMAND_LIMIT_MS / 1000} s is ended, and has no status. A dash: a signal, no command; by stop ` +
          `and start, a restart that asks no further when the program has been executed.${troubles}`,
      },
    ],
    budgets: ours ? budgets(ours) : [],
  };
}

function budgets({ losses, results, serves }: Seen) {
  const otherwise = results.filter(({ status }) => status !== REFUSED);
  const others = serves.filter((text) => text !== GENERATION_1);
  return [
    noFailures('failed requests', losses.failed),
    noFailures('commands that did not end with 1', otherwise.length),
    noFailures('broken releases after which release 1 did not serve', others.length),
  ];
}

function statusCell(results: Seen['results']): Cell {
  if (results.every(({ from }) => from !== 'command')) return null;
  return distinct(results.map(({ status }) => (status === null ? 'none' : String(status))));
}

function tookCell(results: Seen['results']): Cell {
  if (results.every(({ from }) => from === 'signal')) return null;
  if (results.some(({ timedOut }) => timedOut)) return `> ${numberText(COMMAND_LIMIT_MS)}`;
  return spread(results.map(({ tookMs }) => tookMs));
}

const distinct = (texts: readonly string[]): string => [...new Set(texts)].join(', then ');
