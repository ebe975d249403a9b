// When a burst of changes is over.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createBurst } from '../../src/reload-on-change/debounce.js';

function open(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: (readonly string[])[] = [];
  const burst = createBurst((paths) => told.push(paths));
  return { told, burst, pass: (ms: number) => t.mock.timers.tick(ms) };
}

test('one file: 25 ms after the last write to it', (t) => {
  const { told, burst, pass } = open(t);
  burst.saw('/a', false);
  pass(24);
  burst.saw('/a', false);
  pass(24);
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, [['/a']]);
  pass(5000);
  assert.deepEqual(told, [['/a']]);
});

test('in order of first appearance, and the next burst begins empty', (t) => {
  const { told, burst, pass } = open(t);
  for (const path of ['/b', '/a', '/b']) burst.saw(path, false);
  pass(25);
  burst.saw('/c', false);
  pass(25);
  assert.deepEqual(told, [['/b', '/a'], ['/c']]);
});

test('many files: after 150 ms', (t) => {
  const { told, burst, pass } = open(t);
  for (const path of ['/a', '/b', '/c', '/d']) burst.saw(path, false);
  pass(149);
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, [['/a', '/b', '/c', '/d']]);
});

test('a file that is gone or empty is awaited, and no longer when it is back', (t) => {
  const { told, burst, pass } = open(t);
  burst.saw('/a', true);
  pass(149);
  assert.deepEqual(told, []);
  burst.saw('/a', false);
  pass(25);
  assert.deepEqual(told, [['/a']]);
  burst.saw('/a', true);
  pass(150);
  assert.deepEqual(told, [['/a'], ['/a']]);
});

test('never longer than 2 s, whatever goes on', (t) => {
  const { told, burst, pass } = open(t);
  for (let ms = 0; ms < 1990; ms += 10) {
    burst.saw(`/${ms}`, false);
    pass(10);
  }
  assert.equal(told.length, 0);
  burst.saw('/last', false);
  pass(10);
  assert.deepEqual(
    told.map((paths) => paths.at(-1)),
    ['/last'],
  );
});

test('closed: nothing is told', (t) => {
  const { told, burst, pass } = open(t);
  burst.saw('/a', false);
  burst.close();
  burst.saw('/b', false);
  pass(5000);
  assert.deepEqual(told, []);
});
