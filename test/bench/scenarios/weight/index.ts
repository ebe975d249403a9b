// What the supervisor itself costs: memory, wake-ups, its part of a start, its size on the disk.
import { setTimeout as pause } from 'node:timers/promises';
import type { Peer, Running } from '../../peers/peer.js';
import { type Usage, usageOf } from '../../proc/usage.js';
import type { Report } from '../../report/report.js';
import { runningOf, withContestants, withTroubles } from '../contestant.js';
import type { Context, Scenario } from '../scenario.js';
import { firstAnswers } from './first-answer.js';
import { type Reloads, reloadOften } from './reloads.js';
import { budgetsOf, tablesOf, type Weighed } from './tables.js';

export const weight: Scenario = {
  name: 'weight',
  about: 'memory and wake-ups of the supervisor, command to first answer, installed size',
  async run({ peers, quick, say }: Context): Promise<Report> {
    const effort = quick
      ? {
          settleMs: 500,
          restMs: 500,
          idleMs: 5000,
          reloads: 5,
          reloadLimitMs: 5000,
          rounds: { all: 2, most: 2 },
        }
      : {
          // V8 tidies up once, about ten seconds after a start: whoever is idle has that behind it.
          settleMs: 15_000,
          idleMs: 30_000,
          restMs: 2000,
          reloads: 100,
          reloadLimitMs: 45_000,
          rounds: { all: 5, most: 15 },
        };
    say(`starting ${peers.map(({ name }) => name).join(', ')}`);
    const { weighed, contestants } = await withContestants(peers, {}, async (contestants) => {
      const running = runningOf(contestants);
      await pause(effort.settleMs);
      const before = running.map(take);
      say(`all idle for ${effort.idleMs / 1000} s`);
      await pause(effort.idleMs);
      const idle = running.map(take);
      say(`${effort.reloads} reloads each`);
      const reloads = await reloadAll(running, effort, say);
      await pause(effort.restMs);
      const weighed = running.map(({ peer }, i): Weighed => {
        const [from, to] = [before[i] as Usage[], idle[i] as Usage[]];
        const done = reloads[i] as Reloads;
        const after = running[i]?.reload ? take(running[i] as Running) : null;
        return { peer, before: from, idle: to, idleMs: effort.idleMs, reloads: done.done, after };
      });
      return { weighed, contestants };
    });
    const present = weighed.map(({ peer }) => peer);
    say('command to first answer');
    const first = await firstAnswers(present, present.filter(isMeasuredOften), effort.rounds);
    const tables = tablesOf(weighed, first, effort.reloads);
    return { tables: withTroubles(tables, contestants), budgets: budgetsOf(weighed, first) };
  },
};

const take = (running: Running): Usage[] => running.processes().supervisor.map(usageOf);

const isMeasuredOften = ({ name }: Peer) => name === 'graceful-run' || name === 'bare node';

/** A contestant that fails is told, and weighed as it is then; our own must not fail. */
async function reloadAll(
  running: readonly Running[],
  { reloads, reloadLimitMs }: { reloads: number; reloadLimitMs: number },
  say: Context['say'],
): Promise<Reloads[]> {
  return Promise.all(
    running.map(async (one) => {
      const done = await reloadOften(one, reloads, reloadLimitMs);
      if (done.problem === null) return done;
      const text = `${one.peer.name}: reload ${done.done + 1}: ${done.problem}`;
      if (one.peer.name === 'graceful-run') throw new Error(text);
      say(text);
      return done;
    }),
  );
}
