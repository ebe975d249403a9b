// The log of whole lives, as transcripts: level, text and census of each line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Event, emptyFleet } from '../../src/core/fleet.js';
import { step } from '../../src/core/step.js';
import { logTurns } from '../../src/log/fleet-log.js';
import type { Log } from '../../src/log/logger.js';
import { testPolicy } from '../helpers/transcript.js';

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly text: string;
}

/** Lines that a log would get for these events, one a millisecond unless they say when. */
function lived(events: readonly (Event & { at?: number })[], { size = 1, debug = false } = {}) {
  const lines: Line[] = [];
  const write = (level: string) => (fields: Record<string, unknown>, text: string) =>
    lines.push({ level, fields, text });
  const log = {
    isLevelEnabled: () => debug,
    debug: (text: string) => lines.push({ level: 'debug', fields: {}, text }),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const observe = logTurns(log as unknown as Log);
  let fleet = emptyFleet(size);
  for (const [i, { at = i, ...event }] of events.entries()) {
    const before = fleet;
    const { fleet: after, actions } = step(before, event as Event, at, testPolicy);
    fleet = after;
    observe({ event: event as Event, at, before, after, actions });
  }
  return lines;
}

/** Asserts a transcript of the form `level text | census`. */
function tells(lines: readonly Line[], transcript: string): void {
  const told = lines.map(({ level, text, fields }) => `${level} ${text} | ${fields.census}`);
  const expected = transcript.trim().split(/\n {4}(?=info|warn|error)/);
  assert.deepEqual(told, expected);
}

const clock: Event = { type: 'clock' };
const reload: Event = { type: 'reload' };
const stop: Event = { type: 'stop' };
const spawned = (worker: number): Event => ({ type: 'spawned', worker, pid: 70 + worker });
const ready = (worker: number): Event => ({ type: 'ready', worker });
const exited = (worker: number, reason = 'exited with status 0', detail?: string): Event => ({
  type: 'exited',
  worker,
  reason,
  ...(detail === undefined ? {} : { detail }),
});

test('a start, a reload, another one that fails, and a stop', () => {
  const events = [
    ...[clock, spawned(1), ready(1)],
    ...[reload, spawned(2), ready(2), exited(1)],
    ...[reload, spawned(3), exited(3, 'exited with status 1')],
    ...[stop, exited(2, 'was killed by SIGTERM')],
  ];
  tells(
    lived(events),
    `
    info starting worker 1 of generation 1 (pid 71) | rolling out 1: 1 starting
    info worker 1 of generation 1 (pid 71) is ready | serving 1: 1 ready
    info generation 1 rolled out in 2 ms | serving 1: 1 ready
    info reload asked for | serving 1: 1 ready | rolling out 2: 1 starting
    info starting worker 1 of generation 2 (pid 72) | serving 1: 1 ready | rolling out 2: 1 starting
    info worker 1 of generation 2 (pid 72) is ready | serving 2: 1 ready | retiring 1: 1 draining
    info generation 2 rolled out in 2 ms | serving 2: 1 ready | retiring 1: 1 draining
    info retiring worker 1 of generation 1 (pid 71) | serving 2: 1 ready | retiring 1: 1 draining
    info worker 1 of generation 1 (pid 71) exited with status 0 | serving 2: 1 ready
    info reload asked for | serving 2: 1 ready | rolling out 3: 1 starting
    info starting worker 1 of generation 3 (pid 73) | serving 2: 1 ready | rolling out 3: 1 starting
    error generation 3 failed, generation 2 keeps serving: worker 1 of generation 3 (pid 73) exited with status 1 before it was ready | serving 2: 1 ready
    info stopping: asked to stop | retiring 2: 1 draining
    info retiring worker 1 of generation 2 (pid 72) | retiring 2: 1 draining
    info worker 1 of generation 2 (pid 72) was killed by SIGTERM | no worker
    info stopped | no worker`,
  );
});

test('patience that runs out, a crash, more workers, and what comes too late', () => {
  const events = [
    ...[clock, spawned(1), ready(1), exited(1, 'was killed by SIGSEGV'), spawned(2), ready(2)],
    { type: 'scaleBy', delta: 1 } as const,
    ...[spawned(3), ready(3), reload, reload],
    { ...clock, at: 200 },
    { ...exited(4), at: 201 },
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
    info reload asked for | serving 1: 2 ready | rolling out 2: 2 starting
    info reload asked for; it follows this one | serving 1: 2 ready | rolling out 2: 2 starting
    warn killing worker 1 of generation 2 | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 2 killing
    warn killing worker 2 of generation 2 | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 2 killing
    error generation 2 failed, generation 1 keeps serving: worker 1 of generation 2 was not ready within 100ms | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 2 killing
    info worker 1 of generation 2 exited with status 0 | serving 1: 2 ready | rolling out 3: 2 starting | retiring 2: 1 killing`,
  );
});

test('a start that fails', () => {
  tells(
    lived([
      clock,
      spawned(1),
      exited(1, 'exited with status 1', 'Error: no database\n    at connect'),
    ]),
    `
    info starting worker 1 of generation 1 (pid 71) | rolling out 1: 1 starting
    error generation 1 failed, nothing to fall back on: worker 1 of generation 1 (pid 71) exited with status 1 before it was ready: Error: no database
    at connect | no worker
    info stopping: worker 1 of generation 1 (pid 71) exited with status 1 before it was ready: Error: no database | no worker
    info stopped | no worker`,
  );
});

test('a stop that takes too long, and a reload that comes too late', () => {
  const events = [
    ...[clock, spawned(1), ready(1), { ...stop, at: 10 }, reload],
    ...[60, 80, 90].map((at) => ({ ...clock, at })),
    exited(1, 'was killed by SIGKILL'),
  ];
  tells(
    lived(events).slice(3),
    `
    info stopping: asked to stop | retiring 1: 1 draining
    info retiring worker 1 of generation 1 (pid 71) | retiring 1: 1 draining
    info reload asked for, but stopping | retiring 1: 1 draining
    warn worker 1 of generation 1 (pid 71) still had work after 50ms; sending the stop signal | retiring 1: 1 draining
    warn worker 1 of generation 1 (pid 71) did not leave after the stop signal; killing it | retiring 1: 1 killing
    warn killing worker 1 of generation 1 (pid 71) | retiring 1: 1 killing
    warn killing worker 1 of generation 1 (pid 71) | retiring 1: 1 killing
    info worker 1 of generation 1 (pid 71) was killed by SIGKILL | no worker
    info stopped | no worker`,
  );
});

test('programs find who, what and why in fields', () => {
  const lines = lived([clock, spawned(1), ready(1), reload, exited(2, 'x')]);
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
      reason: 'worker 1 of generation 2 x before it was ready',
    },
  ]);
});

test('at debug each turn is told besides, as a transcript', () => {
  const lines = lived([clock, spawned(1), ready(1), reload, { ...ready(2), at: 30.4 }], {
    debug: true,
  });
  assert.deepEqual(
    lines.filter(({ level }) => level === 'debug').map(({ text }) => text),
    [
      '0 clock -> spawn #1 | #1g1:starting',
      '1 spawned #1 -> - | #1g1:starting',
      '2 ready #1 -> rolledOut | #1g1:ready',
      '3 reload -> spawn #2 | #1g1:ready #2g2:starting',
      '30 ready #2 -> rolledOut, retire #1 | #1g1:draining #2g2:ready',
    ],
  );
});
