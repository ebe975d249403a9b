// What saves have cost, as a table and budgets. Pure.
import { percentile } from '../../clients/latency.js';
import { sum } from '../../clients/losses.js';
import { gracefulRunDev } from '../../peers/graceful-run-dev.js';
import type { Budget, Cell, Report } from '../../report/report.js';
import { summarize } from '../../statistics.js';
import type { Contestant } from '../contestant.js';
import { count, FAILED_COLUMNS, failedCells, noFailures, single, spread } from '../figures.js';
import { AFTER_MS, isMissed, LIMIT_MS, RATE, type Save } from './save.js';

const MOST_BEYOND_BOOT_MS = 60;

/** Of one contestant. */
export interface SavesOf {
  readonly contestant: Pick<Contestant, 'name'>;
  readonly saves: readonly Save[];
  /** Milliseconds from each save to the new version, less the boot of the bare app in the same round. */
  readonly beyondBoot: readonly number[];
}

export interface Saved {
  /** Milliseconds from the start of the bare app to its first answer. */
  readonly boots: readonly number[];
  readonly all: readonly SavesOf[];
}

/** `troubles`: sentences for the note. */
export function reportOf({ boots, all }: Saved, troubles: string): Report {
  const nothing = Array.from<Cell>({ length: FAILED_COLUMNS.length }).fill(null);
  return {
    tables: [
      {
        title: 'From a save to the first answer of the new version, in ms, and requests meanwhile',
        columns: [
          '',
          'saves',
          'missed',
          'serving',
          'p90',
          'beyond the bare boot',
          ...FAILED_COLUMNS,
        ],
        rows: [
          [
            'bare node, boot',
            count(boots.length),
            null,
            spread(boots),
            p90(boots),
            null,
            ...nothing,
          ],
          ...all.map(rowOf),
        ],
        note:
          'The version is in a module that the app imports over three others; it is saved in place and by a rename ' +
          'by turns, as editors do. All contestants run all the time and are saved one after the other, in rounds, ' +
          'the first of which does not count, with a boot of the bare app in each: a watcher that nobody gives ' +
          `anything to do sleeps. ${RATE} requests a second to the one that is saved, each on a new connection; ` +
          `counted are those from the save until ${AFTER_MS} ms after the first answer of the new version. Boot and ` +
          'serving are both late by 2 ms on average, for nobody asks all the time. Missed: no answer of the new ' +
          `version within ${LIMIT_MS / 1000} s; the times are those of the others, and who has missed one is started ` +
          `anew before the next.${troubles}`,
      },
    ],
    budgets: budgetsOf(all.find(({ contestant }) => contestant.name === gracefulRunDev.name)),
  };
}

function rowOf({ contestant, saves, beyondBoot }: SavesOf): Cell[] {
  const serving = saves.map(({ servingMs }) => servingMs).filter(Number.isFinite);
  return [
    ...[contestant.name, count(saves.length), count(missed(saves))],
    ...[spread(serving), p90(serving), spread(beyondBoot.filter(Number.isFinite))],
    ...failedCells(sum(saves.map(({ losses }) => losses))),
  ];
}

/** A missed save never ended. Without a save of ours nothing was shown, and none is met. */
function budgetsOf(ours: SavesOf | undefined): Budget[] {
  const { saves = [], beyondBoot = [] } = ours ?? {};
  const asked = saves.length > 0;
  const { failed } = sum(saves.map(({ losses }) => losses));
  return [
    {
      ...{ what: 'save to the first answer of the new version', unit: 'ms beyond boot' },
      ...{ kind: 'at most', measured: summarize(beyondBoot).median, limit: MOST_BEYOND_BOOT_MS },
      digits: 1,
    },
    noFailures('failed requests', asked ? failed : Number.NaN),
    noFailures('missed saves', asked ? missed(saves) : Number.NaN),
  ];
}

const p90 = (values: readonly number[]): Cell =>
  single(percentile(Float64Array.from(values).sort(), 90));

const missed = (saves: readonly Save[]): number => saves.filter(isMissed).length;
