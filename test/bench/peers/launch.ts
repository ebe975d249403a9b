// Starts programs of a contestant.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Connection, LoadFailure } from '../../helpers/load/connection.js';
import { makeRequest } from '../../helpers/load/requests.js';
import { untilNextProbe } from '../clients/probe.js';
import type { CommandResult } from './peer.js';
import type { Place } from './place.js';

const START_LIMIT_MS = 60_000;
const REQUEST_LIMIT_MS = 5000;
/** Of the output, for the message when it does not start. */
const OUTPUT_KEPT = 4000;

export type Outcome = Pick<CommandResult, 'status' | 'timedOut'>;

export interface Launched {
  readonly child: ChildProcess;
  readonly firstAnswerMs: number;
}

/** Resolves when the place has answered its first request. */
export async function launch(place: Place, command: readonly string[]): Promise<Launched> {
  const began = performance.now();
  const { child, output } = background(place, command);
  let failed: string | null = null;
  child.once('error', (error) => {
    failed = error.message;
  });
  child.once('exit', (status, signal) => {
    // A command that leaves a daemon behind ends well.
    if (status !== 0) failed = `it ended with ${status ?? signal}`;
  });
  while (!(await answers(place.port))) {
    if (performance.now() - began > START_LIMIT_MS) failed ??= 'no answer';
    if (failed !== null) throw new Error(`${command.join(' ')}: ${failed}\n${output()}`);
    await untilNextProbe();
  }
  return { child, firstAnswerMs: performance.now() - began };
}

/** Runs on; `output` is the end of what it has said. */
export function background(place: Place, command: readonly string[]) {
  const child = spawnIn(place, command);
  let output = '';
  // A pipe that nobody reads would fill up and stop the writer.
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  }
  return { child, output: () => output };
}

/**
 * Runs a command of the contestant to its end, or ends it and what it has started in its session after `limitMs`. A
 * daemon that it leaves behind may hold its output, and is not waited for.
 */
export async function runIn(
  place: Place,
  command: readonly string[],
  limitMs: number,
): Promise<Outcome> {
  const child = spawnIn(place, command);
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  let timedOut = false;
  const timer = setTimeout(() => {
    if (child.exitCode !== null || child.pid === undefined) return;
    timedOut = true;
    process.kill(-child.pid, 'SIGKILL');
  }, limitMs);
  try {
    const [status] = await once(child, 'exit');
    return timedOut ? { status: null, timedOut } : { status };
  } finally {
    clearTimeout(timer);
  }
}

function spawnIn({ directory, env }: Place, [file = '', ...args]: readonly string[]) {
  // A session of its own: the kernel shares out the processor by sessions (CONFIG_SCHED_AUTOGROUP), and workers
  // that lead one would be compared with some that have to share that of the clients.
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  return spawn(file, args, { cwd: directory, env, detached: true, stdio });
}

async function answers(port: number): Promise<boolean> {
  const connection = new Connection({ host: '127.0.0.1', port }, REQUEST_LIMIT_MS);
  try {
    const answer = await connection.exchange(makeRequest('fast', 1, false));
    return answer.problem === null;
  } catch (error) {
    if (error instanceof LoadFailure) return false;
    throw error;
  } finally {
    connection.close();
  }
}
