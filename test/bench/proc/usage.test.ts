import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { parseStat } from '../../../src/linux/proc-process.js';
import { childrenOf, commandOf, markedWith } from './processes.js';
import { cpuMs, loopMs, usageOf } from './usage.js';

const MIB = 1024 * 1024;

/** A child that has reported for duty, and lives until the test ends. */
async function childThat(t: TestContext, script: string, env: NodeJS.ProcessEnv = {}) {
  const text = `${script}; process.stdout.write('!'); setTimeout(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['-e', text], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? 0 };
}

function isAsleep(pid: number): boolean {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))[0] === 'S';
}

test('processor time is that of the process, in main and in other threads', async (t) => {
  const script = `
    // By the processor's clock: on a busy machine it takes longer. The other thread waits meanwhile.
    const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    const spin = () => { const end = used() + 150; while (used() < end); };
    const { Worker } = require('node:worker_threads');
    new Worker(\`const used = \${used}; (\${spin})()\`, { eval: true }).once('exit', () => {
      spin();
      console.log(used());
    })`;
  const { child, pid } = await childThat(t, script);
  const [said] = await once(child.stdout, 'data');
  const own = Number(String(said));
  const seen = cpuMs([pid]);
  const inLoop = loopMs(pid);
  assert.ok(inLoop > 140 && inLoop < seen - 100, `${inLoop} of ${seen} ms in its main thread`);
  assert.ok(seen >= own - 20 && seen < own + 50, `${seen} ms, itself says ${own} ms`);
});

test('an idle process uses next to nothing, and each time that one is woken is counted', async (t) => {
  const idle = await childThat(t, '');
  const busy = await childThat(t, `process.stdin.on('data', () => process.stdout.write('.'))`);
  await pause(200);
  const before = [usageOf(idle.pid), usageOf(busy.pid)] as const;
  for (let nth = 0; nth < 100; nth += 1) {
    const answered = once(busy.child.stdout, 'data');
    busy.child.stdin.write('?');
    await answered;
    // On a busy machine the next byte may come before it waits again, and so wakes nobody.
    while (!isAsleep(busy.pid)) await nextTurn();
  }
  const after = [usageOf(idle.pid), usageOf(busy.pid)] as const;
  const idleWakeUps = after[0].contextSwitches - before[0].contextSwitches;
  const busyWakeUps = after[1].contextSwitches - before[1].contextSwitches;
  assert.ok(idleWakeUps < 20, `${idleWakeUps} wake-ups of the idle one`);
  assert.ok(busyWakeUps >= 100, `${busyWakeUps} wake-ups by 100 bytes that came one by one`);
  assert.ok(after[0].cpuMs - before[0].cpuMs < 10);
});

test('memory that a process has filled is its own', async (t) => {
  const small = await childThat(t, '');
  const large = await childThat(t, 'globalThis.kept = Buffer.alloc(64 * 1024 * 1024, 1)');
  const [a, b] = [usageOf(small.pid), usageOf(large.pid)];
  const more = (b.rssAnon - a.rssAnon) / MIB;
  assert.ok(more > 60 && more < 80, `${more} MiB for 64`);
  assert.ok(a.rss > a.rssAnon);
});

test('children, and all that was started by a mark', async (t) => {
  const mark = randomUUID();
  const script = `require('node:child_process').spawn('sleep', ['60'], { detached: true })`;
  const { child, pid } = await childThat(t, script, { PROC_TEST: mark });
  const [sleep = 0] = childrenOf(pid);
  t.after(() => process.kill(sleep, 'SIGKILL'));
  assert.ok(childrenOf(process.pid).includes(pid));
  assert.ok(!childrenOf(process.pid).includes(sleep));
  assert.deepEqual(commandOf(sleep), ['sleep', '60']);
  assert.deepEqual(new Set(markedWith(`PROC_TEST=${mark}`)), new Set([pid, sleep]));

  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(markedWith(`PROC_TEST=${mark}`), [sleep]);
  assert.deepEqual([childrenOf(pid), commandOf(pid)], [[], []]);
  assert.equal(usageOf(sleep).isNode, false);
});

test('a process that is gone uses nothing', async (t) => {
  const { child, pid } = await childThat(t, '');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(cpuMs([pid]), 0);
  assert.throws(() => usageOf(pid), /is gone/);
});
