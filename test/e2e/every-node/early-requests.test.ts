// What is asked of a master that is still opening its sockets: it is neither lost nor deadly.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../helpers/eventually.js';
import { fixture } from '../../helpers/paths.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

/** Resolves when the control socket is there; making the others listen for a program takes a while longer. */
async function startSlowly(t: TestContext) {
  const control = join(scratch(t), 'control', 'gr.sock');
  const listen = ['a', 'b', 'c'].flatMap((name) => ['--listen', `${name}=127.0.0.1:0`]);
  const words = [...listen, '--ready', 'fd', '--', '/bin/sh', fixture('tells-itself.sh')];
  const master = startSupervisor(t, words, { env: { GRACEFUL_RUN_CONTROL: control } });
  await eventually('the control socket', () => existsSync(control));
  return master;
}

test('signals do not end it', async (t) => {
  const master = await startSlowly(t);
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGWINCH'] as const) master.signal(signal);
  const { workers } = await served(master);
  assert.equal(workers[0]?.state, 'ready');
});

test('SIGTERM is a stop like any other', async (t) => {
  const master = await startSlowly(t);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
});

test('a client is answered when the answer is known', async (t) => {
  const master = await startSlowly(t);
  const { status, stdout } = await master.client('reload');
  assert.deepEqual([status, /generation [12] serves/.test(stdout)], [0, true], stdout);
});
