// What it costs to save a file of an app that is being written: time until the new version answers, and requests.
import { setTimeout as pause } from 'node:timers/promises';
import { LoadProcess } from '../../clients/load.js';
import { startWatchedBare } from '../../peers/watched-bare.js';
import { SAVES } from '../../peers/watcher.js';
import type { Report } from '../../report/report.js';
import { numberText } from '../../report/text.js';
import { type Contestant, troublesOf, withContestants } from '../contestant.js';
import type { Context, Scenario } from '../scenario.js';
import { isMissed, type Save, saveOnce } from './save.js';
import { reportOf, type Saved } from './tables.js';

const ROUNDS = 30;
const QUICK_ROUNDS = 3;
/** The first save of each is not counted: its code is not compiled yet, nor what it watches settled. */
const WARM_UP_ROUNDS = 1;
/** Some look at their files only when the app has answered already. */
const SETTLE_MS = 1500;

export const saves: Scenario = {
  name: SAVES,
  about: 'thirty saves of a file of the app, and the requests meanwhile',
  async run({ peers, quick, say }: Context): Promise<Report> {
    const watching = peers.filter((peer) => peer.watches);
    const loads = new LoadProcess();
    try {
      return await withContestants(watching, {}, async (contestants) => {
        await pause(SETTLE_MS);
        const seen = await inRounds(contestants, loads, quick ? QUICK_ROUNDS : ROUNDS, say);
        return reportOf(seen, troublesOf(contestants));
      });
    } finally {
      await loads.end();
    }
  },
};

/**
 * A boot of the bare app and a save of each by turns: a busy moment hits all alike. The others sleep meanwhile, they
 * are told by the kernel what is saved.
 */
async function inRounds(
  contestants: readonly Contestant[],
  loads: LoadProcess,
  rounds: number,
  say: Context['say'],
): Promise<Saved> {
  const boots: number[] = [];
  const all = contestants.map((contestant) => ({
    ...{ contestant, saves: [] as Save[], beyondBoot: [] as number[] },
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const bootMs = await bareBoot();
    if (round >= 0) boots.push(bootMs);
    for (const { contestant, saves, beyondBoot } of round % 2 === 0 ? all : all.toReversed()) {
      const running = await contestant.up();
      const save = running && (await saveOnce(contestant, running, loads));
      if (save && isMissed(save)) await startAnew(contestant);
      if (!save || round < 0) continue;
      saves.push(save);
      beyondBoot.push(save.servingMs - bootMs);
    }
    say(`round ${round + 1} of ${rounds}: boot ${numberText(bootMs)} ms${lastOf(all)}`);
  }
  return { boots, all };
}

/** As its user would who has seen the old version again: some have lost sight of the file, and miss all that follow. */
async function startAnew(contestant: Contestant): Promise<void> {
  await contestant.stop();
  await contestant.up();
  await pause(SETTLE_MS);
}

async function bareBoot(): Promise<number> {
  const running = await startWatchedBare({});
  await running.stop();
  return running.firstAnswerMs;
}

function lastOf(all: Saved['all']): string {
  return all
    .map(({ contestant, saves }) => ({ name: contestant.name, last: saves.at(-1) }))
    .map(({ name, last }) =>
      last ? `; ${name} ${numberText(last.servingMs)} ms, ${last.losses.failed} failed` : '',
    )
    .join('');
}
