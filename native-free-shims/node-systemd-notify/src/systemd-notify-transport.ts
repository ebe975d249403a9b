// Sends through the program systemd-notify(1). systemd sees that program as the sender, unless it is privileged
// enough to speak for its parent: a service that is not root needs NotifyAccess=all, else systemd drops its messages
// silently. The program waits until the manager has read the message (a barrier, since systemd 246); without that
// the manager might not find the process that sent it.
import { spawn } from 'node:child_process';
import type { Outcome, Transport } from './transport.js';

const PROGRAM = 'systemd-notify';
/** The barrier of systemd-notify gives up after 5 s, but its send has no limit. */
const TIMEOUT_MS = 8000;
/** Characters of its error output that are kept. */
const MAX_OUTPUT = 500;

/** Null when there is no NOTIFY_SOCKET. */
export function createSystemdNotifyTransport(
  env: NodeJS.ProcessEnv,
  timeoutMs: number = TIMEOUT_MS,
): Transport | null {
  if (!env.NOTIFY_SOCKET) return null;
  return {
    name: 'tool',
    passesFds: false,
    async deliver({ lines }) {
      const outcome = await run(lines, env, timeoutMs);
      if (outcome !== 'signalled') return outcome;
      // When the service is stopped, all its processes get the signal, this one as well. Try once more.
      const second = await run(lines, env, timeoutMs);
      return second === 'signalled' ? failed('ended by a signal, twice') : second;
    },
  };
}

function run(
  lines: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<Outcome | 'signalled'> {
  return new Promise((resolve) => {
    const child = spawn(PROGRAM, lines, {
      // A relative element of PATH is not followed into a directory of another user.
      cwd: '/',
      env: { ...env, PATH: `${env.PATH ?? ''}:/usr/bin:/bin` },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT);
    });
    child.once('error', ({ message }) => resolve(failed(message)));
    child.once('close', (status, signal) => {
      if (status === 0) return resolve('sent');
      if (signal && !child.killed) return resolve('signalled');
      const how = signal ? `killed after ${timeoutMs} ms` : `exit status ${status}`;
      resolve(failed(output.trim() ? `${how}: ${output.trim()}` : how));
    });
  });
}

const failed = (why: string) => new Error(`cannot notify: ${PROGRAM}: ${why}`);
