// What an app starts by itself (children, threads, a cluster) is its own affair: no preload in it, no socket of
// ours, the environment as the user made it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { startServing } from '../../helpers/serving.js';
import { scratch } from '../../helpers/supervisor.js';

interface View {
  readonly env: NodeJS.ProcessEnv;
  readonly preloaded: number | null;
}

for (const [what, options] of [
  ['nothing', undefined],
  [
    'a preload with spaces and quotes, and another option',
    '  --no-warnings   --require  "./my code/the \\"first\\".cjs" ',
  ],
] as const) {
  test(`NODE_OPTIONS of the user: ${what}`, async (t) => {
    const cwd = scratch(t);
    mkdirSync(join(cwd, 'my code'));
    writeFileSync(join(cwd, 'my code/the "first".cjs'), 'globalThis.preloadedBy = process.pid;\n');
    const env = options === undefined ? {} : { NODE_OPTIONS: options };
    const { address, pid } = await startServing(t, 'tells-environment.mjs', [], { cwd, env });
    const views: Record<'app' | 'child' | 'thread', View> = JSON.parse(await get(address));
    for (const [who, { env: seen, preloaded }] of Object.entries(views)) {
      assert.equal(seen.NODE_OPTIONS, options, who);
      assert.equal(seen.GRACEFUL_RUN_WIRE, undefined, who);
      assert.equal(seen.NODE_CHANNEL_FD, undefined, who);
      assert.equal(typeof preloaded, options ? 'number' : 'object', who);
    }
    if (options) assert.equal(views.app.preloaded, pid);
  });
}

for (const [app, answer] of [
  ['has-serving-child.mjs', /^child \d+$/],
  ['serves-in-thread.mjs', /^thread \d+$/],
] as const) {
  test(`${app}: its own server is not ours`, async (t) => {
    const { master, status, address } = await startServing(t, app);
    assert.equal(status.sockets.length, 1);
    const first = await get(address);
    assert.match(await get(first), answer);

    assert.equal((await master.client('reload')).status, 0);
    const after = await master.settled(2);
    assert.equal(after.sockets.length, 1);
    const second = await get(addressOf(after));
    assert.notEqual(second, first);
    assert.match(await get(second), answer);
    await eventually(
      'the server of the old generation is gone',
      () => get(first).catch((error: NodeJS.ErrnoException) => error.code),
      (code) => code === 'ECONNREFUSED',
    );
  });
}

test('node:cluster in the app', async (t) => {
  const cwd = scratch(t);
  const { master, address } = await startServing(t, 'uses-cluster.mjs', [], { cwd });
  assert.equal(address, `unix:${cwd}/app.sock`);
  const members = async () => new Set([await get(address), await get(address)]);
  const before = await eventually('two members answer', members, ({ size }) => size === 2);
  for (const one of before) assert.match(one, /^1 [12] \d+$/);

  assert.equal((await master.client('reload')).status, 0);
  await master.settled(2);
  const after = await eventually('two new members answer', members, ({ size }) => size === 2);
  for (const one of after) assert.match(one, /^2 [12] \d+$/);
});
