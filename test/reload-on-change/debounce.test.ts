// When a burst of changes is over.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createDebouncer } from '../../src/reload-on-change/debounce.js';

function open(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: (readonly string[])[] = [];
  const burst = createDebouncer((paths) => told.push(paths));
  return { told, burst, pass: (ms: number) => t.mock.timers.tick(ms) };
}

test('one file: 25 ms after the last write to it', (t) => {
  const { told, burst, pass } = open(t);
  burst.add('/a', false);
  pass(24);
  burst.add('/a', false);
  pass(24);
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, [['/a']]);
  pass(5000);
  assert.deepEqual(told, [['/a']]);
});

test('in order of first appearance, and the next burst begins empty', (t) => {
  const { told, burst, pass } = open(t);
  for (const path of ['/b', '/a', '/b']) burst.add(path, false);
  pass(25);
  burst.add('/c', false);
  pass(25);
  assert.deepEqual(told, [['/b', '/a'], ['/c']]);
});

test('many files: after 150 ms', (t) => {
  const { told, burst, pass } = open(t);
  for (const path of ['/a', '/b', '/c', '/d']) burst.add(path, false);
  pass(149);
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, [['/a', '/b', '/c', '/d']]);
});

test('a file that is gone or empty is awaited, and no longer when it is back', (t) => {
  const { told, burst, pass } = open(t);
  burst.add('/a', true);
  pass(149);
  assert.deepEqual(told, []);
  burst.add('/a', false);
  pass(25);
  assert.deepEqual(told, [['/a']]);
  burst.add('/a', true);
  pass(150);
  assert.deepEqual(told, [['/a'], ['/a']]);
});

test('never longer than 2 s, whatever goes on', (t) => {
  const { told, burst, pass } = open(t);
  for (let ms = 0; ms < 1990; ms += 10) {
    burst.add(`/${ms}`, false);
    pass(10);
  }
  assert.equal(told.length, 0);
  burst.add('/last', false);
  pass(10);
  assert.deepEqual(
    told.map((paths) => paths.at(-1)),
    ['/last'],
  );
});

test('closed: nothing is told', (t) => {
  const { told, burst, pass } = open(t);
  burst.add('/a', false);
  burst.close();
  burst.add('/b', false);
  pass(5000);
  assert.deepEqual(told, []);
});
