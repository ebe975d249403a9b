// Sends through the program systemd-notify(1). systemd sees that program as the sender, unless it is privileged
// enough to speak for its parent: a service that is not root needs NotifyAccess=all, else systemd drops its messages
// silently. The program waits until the manager has read the message (a barrier, since systemd 246); without that
// the manager might not find the process that sent it.
import { spawn } from 'node:child_process';
import { findPrograms } from './find-program.js';
import { type Message, numberOf } from './message.js';
import type { Outcome, Transport } from './transport.js';

/** The barrier of systemd-notify gives up after 5 s, but its send has no limit. */
const TIMEOUT_MS = 8000;
/** Characters of its error output that are kept. */
const MAX_OUTPUT = 500;

/** Null when there is no such program, or no NOTIFY_SOCKET. */
export function createSystemdNotifyTransport(
  env: NodeJS.ProcessEnv,
  timeoutMs: number = TIMEOUT_MS,
): Transport | null {
  const file = env.NOTIFY_SOCKET ? findPrograms('systemd-notify', env)[0] : undefined;
  if (file === undefined) return null;
  return {
    name: 'tool',
    // `--fd` came with 254, as did $FDSTORE. An older one would report a usage error.
    passesFds: env.FDSTORE !== undefined,
    async deliver(message) {
      const outcome = await run(file, env, message, timeoutMs);
      if (outcome !== 'signalled') return outcome;
      // When the service is stopped, all its processes get the signal, this one as well. Try once more.
      const second = await run(file, env, message, timeoutMs);
      if (second !== 'signalled') return second;
      return new Error(`cannot notify: ${file}: ended by a signal, twice`);
    },
  };
}

function run(
  file: string,
  env: NodeJS.ProcessEnv,
  message: Message,
  timeoutMs: number,
): Promise<Outcome | 'signalled'> {
  const args = message.fd === null ? message.lines : ['--fd=3', ...message.lines.flatMap(asOption)];
  // At index 3, because libuv makes descriptors at 0 to 2 blocking, for all processes that share them.
  const passed = message.fd === null ? [] : [numberOf(message.fd)];
  return new Promise((resolve) => {
    const fail = (why: string) => resolve(new Error(`cannot notify: ${file}: ${why}`));
    try {
      const child = spawn(file, args, {
        env,
        stdio: ['ignore', 'ignore', 'pipe', ...passed],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      let output = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(0, MAX_OUTPUT);
      });
      child.once('error', ({ message: why }) => fail(why));
      child.once('close', (status, signal) => {
        if (status === 0) return resolve('sent');
        if (signal && !child.killed) return resolve('signalled');
        const how = signal ? `killed after ${timeoutMs} ms` : `exit status ${status}`;
        fail(output.trim() ? `${how}: ${output.trim()}` : how);
      });
    } catch (error) {
      fail(String(error));
    }
  });
}

/** `--fd` implies FDSTORE=1. */
function asOption(line: string): string[] {
  if (line === 'FDSTORE=1') return [];
  return line.startsWith('FDNAME=') ? [`--fdname=${line.slice('FDNAME='.length)}`] : [line];
}
