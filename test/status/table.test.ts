// The status for people: whole outputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusReport, WorkerReport } from '../../src/status/report-types.js';
import { statusTable } from '../../src/status/table.js';

const now = Date.UTC(2030, 0, 10);
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

const quiet: StatusReport = {
  name: 'app',
  pid: 70,
  version: '1.2.3',
  phase: 'serving',
  generation: 1,
  workersWanted: 1,
  sockets: [],
  workers: [],
  reloads: { ok: 0, failed: 0 },
  lastReload: null,
  census: '',
};

function worker(slot: number, generation: number, more: Partial<WorkerReport>): WorkerReport {
  const born = { startedAt: ago(90), readyAt: null, connections: null, status: null };
  return { slot, generation, pid: null, state: 'starting', ...born, ...more };
}

const last = { ok: true, reason: null, cause: null, generation: 2, durationMs: 5, at: ago(119) };
const failed = (reason: string) => ({ ...last, ok: false, reason, cause: 'exited' as const });

/** A block of text without its common indentation. */
const block = (text: string) => text.trim().replace(/^ {4}/gm, '');

test('a fleet in the middle of a reload', () => {
  const text = statusTable(
    {
      ...quiet,
      phase: 'rolling out',
      generation: 9,
      workersWanted: 2,
      sockets: [
        { name: 'web', address: ':8080', queued: 0 },
        { name: 'admin', address: 'unix:/run/admin.sock', queued: null },
      ],
      workers: [
        worker(1, 9, { pid: 4711, state: 'ready', readyAt: ago(200_000), connections: 120 }),
        worker(2, 9, { pid: 4, state: 'draining', readyAt: ago(7200), connections: 0 }),
        worker(1, 10, { pid: 4800 }),
        worker(2, 10, { startedAt: ago(-5) }),
      ],
      reloads: { ok: 8, failed: 1 },
      lastReload: { ...last, generation: 9, durationMs: 1234, at: ago(130) },
    },
    now,
  );
  assert.equal(
    text,
    block(`
    app (pid 70): rolling out, generation 9, 2 wanted

    WORKER  PID   STATE     FOR  CONNECTIONS
    9.1     4711  ready     2d   120
    9.2     4     draining  2h   0
    10.1    4800  starting  90s  -
    10.2    -     starting  0s   -

    SOCKET  ADDRESS               QUEUED
    web     :8080                 0
    admin   unix:/run/admin.sock  -

    reloads: 8 ok, 1 failed; the last 2m ago, in 1.2s`),
  );
});

test('a reload that failed is told with its reason, all lines of it', () => {
  const reason = 'worker 1 of generation 2 exited with status 1\nError: no database\n    at x';
  const status = { ...quiet, reloads: { ok: 0, failed: 1 }, lastReload: failed(reason) };
  assert.equal(
    statusTable(status, now).split('\n').slice(6).join('\n'),
    block(`
    reloads: 0 ok, 1 failed; the last 119s ago failed:
      worker 1 of generation 2 exited with status 1
      Error: no database
          at x`),
  );
});

test('nothing that comes from an app can steer a terminal', () => {
  const hostile = 'a\x1b[2J\x1b]0;x\x07\u009b';
  const text = statusTable({
    ...quiet,
    sockets: [{ name: hostile, address: `unix:/${hostile}`, queued: null }],
    workers: [worker(1, 1, { status: hostile })],
    reloads: { ok: 0, failed: 1 },
    lastReload: failed(hostile),
  });
  assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
  assert.match(text, / failed:\n {2}a$/);
});
