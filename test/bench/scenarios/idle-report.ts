// The reloads of idle servers as a table and budgets. Pure.
import { OVERLAP_MS } from '../../../src/cli/resolve-options.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Budget, Table } from '../report/report.js';
import { summarize } from '../statistics.js';
import { count, spread } from './figures.js';
import { type Idle, SLOW_BOOTS, SLOW_EVERY } from './idle-reloads.js';

const MOST_BEYOND_BOOT_MS = 5;
const MOST_GONE_AFTER_OVERLAP_MS = 100;

export function idleTable({ boots, all }: Idle): Table {
  return {
    title: 'Reload of an idle server, in ms',
    columns: ['', 'from', 'reloads', 'serving', 'beyond the bare boot', 'old gone after that'],
    rows: [
      ['bare node, boot', null, count(boots.length), spread(boots, 1), null, null],
      ...all.map(({ contestant, from, serving, beyondBoot, goneAfter }) => [
        ...[contestant.name, from, count(serving.length), spread(serving, 1)],
        ...[spread(beyondBoot, 1), spread(goneAfter, 1)],
      ]),
    ],
    note:
      'Boot of the bare app, from its start to its first answer, and reloads of each by turns. Whoever took as ' +
      `long as ${SLOW_BOOTS} boots in a round before these has every ${SLOW_EVERY}th of them, as has ` +
      'graceful-run by its command. The boot includes the fork of the bench itself, as does a restart; a reload ' +
      'has that of the contestant instead. From: the signal that asks for the reload, the start of the command ' +
      'that a user types, or of a restart, which asks for nothing and stops the old worker first. ' +
      'One prober asks every 4 ms on average, at random and on a new connection, in boots as in reloads: ' +
      'all times are late by 2 ms.',
  };
}

export function idleBudgets({ all }: Idle): Budget[] {
  const ours = all.find((one) => one.contestant.name === gracefulRun.name && one.from === 'signal');
  const goneAfterOverlap = ours?.goneAfter.map((ms) => ms - OVERLAP_MS);
  const medianOf = (values: readonly number[] = []) => summarize(values).median;
  return [
    {
      ...{ what: 'signal to serving', unit: 'ms beyond boot', kind: 'at most' },
      ...{ measured: medianOf(ours?.beyondBoot), limit: MOST_BEYOND_BOOT_MS, digits: 2 },
    },
    {
      // Both generations accept during the overlap by intention: what counts is how soon after it the old one is gone.
      ...{ what: 'end of the overlap to old gone, idle', unit: 'ms', kind: 'at most' },
      ...{ measured: medianOf(goneAfterOverlap), limit: MOST_GONE_AFTER_OVERLAP_MS, digits: 2 },
    },
  ];
}
