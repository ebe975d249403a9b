// A day of somebody who writes: 500 saves at random moments, many of them broken, and a client that never stops.
// `SEED=<n>` makes the same saves again.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { dice } from '../../core/dice.js';
import { addressOf, connectTo, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import type { Endpoint } from '../../helpers/load/connection.js';
import { type ClientKind, startLoad } from '../../helpers/load/load.js';
import { describe } from '../../helpers/load/report.js';
import { fixture, node } from '../../helpers/paths.js';
import {
  childrenOf,
  kindsOfDescriptors,
  type Memory,
  memoryOf,
  watchesOf,
  zombiesOf,
} from '../../helpers/processes/process-usage.js';
import { isBrief } from '../../helpers/short-mode.js';
import { type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { Writing } from '../../helpers/watch/save-generator.js';

/** After each stretch the page is looked at: who saves faster than the app boots keeps the old version until then. */
const SAVES_OF_STRETCH = 100;
const STRETCHES = isBrief ? 1 : 5;
const SAVES = STRETCHES * SAVES_OF_STRETCH;
/** In stretches. The heap has found its size by then. */
const WARM_UP = 1;
/** Generous: live memory does not grow at all, as its size after collections has shown; what lies about does. */
const MOST_GROWTH_KIB = 16 * 1024;
/** Else V8 lets garbage lie until it has 48 MiB of it, and no growth could be told from that. */
const TIDY = '--max-semi-space-size=1';

/** Modest: the processors are for the new generations. The slow ones are under way in many a hand-off. */
const CLIENTS: readonly ClientKind[] = [
  { kind: 'fast', keepAlive: false, count: 3, pauseMs: 20 },
  { kind: 'fast', keepAlive: true, count: 2, pauseMs: 20 },
  { kind: 'slow', keepAlive: false, count: 1 },
  { kind: 'slow', keepAlive: true, count: 1 },
];

test(`${SAVES} saves at random moments lose no request and leave nothing behind`, async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`SEED=${seed}`);
  const cwd = scratch(t);
  cpSync(fixture('saved-app'), cwd, { recursive: true });
  const writing = new Writing(cwd, dice(seed).roll);
  const command = ['dev', '--log-level', 'info', '--', node, 'app.mjs'];
  const env = { NODE_OPTIONS: TIDY };
  const master = startSupervisor(t, command, { cwd, env });
  const address = addressOf(await master.settled(1));
  await serves(master, address, writing.all());
  const before = holdingsOf(master.pid);
  assert.ok(before.watches > 0 && before.children > 0, 'what is counted is there');
  const load = startLoad([connectTo(address) as Endpoint], CLIENTS);
  t.after(() => load.stop());

  const memory: Memory[] = [];
  for (let nth = 0; nth < STRETCHES; nth += 1) {
    for (let save = 0; save < SAVES_OF_STRETCH; save += 1) await writing.save();
    const versions = writing.all();
    await serves(master, address, versions);
    await staysWith(master, address, versions, () => writing.breakAny());
    memory.push(memoryOf(master.pid));
  }
  const report = await load.stop();
  const { reloads } = await master.settled();
  t.diagnostic(`${JSON.stringify(writing.done)}; reloads ${JSON.stringify(reloads)}`);
  t.diagnostic(describe(report));

  assert.equal(report.failed, 0, describe(report));
  await serves(master, address, writing.all());
  await eventually(
    `as at the start: ${JSON.stringify(before)}`,
    () => holdingsOf(master.pid),
    (now) => isDeepStrictEqual(now, before),
  );
  for (const what of ['rss', 'anonymous'] as const)
    t.diagnostic(`${what} after each stretch: ${memory.map((one) => one[what]).join(', ')} KiB`);
  // Of a short life it tells nothing.
  if (isBrief) return;
  const grown = anonymousAfter(STRETCHES) - anonymousAfter(WARM_UP);
  assert.ok(grown < MOST_GROWTH_KIB, `RssAnon has grown by ${grown} KiB`);

  function anonymousAfter(stretches: number): number {
    return memory[stretches - 1]?.anonymous ?? Number.NaN;
  }
});

/** But for its memory. */
const holdingsOf = (pid: number) => ({
  descriptors: kindsOfDescriptors(pid),
  watches: watchesOf(pid),
  children: childrenOf(pid).length,
  zombies: zombiesOf(pid).length,
});

/** Alone: nothing of those before is left. */
async function serves(master: Supervisor, address: string, versions: string): Promise<void> {
  await eventually(
    `versions ${versions}`,
    () => get(address, '/versions'),
    (answer) => answer === versions,
  );
  await master.settled();
}

/** A save that cannot serve changes nothing for those who ask. */
async function staysWith(
  master: Supervisor,
  address: string,
  versions: string,
  spoil: () => void,
): Promise<void> {
  const { failed } = (await master.status()).reloads;
  spoil();
  await eventually(
    'it failed',
    () => master.status(),
    (status) => status.reloads.failed > failed && status.lastReload?.ok === false,
  );
  await master.settled();
  assert.equal(await get(address, '/versions'), versions);
}
