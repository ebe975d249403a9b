// Lines of /proc/<pid>/stat, and what they mean for a terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeIn } from '../../src/terminal/foreground.js';

test('the group of the process is the one of the terminal, or not', () => {
  const stat = (name: string, group: number, terminal: number, foreground: number) =>
    `4711 (${name}) S 4000 ${group} 4000 ${terminal} ${foreground} 4194304 1 2 3`;
  assert.equal(placeIn(stat('node', 4711, 34816, 4711)), 'foreground');
  assert.equal(placeIn(stat('node', 4711, 34816, 4000)), 'background');
  assert.equal(placeIn(stat('node', 4711, 0, -1)), 'no terminal');
  assert.equal(placeIn(stat('a) S 1 2 (b', 4711, 34816, 4711)), 'foreground');
});
