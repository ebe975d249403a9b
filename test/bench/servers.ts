// The two that are compared: the app by itself, and the same app under graceful-run.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Endpoint } from '../helpers/load/connection.js';
import { bin, fixture, node } from '../helpers/paths.js';
import { cleanEnvironment } from '../helpers/supervisor.js';

export interface Server {
  readonly endpoint: Endpoint;
  readonly child: ChildProcess;
  /** From spawn(2) to the line by which the app says that it listens, in milliseconds. */
  readonly bootMs: number;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

const APP = [node, fixture('hammer-app.mjs')];
const MASTER = [node, bin, '--control', 'none', '--log-format', 'json', '--', ...APP];

export const startBare = (): Promise<Server> => start(APP);
export const startSupervised = (): Promise<Server> => start(MASTER);

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

async function start([file = '', ...args]: readonly string[]): Promise<Server> {
  const began = performance.now();
  const env = { ...cleanEnvironment(), ADDRESS: '0' };
  // Workers lead a session of their own, and the kernel shares out the processor by sessions
  // (CONFIG_SCHED_AUTOGROUP): in the one of its clients, the bare app would seem faster by a third.
  const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // A pipe that nobody reads would fill up and stop the writer.
  child.stderr.resume();
  const line = await nextLine(child.stdout, (text) => text.startsWith('listening '));
  const bootMs = performance.now() - began;
  child.stdout.resume();
  const { port } = JSON.parse(line.slice('listening '.length)) as { port: number };
  return {
    endpoint: { host: '127.0.0.1', port },
    child,
    bootMs,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
}

/** Resolves with the next line that `matches`, in the turn in which it arrives. */
export function nextLine(stream: Readable, matches: (line: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onEnd = () => reject(new Error(`ended before the expected line: ${text}`));
    const onData = (chunk: Buffer) => {
      text += chunk.toString();
      const lines = text.split('\n');
      const found = lines.slice(0, -1).find(matches);
      text = lines.at(-1) ?? '';
      if (found === undefined) return;
      stream.off('data', onData);
      stream.off('end', onEnd);
      resolve(found);
    };
    stream.on('data', onData);
    stream.on('end', onEnd);
  });
}
