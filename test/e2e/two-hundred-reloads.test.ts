// A long life: after 200 reloads, some of which failed, the master holds what it held at the start.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendControlRequest } from '../../src/control/client.js';
import { deploy } from '../helpers/deploy.js';
import { fixture, node } from '../helpers/paths.js';
import { kindsOfDescriptors, type Memory, memoryOf, zombiesOf } from '../helpers/process-usage.js';
import { isBrief } from '../helpers/short-mode.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';

const RELOADS = isBrief ? 20 : 200;
const GOOD = "export const release = 'good';";
const BROKEN = "throw new Error('a broken release');";
/** A roll back must not leave anything behind either. */
const isBroken = (nth: number) => nth % 20 === 10;
/** The heap has found its size by then. */
const WARM_UP = 50;
const REPORT_AT = [20, 50, 100, 200];
/** Generous: live memory does not grow at all, as snapshots of the heap have shown. */
const MOST_GROWTH_KIB = 12 * 1024;
/** Else V8 lets garbage lie until it has 48 MiB of it, and no growth could be told from that. */
const TIDY = '--max-semi-space-size=1';

test(`${RELOADS} reloads leave no descriptor, no zombie and no memory behind`, async (t) => {
  const cwd = scratch(t);
  const release = join(cwd, 'release.mjs');
  const control = join(cwd, 'control.sock');
  deploy(release, GOOD);
  const env = { RELEASE: release, GRACEFUL_RUN_CONTROL: control, NODE_OPTIONS: TIDY };
  const master = startSupervisor(t, ['--', node, fixture('hammer-app.mjs')], { cwd, env });
  await master.settled(1);
  // Over the control socket, so that its connections are counted as well. No command: a Node each time.
  const reload = () => sendControlRequest([control], { command: 'reload', wait: true });
  await reload();
  await master.settled(2);
  const before = kindsOfDescriptors(master.pid);
  const memory = new Map<number, Memory>();

  for (let nth = 1; nth <= RELOADS; nth += 1) {
    const broken = isBroken(nth);
    deploy(release, broken ? BROKEN : GOOD);
    assert.equal((await reload()).ok, !broken, `reload ${nth}`);
    if (REPORT_AT.includes(nth)) memory.set(nth, memoryOf(master.pid));
  }
  for (const [nth, { rss, anonymous }] of memory) {
    t.diagnostic(`after ${nth} reloads: VmRSS ${rss} KiB, RssAnon ${anonymous} KiB`);
  }

  await master.settled(RELOADS + 2);
  assert.deepEqual(kindsOfDescriptors(master.pid), before);
  assert.deepEqual(zombiesOf(master.pid), []);
  // Of a short life it tells nothing.
  if (isBrief) return;
  const grown = anonymousAfter(RELOADS) - anonymousAfter(WARM_UP);
  assert.ok(grown < MOST_GROWTH_KIB, `RssAnon has grown by ${grown} KiB`);

  function anonymousAfter(nth: number): number {
    return memory.get(nth)?.anonymous ?? Number.NaN;
  }
});
