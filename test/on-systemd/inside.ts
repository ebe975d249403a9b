// What tests do in a machine: run commands, put files there, read its journal.
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Finished, finished } from '../helpers/processes/finished.js';

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Entry {
  readonly message: string;
  /** 3 error, 4 warning, 6 information, syslog(3). */
  readonly priority: number;
  readonly pid: number;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

export interface Inside {
  /** As root. */
  run(...command: string[]): Promise<Finished>;
  /** Its standard output; throws when it fails. */
  ok(...command: string[]): Promise<string>;
  systemctl(...args: string[]): Promise<Finished>;
  /** What the manager knows of a unit. */
  show(unit: string, ...names: string[]): Promise<Record<string, string>>;
  /** Of a unit, whatever the manager says of it included. */
  journal(unit: string, ...args: string[]): Promise<Entry[]>;
  /** The host's name of a path in the machine. */
  path(path: string): string;
  /** Puts a file there, in one piece. */
  writeFile(path: string, text: string): void;
}

export function inside(leader: number): Inside {
  const onHost = (path: string) => `/proc/${leader}/root${path}`;
  const run = (...command: string[]) =>
    finish('nsenter', [`--target=${leader}`, '--all', '--', ...command]);
  const ok = async (...command: string[]) => {
    const { status, stdout, stderr } = await run(...command);
    if (status !== 0) throw new Error(`${command.join(' ')}: ${status}: ${stderr || stdout}`);
    return stdout;
  };
  return {
    run,
    ok,
    systemctl: (...args) => run('systemctl', '--no-pager', '--full', ...args),
    async show(unit, ...names) {
      const text = await ok('systemctl', 'show', unit, `--property=${names.join(',')}`);
      const pairs = text
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
      return Object.fromEntries(pairs) as Record<string, string>;
    },
    async journal(unit, ...args) {
      // What was written before this moment is in it then, journalctl(1).
      await ok('journalctl', '--sync');
      const text = await ok('journalctl', '--unit', unit, '--output=json', '--no-pager', ...args);
      return text.trim().split('\n').filter(Boolean).map(parseEntry);
    },
    path: onHost,
    writeFile(path, text) {
      mkdirSync(dirname(onHost(path)), { recursive: true });
      writeFileSync(onHost(`${path}.new`), text, { mode: 0o644 });
      renameSync(onHost(`${path}.new`), onHost(path));
    },
  };
}

function parseEntry(line: string): Entry {
  const entry = JSON.parse(line) as Record<string, string>;
  return {
    message: String(entry.MESSAGE),
    priority: Number(entry.PRIORITY),
    pid: Number(entry._PID),
    at: Number(entry.__REALTIME_TIMESTAMP) / 1000,
  };
}

async function finish(command: string, args: readonly string[]): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: '/',
    env: { PATH, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return finished(child);
}
