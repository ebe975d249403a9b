// A day of somebody who writes: 500 saves at random moments, many of them broken, and a client that never stops.
// `SEED=<n>` makes the same saves again.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { dice } from '../core/world.js';
import { addressOf, connectTo, get } from '../helpers/client.js';
import { eventually } from '../helpers/eventually.js';
import {
  childrenOf,
  kindsOfDescriptors,
  memoryOf,
  watchesOf,
  zombiesOf,
} from '../helpers/footprint.js';
import type { Endpoint } from '../helpers/load/connection.js';
import { type ClientKind, startLoad } from '../helpers/load/load.js';
import { describe } from '../helpers/load/report.js';
import { fixture, node } from '../helpers/paths.js';
import { type Supervisor, scratch, startSupervisor } from '../helpers/supervisor.js';
import { Writing } from '../helpers/writing.js';

const SAVES = 500;
/** The heap has found its size by then. */
const WARM_UP = 100;
/** Generous: about as much as two hundred reloads are granted. */
const MOST_GROWTH_KIB = 16 * 1024;
/** Else V8 lets garbage lie until it has 48 MiB of it, and no growth could be told from that. */
const TIDY = '--max-semi-space-size=1';
/** A day on which less happened proves nothing. The slowest machine has time for more. */
const LEAST = { rolledOut: 20, failed: 10 };

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
  const writing = new Writing(cwd, dice(seed));
  const command = ['dev', '--log-level', 'info', '--', node, 'app.mjs'];
  const env = { NODE_OPTIONS: TIDY };
  const master = startSupervisor(t, command, { cwd, env });
  const address = addressOf(await master.settled(1));
  await serves(master, address, writing.all());
  const before = holdingsOf(master.pid);
  const load = startLoad([connectTo(address) as Endpoint], CLIENTS);
  t.after(() => load.stop());

  for (let nth = 0; nth < WARM_UP; nth += 1) await writing.save();
  const warm = memoryOf(master.pid);
  for (let nth = WARM_UP; nth < SAVES; nth += 1) await writing.save();
  const last = writing.all();
  await serves(master, address, last);
  await staysWith(master, address, last, () => writing.break('second'));
  const report = await load.stop();
  const { reloads } = await master.settled();
  t.diagnostic(`${JSON.stringify(writing.done)}; reloads ${JSON.stringify(reloads)}`);
  t.diagnostic(describe(report));

  assert.equal(report.failed, 0, describe(report));
  assert.ok(reloads.ok >= LEAST.rolledOut, `${reloads.ok} roll outs`);
  assert.ok(reloads.failed >= LEAST.failed, `${reloads.failed} failures`);
  await serves(master, address, writing.all());
  await eventually(
    `as at the start: ${JSON.stringify(before)}`,
    () => holdingsOf(master.pid),
    (now) => isDeepStrictEqual(now, before),
  );
  const { rss, anonymous } = memoryOf(master.pid);
  const grown = anonymous - warm.anonymous;
  t.diagnostic(`VmRSS ${warm.rss} KiB after ${WARM_UP} saves, ${rss} KiB at the end`);
  t.diagnostic(`RssAnon ${warm.anonymous} KiB and ${anonymous} KiB`);
  assert.ok(grown < MOST_GROWTH_KIB, `RssAnon has grown by ${grown} KiB`);
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
