// --inspect: whoever asks at the one port finds the generation that serves, and no debugger holds anything up.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { get } from '../../helpers/client.js';
import { attach, debuggedPid } from '../../helpers/debugger.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { deploy } from '../../helpers/releases/deploy.js';
import { startServing } from '../../helpers/serving.js';
import { freePort } from '../../helpers/sockets/free-port.js';
import { takePort } from '../../helpers/sockets/ports.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

const APP = 'answers-pid.mjs';

test('the debugger is that of the newest generation, with a client at it or without', async (t) => {
  const port = freePort(t);
  const { master } = await startServing(t, APP, ['--inspect-port', `${port}`]);
  for (let generation = 1; generation <= 3; generation += 1) {
    const pid = await pidOf(master, generation);
    const client = await attach(t, port);
    assert.equal(await client.evaluate('process.pid'), pid);
    assert.equal((await master.client('reload')).status, 0);
    await client.closed;
    // At once: the port has not been free for a moment.
    assert.equal(await debuggedPid(t, port), await pidOf(master, generation + 1));
    // It did not wait for its client, which is still there and answers nothing.
    await gone(master, pid);
  }
  // The address of a worker is of no use to anybody.
  assert.doesNotMatch(master.output(), /Debugger listening/);
});

test('a worker at a breakpoint runs on when it is replaced, and answers', async (t) => {
  const port = freePort(t);
  const { master, address, pid } = await startServing(t, APP, ['--inspect-port', `${port}`]);
  const client = await attach(t, port);
  await client.send('Runtime.enable');
  await client.send('Debugger.enable');
  await client.send('Debugger.pause');
  const answer = get(address);
  await client.event('Debugger.paused');

  assert.equal((await master.client('reload')).status, 0);
  assert.equal(await answer, `${pid} 1`);
  await gone(master, pid);
  assert.ok(!master.log().some(({ event }) => event === 'drainTimedOut'));
  assert.equal(await debuggedPid(t, port), await pidOf(master, 2));
});

test('a generation that fails never has it, and a replacement gets it', async (t) => {
  const cwd = scratch(t);
  const port = freePort(t);
  const release = join(cwd, 'app.mjs');
  const good = `import ${JSON.stringify(fixture('answers-pid.mjs'))};`;
  writeFileSync(release, good);
  const master = startSupervisor(t, ['--inspect-port', `${port}`, '--', node, 'app.mjs'], { cwd });
  await served(master);
  const first = await pidOf(master, 1);
  const client = await attach(t, port);

  deploy(release, 'throw new Error("broken");');
  assert.equal((await master.client('reload')).status, 1);
  assert.equal(await client.evaluate('process.pid'), first);
  assert.equal(await debuggedPid(t, port), first);

  // Node itself would wait for the debugger at the end of a process.
  deploy(release, good);
  const after = master.log().length;
  // Which may or may not be answered before its end.
  client.evaluate('setImmediate(() => process.exit(7))').catch(() => {});
  await gone(master, first);
  const { workerPid } = await master.logged(({ event }) => event === 'ready', after);
  assert.equal(await debuggedPid(t, port), workerPid);
});

test('each worker has the next port, and a stop waits for no debugger', async (t) => {
  // The port after a free one is nobody's promise: with 0 each worker gets any, and the log says which.
  const { master, status } = await startServing(t, APP, ['--inspect-port', '0', '-w', '2']);
  for (const { slot, pid } of status.workers) {
    const said = await master.logged(({ msg }) =>
      msg.startsWith(`the debugger of worker ${slot} is on 127.0.0.1:`),
    );
    assert.equal(await debuggedPid(t, Number(said.msg.split(':').at(-1))), pid);
  }
  assert.equal((await master.client('stop')).status, 0);
  assert.equal((await master.exited()).status, 0);
});

test('a start can be debugged, before the app has done anything', async (t) => {
  const cwd = scratch(t);
  writeFileSync(join(cwd, 'app.mjs'), 'await new Promise(() => setInterval(() => {}, 1000));');
  const port = freePort(t);
  const master = startSupervisor(t, ['--inspect-port', `${port}`, '--', node, 'app.mjs'], { cwd });
  const pid = await pidOf(master, 1);
  await eventually(
    'its debugger',
    () => debuggedPid(t, port),
    (found) => found === pid,
  );
});

test('a port that is taken costs the debugger only', async (t) => {
  const port = await takePort(t);
  const { master, status } = await startServing(t, APP, ['--inspect-port', `${port}`]);
  assert.equal(status.workers.length, 1);
  const warnings = master.log().filter(({ level }) => level === 40);
  assert.deepEqual(
    warnings.map(({ msg }) => msg),
    [
      `--inspect: cannot listen on 127.0.0.1:${port}: EADDRINUSE: address already in use; no debugger for worker 1 until the next reload`,
    ],
  );
});

test('what is no Node has no debugger, and that is said once', async (t) => {
  const port = freePort(t);
  const args = ['--inspect-port', `${port}`, '--ready', 'after:1ms', '--', 'sleep', '1000'];
  const master = startSupervisor(t, args);
  await served(master);
  assert.equal((await master.client('reload')).status, 0);
  const warnings = master.log().filter(({ msg }) => msg.startsWith('--inspect: '));
  assert.equal(warnings.length, 1, JSON.stringify(warnings));
});
