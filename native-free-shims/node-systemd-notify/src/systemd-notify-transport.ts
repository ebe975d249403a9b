// Through the program systemd-notify(1). Its own process is the sender, unless it is privileged enough to
// speak for its parent: a service that is not root needs NotifyAccess=all, else systemd drops what it
// says without a word. It waits until the manager has read the message (a barrier, since systemd 246),
// without which the manager could find no process to attribute it to.
import { spawn } from 'node:child_process';
import { findPrograms } from './find-program.js';
import { type Message, numberOf } from './message.js';
import type { Outcome, Way } from './transport.js';

/** Milliseconds. Its own barrier gives up after 5 s, but its send waits without a limit. */
const LIMIT = 8000;
/** Characters of what it says that are kept. */
const MOST_OUTPUT = 500;

/** Null when there is no such program, or nothing in NOTIFY_SOCKET. */
export function toolWay(env: NodeJS.ProcessEnv, limit: number = LIMIT): Way | null {
  const file = env.NOTIFY_SOCKET ? findPrograms('systemd-notify', env)[0] : undefined;
  if (file === undefined) return null;
  return {
    transport: 'tool',
    // `--fd` came with 254, as did $FDSTORE: an older one would tell the manager of a usage error.
    passesFds: env.FDSTORE !== undefined,
    async deliver(message) {
      const outcome = await run(file, env, message, limit);
      // A stop of the service ends all its processes at once, this one as well: its news are still due.
      return outcome === 'ended' ? once(await run(file, env, message, limit), file) : outcome;
    },
  };
}

const once = (outcome: Outcome | 'ended', file: string): Outcome =>
  outcome === 'ended' ? new Error(`cannot notify: ${file}: ended by a signal, twice`) : outcome;

function run(
  file: string,
  env: NodeJS.ProcessEnv,
  message: Message,
  limit: number,
): Promise<Outcome | 'ended'> {
  // Index 3: libuv would make what it passes at 0 to 2 blocking, for all who share it.
  const args = message.fd === null ? message.lines : ['--fd=3', ...message.lines.flatMap(asOption)];
  const passed = message.fd === null ? [] : [numberOf(message.fd)];
  return new Promise((resolve) => {
    const fail = (why: string) => resolve(new Error(`cannot notify: ${file}: ${why}`));
    try {
      const child = spawn(file, args, {
        env,
        stdio: ['ignore', 'ignore', 'pipe', ...passed],
        timeout: limit,
        killSignal: 'SIGKILL',
      });
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, MOST_OUTPUT);
      });
      child.once('error', ({ message: why }) => fail(why));
      child.once('close', (status, signal) => {
        if (status === 0) return resolve('sent');
        if (signal && !child.killed) return resolve('ended');
        const how = signal ? `killed after ${limit} ms` : `exit status ${status}`;
        fail(said.trim() ? `${how}: ${said.trim()}` : how);
      });
    } catch (error) {
      fail(String(error));
    }
  });
}

/** `--fd` says FDSTORE=1 by itself. */
function asOption(line: string): string[] {
  if (line === 'FDSTORE=1') return [];
  return line.startsWith('FDNAME=') ? [`--fdname=${line.slice('FDNAME='.length)}`] : [line];
}
