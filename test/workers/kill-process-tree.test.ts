// Whole trees of real processes are killed, and nothing else is.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { killLeftovers, killTree } from '../../src/workers/kill-process-tree.js';
import { eventually } from '../helpers/eventually.js';
import { isRunning } from '../helpers/supervisor.js';

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What the script told of its children, in the order of its lines. */
  readonly pids: readonly number[];
}

/**
 * Runs `script` as the master runs a worker: leader of a group, LISTEN_PID set. It tells `count` pids,
 * one a line; `wait` keeps it there.
 */
async function start(t: TestContext, script: string, count: number, env = {}): Promise<Started> {
  const child = spawn('/bin/sh', ['-c', `export LISTEN_PID=$$\n${script}`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, ...env },
  });
  const { pid = 0 } = child;
  let text = '';
  const pids = () => text.split('\n').slice(0, -1).map(Number);
  t.after(() => {
    for (const one of [pid, ...pids()]) if (isRunning(one)) process.kill(one, 'SIGKILL');
  });
  child.stdout?.setEncoding('utf8');
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (pids().length === count) break;
  }
  return { child, pid, pids: pids() };
}

async function areGone(pids: readonly number[]): Promise<void> {
  const left = () => pids.filter(isRunning);
  await eventually('all are gone', left, (some) => some.length === 0, 5000);
}

function livingInGroup(group: number): string[] {
  const fields = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
    } catch {
      return [];
    }
  };
  return readdirSync('/proc').filter((pid) => {
    const [state, , leader] = /^\d/.test(pid) ? fields(pid) : [];
    return leader === String(group) && state !== 'Z' && state !== 'X';
  });
}

const SLEEP = 'sleep 60 >/dev/null &';
/** In the group, in a session of its own, below that one, and with the parent gone: once in each way. */
const FAMILY = `
${SLEEP} echo $!
setsid ${SLEEP} echo $!
setsid sh -c '${SLEEP} echo $!; wait' &
(setsid ${SLEEP} echo $!)
(env -i ${SLEEP} echo $!)
wait`;

const settings = [
  ['with ps', process.env.PATH],
  ['on a machine without ps', '/nowhere'],
] as const;

for (const [where, path] of settings) {
  test(`all of a tree is killed, wherever it hid, ${where}`, async (t) => {
    const { pid, pids } = await start(t, FAMILY, 5);
    assert.deepEqual(
      [pid, ...pids].map(isRunning),
      [pid, ...pids].map(() => true),
    );
    const before = process.env.PATH;
    t.after(() => {
      process.env.PATH = before;
    });
    process.env.PATH = path;
    await killTree(pid, `LISTEN_PID=${pid}`);
    await areGone([pid, ...pids]);
  });
}

test('a process of another tree is never touched', async (t) => {
  const victim = await start(t, `${SLEEP} echo $!\nwait`, 1);
  const names = { XLISTEN_PID: `${victim.pid}`, LISTEN_PIDX: `${victim.pid}` };
  const others = [
    await start(t, `${SLEEP} echo $!\nwait`, 1, names),
    await start(t, `export LISTEN_PID=${victim.pid}0; ${SLEEP} echo $!\nwait`, 1),
  ];
  await killTree(victim.pid, `LISTEN_PID=${victim.pid}`);
  await areGone([victim.pid, ...victim.pids]);
  for (const { pid, pids } of others) {
    assert.deepEqual([pid, ...pids].map(isRunning), [true, true]);
  }
});

test('what ignores signals and forks while it is killed is killed as well', async (t) => {
  const forks = 'while :; do sleep 60 >/dev/null & sleep 0.05; done';
  const { child, pid } = await start(t, `trap '' TERM HUP INT\necho $$\n${forks}`, 1);
  const ended = once(child, 'exit');
  await killTree(pid, `LISTEN_PID=${pid}`);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  // Not `kill(-pid, 0)`: the dead count until the init of the machine finds the time to reap them.
  await eventually(
    'the group is empty',
    () => livingInGroup(pid),
    (left) => left.length === 0,
  );
});

test('the group of a worker that has left is killed, a worker that left nothing is no trouble', async (t) => {
  const left = await start(t, `${SLEEP} echo $!`, 1);
  if (left.child.exitCode === null) await once(left.child, 'exit');
  assert.deepEqual(left.pids.map(isRunning), [true]);
  killLeftovers(left.pid);
  await areGone(left.pids);

  const bystander = await start(t, `${SLEEP} echo $!\nwait`, 1);
  for (const gone of [left.pid, 2 ** 22 + 1]) {
    killLeftovers(gone);
    await killTree(gone, `LISTEN_PID=${gone}`);
  }
  assert.deepEqual([bystander.pid, ...bystander.pids].map(isRunning), [true, true]);
});
