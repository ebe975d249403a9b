// What a SIGHUP means where there is a terminal and where there is none. test/e2e/terminal.test.ts closes a real one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchTerminal } from '../../src/dev/terminal-closed.js';
import { type JobState, jobState } from '../../src/linux/job-state.js';

test('the kernel tells whether a process is in the foreground of its terminal', () => {
  const stat = (name: string, terminal: number, foregroundGroup: number) =>
    `4711 (${name}) S 4000 4711 4000 ${terminal} ${foregroundGroup} 4194304 1 2 3`;
  assert.equal(jobState(stat('node', 34816, 4711)), 'foreground');
  assert.equal(jobState(stat('node', 34816, 4000)), 'background');
  assert.equal(jobState(stat('node', 0, -1)), 'no terminal');
  assert.equal(jobState(stat('a) S 1 2 (b', 34816, 4711)), 'foreground');
});

test('a SIGHUP is a reload while the terminal is there, and where there never was one', () => {
  for (const state of ['foreground', 'background', 'no terminal'] as const) {
    const terminalWatch = watchTerminal(
      () => assert.fail(state),
      () => state,
      [0],
    );
    assert.equal(terminalWatch.onHangup(), false, state);
  }
});

test('a terminal that is closed shortly after the SIGHUP is noticed, once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let state: JobState = 'foreground';
  let closed = 0;
  const terminalWatch = watchTerminal(
    () => {
      closed += 1;
    },
    () => state,
    [],
  );
  assert.equal(terminalWatch.onHangup(), false);
  state = 'no terminal';
  t.mock.timers.tick(500);
  assert.equal(closed, 1);
  assert.equal(terminalWatch.onHangup(), true);
  assert.equal(terminalWatch.onEndOfInput(), true);
  assert.equal(closed, 1);
});
