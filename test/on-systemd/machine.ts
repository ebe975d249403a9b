// A machine with a real systemd: a container without a network of its own but `lo`, booted from the root file
// system in $SYSTEMD_ROOT (see .ci/systemd-root), which stays as it is. One for each test file; it ends with
// the process of the tests, however that ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { after } from 'node:test';
import { eventually, Hopeless } from '../helpers/eventually.js';
import { node, root } from '../helpers/paths.js';
import { childrenOf } from '../helpers/processes/process-usage.js';
import { ownCgroup } from './cgroup.js';
import { type Inside, inside, PATH } from './inside.js';

export interface Machine extends Inside {
  /** Of systemd: 252, 257. */
  readonly version: number;
  /** Pid of its systemd, on the host. */
  readonly leader: number;
  /** Name of the cgroup that it is in. */
  readonly cgroup: string;
}

/** Where it finds what it shares with the host, read-only. */
const REPOSITORY = '/opt/graceful-run';
export const NODE = '/usr/local/bin/node';
export const COMMAND = '/usr/local/bin/graceful-run';

const BOOT_LIMIT_MS = 60_000;
let booted = 0;

/** Boots it, and ends it after the tests of this file. Throws, with what it said, when it does not come up. */
export async function bootMachine(): Promise<Machine> {
  const folder = process.env.SYSTEMD_ROOT;
  if (!folder) throw new Error('SYSTEMD_ROOT names no root file system; see .ci/systemd-root');
  booted += 1;
  const cgroup = ownCgroup(booted);
  const { child, output } = startContainer(folder, cgroup.doors, cgroup.name);
  const ended = once(child, 'exit');
  after(async () => {
    child.kill('SIGKILL');
    await ended;
    await eventually('nothing of the machine is left', () => {
      cgroup.remove();
      return true;
    });
  });

  /** `ask`, unless it has become pointless. */
  const unlessGone =
    <T>(ask: () => T) =>
    () => {
      if (child.exitCode === null && child.signalCode === null) return ask();
      throw new Hopeless(`the machine did not boot:\n${output()}`);
    };
  const leader = await eventually(
    'pid 1 of the machine',
    unlessGone(() => leaderOf(child.pid ?? 0)),
    (pid) => pid !== null,
    BOOT_LIMIT_MS,
  ).then(Number);
  const machine = inside(leader);
  await eventually(
    'the machine runs',
    unlessGone(() => machine.systemctl('is-system-running', '--wait')),
    ({ stdout }) => stdout.trim() === 'running',
    BOOT_LIMIT_MS,
  );
  const [, version] = /^systemd (\d+)/.exec(await machine.ok('systemctl', '--version')) ?? [];
  await machine.ok('ln', '-s', `${REPOSITORY}/bin/graceful-run.js`, COMMAND);
  return { ...machine, leader, version: Number(version), cgroup: cgroup.name };
}

/** Why this machine keeps no sockets of a service; false if it does. */
export function withoutStore({ version }: Machine): string | false {
  return version < 254 && `systemd ${version} takes no descriptor from systemd-notify`;
}

function startContainer(folder: string, doors: readonly string[], name: string) {
  const binds = [`--bind-ro=${root}:${REPOSITORY}`, `--bind-ro=${realpathSync(node)}:${NODE}`];
  const child = spawn(`${root}test/on-systemd/boot.sh`, [folder, name, ...doors, '--', ...binds], {
    env: { PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (process.env.TAIL) process.stderr.write(chunk);
    });
  }
  return { child, output: () => text };
}

/** Pid 1 of the machine: the child of systemd-nspawn, which is the child of `unshare`. */
function leaderOf(unshare: number): number | null {
  const pids = childrenOf(unshare).flatMap(childrenOf);
  // Before systemd-nspawn has made the namespace, its child is only a helper.
  return pids.find((pid) => /^NSpid:\t\d+\t\d+\t1$/m.test(statusOf(pid))) ?? null;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
