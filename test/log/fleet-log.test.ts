// The log of whole lives, as transcripts: level, text and census of each line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logFleet } from '../../src/log/fleet-log.js';
import type { Log } from '../../src/log/logger.js';
import {
  clock,
  exited,
  ready,
  recordsOf,
  reload,
  spawned,
  stop,
  type TimedEvent,
} from '../helpers/life.js';

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly text: string;
}

/** The lines that a log gets for these events. */
function lived(events: readonly TimedEvent[]) {
  const lines: Line[] = [];
  const write = (level: string) => (fields: Record<string, unknown>, text: string) =>
    lines.push({ level, fields, text });
  // What is logged at debug level is read from a real master, in test/e2e/record.test.ts.
  const debug = () => {};
  const log = { debug, info: write('info'), warn: write('warn'), error: write('error') };
  recordsOf(events, { size: 1 }).forEach(logFleet(log as unknown as Log));
  return lines;
}

/** Asserts a transcript of the form `level text | census`. */
function tells(lines: readonly Line[], transcript: string): void {
  const told = lines.map(({ level, text, fields }) => `${level} ${text} | ${fields.census}`);
  const expected = transcript.trim().split(/\n {4}(?=info|warn|error)/);
  assert.deepEqual(told, expected);
}

test('a start, a reload, another one that fails, and a stop', () => {
  const events = [
    ...[clock, spawned(1), ready(1)],
    ...[reload, spawned(2), ready(2), exited(1, 0)],
    ...[reload, spawned(3), exited(3)],
    ...[stop, exited(2, 'SIGTERM')],
  ];
  tells(
    lived(events),
    `
    info starting worker 1 of generation 1 (pid 71) | rolling out 1: 1 starting
    info worker 1 of generation 1 (pid 71) is ready | serving 1: 1 ready
    info generation 1 rolled out in 2 ms | serving 1: 1 ready
    info reload requested | serving 1: 1 ready | rolling out 2: 1 starting
    info starting worker 1 of generation 2 (pid 72) | serving 1: 1 ready | rolling out 2: 1 starting
    info worker 1 of generation 2 (pid 72) is ready | serving 2: 1 ready | retiring 1: 1 draining
    info generation 2 rolled out in 2 ms | serving 2: 1 ready | retiring 1: 1 draining
    info retiring worker 1 of generation 1 (pid 71) | serving 2: 1 ready | retiring 1: 1 draining
    info worker 1 of generation 1 (pid 71) exited with status 0 | serving 2: 1 ready
    info reload requested | serving 2: 1 ready | rolling out 3: 1 starting
    info starting worker 1 of generation 3 (pid 73) | serving 2: 1 ready | rolling out 3: 1 starting
    error generation 3 failed, generation 2 keeps serving: worker 1 of generation 3 (pid 73) exited with status 1 before it was ready | serving 2: 1 ready
    info stopping: asked to stop | retiring 2: 1 draining
    info retiring worker 1 of generation 2 (pid 72) | retiring 2: 1 draining
    info worker 1 of generation 2 (pid 72) was killed by SIGTERM | no worker
    info stopped | no worker`,
  );
});

test('a start timeout, a crash, scaling, and reports that come too late', () => {
  const events = [
    ...[clock, spawned(1), ready(1), exited(1, 'SIGSEGV'), spawned(2), ready(2)],
    { type: 'scaleBy', delta: 1 } as const,
    ...[spawned(3), ready(3), reload, reload],
    { ...clock, at: 200 },
    { ...exited(4, 0), at: 201 },
  ];
  tells(
    lived(events).slice(3),
    `
    error worker 1 of generation 1 (pid 71) was killed by SIGSEGV | serving 1: 1 starting
    info starting worker 1 of generation 1 (pid 72) | serving 1: 1 starting
    info worker 1 of generation 1 (pid 72) is ready | serving 1: 1 ready
    info scaling from 1 to 2 | serving 1: 1 ready, 1 starting
    info starting worker 2 of generation 1 (pid 73) | serving 1: 1 ready, 1 starting
    info worker 2 of generation 1 (pid 73) is ready | serving 1: 2 ready
    info reload requested | serving 1: 2 ready | rolling out 2: 2 starting
    info reload requested; it follows this one | serving 1: 2 ready | rolling out 2: 2 starting
    error generation 2 failed, generation 1 keeps serving: worker 1 of generation 2 was not ready within 100ms | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 2 killing
    warn killing worker 1 of generation 2 | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 2 killing
    warn killing worker 2 of generation 2 | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 2 killing
    info worker 1 of generation 2 exited with status 0 | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 1 killing`,
  );
});

test('a stop that takes too long, and a reload that comes too late', () => {
  const events = [
    ...[clock, spawned(1), ready(1), { ...stop, at: 10 }, reload],
    ...[60, 80, 90].map((at) => ({ ...clock, at })),
    exited(1, 'SIGKILL'),
  ];
  tells(
    lived(events).slice(3),
    `
    info stopping: asked to stop | retiring 1: 1 draining
    info retiring worker 1 of generation 1 (pid 71) | retiring 1: 1 draining
    info reload requested, but stopping | retiring 1: 1 draining
    warn worker 1 of generation 1 (pid 71) still had work after 50ms; sending the stop signal | retiring 1: 1 draining
    warn worker 1 of generation 1 (pid 71) did not exit after the stop signal; killing it | retiring 1: 1 killing
    warn killing worker 1 of generation 1 (pid 71) | retiring 1: 1 killing
    warn killing worker 1 of generation 1 (pid 71) | retiring 1: 1 killing
    info worker 1 of generation 1 (pid 71) was killed by SIGKILL | no worker
    info stopped | no worker`,
  );
});

test('fields tell programs the worker, the event and the cause', () => {
  const lines = lived([clock, spawned(1), ready(1), reload, exited(2)]);
  const fields = lines.map(({ fields: { census: _, ...rest } }) => rest);
  const worker = { generation: 1, worker: 1, workerPid: 71 };
  assert.deepEqual(fields, [
    { event: 'spawned', ...worker },
    { event: 'ready', ...worker },
    { event: 'rolledOut', generation: 1, durationMs: 2 },
    { event: 'reload' },
    {
      event: 'rolledBack',
      generation: 2,
      reason: 'worker 1 of generation 2 exited with status 1 before it was ready',
      cause: 'exited',
      ending: { type: 'status', status: 1 },
    },
  ]);
});
