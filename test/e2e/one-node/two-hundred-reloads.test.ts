// After 200 reloads, some of which failed, the master holds what it held at the start.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendControlRequest } from '../../../src/control/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { kindsOfDescriptors, memoryOf, zombiesOf } from '../../helpers/processes/process-usage.js';
import { deploy } from '../../helpers/releases/deploy.js';
import { isBrief } from '../../helpers/short-mode.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';

const RELOADS = isBrief ? 20 : 200;
const GOOD = "export const release = 'good';";
const BROKEN = "throw new Error('a broken release');";
/** A roll back must not leave anything behind either. */
const isBroken = (nth: number) => nth % 20 === 10;
/** The heap has found its size by then. */
const WARM_UP = 50;
const SNAPSHOTS_AT = [50, 100, 200];
/** 100 bytes a reload: less than the smallest record that could be kept of a worker. */
const MOST_GROWTH_BYTES = 100 * 150;
/** What V8 makes of the functions that run often: it grows for thousands of reloads, and ends when all is compiled. */
const MADE_BY_COMPILER = ['code', 'hidden', 'object shape'];

test(`${RELOADS} reloads leave no descriptor, no zombie and no memory behind`, async (t) => {
  const cwd = scratch(t);
  const release = join(cwd, 'release.mjs');
  const control = join(cwd, 'control.sock');
  deploy(release, GOOD);
  const env = {
    ...{ RELEASE: release, GRACEFUL_RUN_CONTROL: control },
    NODE_OPTIONS: `--heapsnapshot-signal=SIGPWR --diagnostic-dir=${cwd}`,
  };
  const master = startSupervisor(t, ['--', node, fixture('hammer-app.mjs')], { cwd, env });
  await master.settled(1);
  // Over the control socket, so that its connections are counted as well. No command: a Node each time.
  const reload = () => sendControlRequest([control], { command: 'reload', wait: true });
  await reload();
  await master.settled(2);
  const before = kindsOfDescriptors(master.pid);
  const memory = new Map<number, number>();

  for (let nth = 1; nth <= RELOADS; nth += 1) {
    const broken = isBroken(nth);
    deploy(release, broken ? BROKEN : GOOD);
    assert.equal((await reload()).ok, !broken, `reload ${nth}`);
    if (!SNAPSHOTS_AT.includes(nth)) continue;
    await master.settled();
    memory.set(nth, await bytesInUse(nth));
    const { rss, anonymous } = memoryOf(master.pid);
    const counts = `${memory.get(nth)} bytes in use, VmRSS ${rss} KiB, RssAnon ${anonymous} KiB`;
    t.diagnostic(`after ${nth} reloads: ${counts}`);
  }

  await master.settled(RELOADS + 2);
  assert.deepEqual(kindsOfDescriptors(master.pid), before);
  assert.deepEqual(zombiesOf(master.pid), []);
  // A short life says nothing about memory.
  if (isBrief) return;
  const grown = (memory.get(RELOADS) ?? Number.NaN) - (memory.get(WARM_UP) ?? Number.NaN);
  assert.ok(grown < MOST_GROWTH_BYTES, `what is in use has grown by ${grown} bytes`);

  /** Bytes of the objects that the master reaches: neither garbage nor compiled code. */
  async function bytesInUse(nth: number): Promise<number> {
    master.signal('SIGPWR');
    const snapshots = () =>
      readdirSync(cwd)
        .filter((name) => name.endsWith('.heapsnapshot'))
        .sort();
    const count = SNAPSHOTS_AT.indexOf(nth) + 1;
    const names = await eventually('a snapshot', snapshots, (found) => found.length === count);
    // The master writes the file in one go, so it is complete when the master answers.
    await master.status();
    return sizeOf(join(cwd, names.at(-1) ?? ''));
  }
});

/** Sum of the sizes of all objects in a snapshot, whose format V8 describes in the file itself. */
function sizeOf(snapshotPath: string): number {
  const { snapshot, nodes } = JSON.parse(readFileSync(snapshotPath, 'utf8')) as {
    snapshot: { meta: { node_fields: string[]; node_types: [string[]] } };
    nodes: number[];
  };
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length) {
    const isCounted = !MADE_BY_COMPILER.includes(types[0][nodes[at + type] ?? 0] ?? '');
    if (isCounted) bytes += nodes[at + size] ?? 0;
  }
  return bytes;
}
