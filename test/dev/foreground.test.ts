// Lines of /proc/<pid>/stat, and what they mean for a terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOrphan, placeIn } from '../../src/dev/foreground.js';

test('the group of the process is the one of the terminal, or not', () => {
  const stat = (name: string, group: number, terminal: number, foreground: number) =>
    `4711 (${name}) S 4000 ${group} 4000 ${terminal} ${foreground} 4194304 1 2 3`;
  assert.equal(placeIn(stat('node', 4711, 34816, 4711)), 'foreground');
  assert.equal(placeIn(stat('node', 4711, 34816, 4000)), 'background');
  assert.equal(placeIn(stat('node', 4711, 0, -1)), 'no terminal');
  assert.equal(placeIn(stat('a) S 1 2 (b', 4711, 34816, 4711)), 'foreground');
});

test('an orphan has no other group above it in its session', () => {
  const stat = (parent: number, group: number, session: number) =>
    `1 (a b) S ${parent} ${group} ${session} 34816 9 4194304 1 2 3`;
  const isAlone = (above: Record<string, string>) => isOrphan((pid) => above[pid] ?? assert.fail());
  const shell = stat(2, 20, 20);
  assert.equal(isAlone({ self: stat(20, 30, 20), 20: shell }), false, 'a job of a shell');
  const npm = stat(20, 25, 20);
  assert.equal(isAlone({ self: stat(25, 25, 20), 25: npm, 20: shell }), false, 'npm in between');
  const sshd = stat(1, 2, 2);
  assert.equal(isAlone({ self: stat(2, 20, 20), 2: sshd }), true, 'the leader of its session');
  const sh = stat(2, 20, 20);
  assert.equal(isAlone({ self: stat(20, 20, 20), 20: sh, 2: sshd }), true, 'a shell without jobs');
  assert.equal(isAlone({ self: stat(0, 1, 1) }), true, 'pid 1');
  assert.equal(isAlone({ self: stat(1, 30, 1), 1: stat(0, 1, 1) }), false, 'a shell is pid 1');
  assert.equal(isAlone({ self: stat(20, 30, 20) }), false, 'who cannot be seen');
});
