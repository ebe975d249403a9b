// What the end-to-end tests of the worker library do not show of closers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClosers } from '../../native-free-shims/preload/closers.js';

function setUp() {
  const warnings: string[] = [];
  const steps: string[] = [];
  const closers = createClosers((text) => warnings.push(text));
  const add = (name: string, close: () => unknown = () => steps.push(name), timeoutMs = 5000) =>
    closers.add({ name, close, timeoutMs });
  return { closers, add, steps, warnings };
}

test('closers run once, whatever happens to one of them, also one that is added meanwhile', async () => {
  const { closers, add, steps, warnings } = setUp();
  add('last');
  add('adds', () => add('late'));
  add('odd', () => Promise.reject('no error'));
  add('rejects', () => Promise.reject(new Error('gone')));
  await closers.run();
  await closers.run();
  assert.deepEqual(steps, ['late', 'last']);
  assert.deepEqual(warnings, ['closing rejects: gone', 'closing odd: no error']);
});

test('a closer can be removed, and the total of the timeouts follows', async () => {
  const { closers, add, steps } = setUp();
  const remove = add('one');
  add('two', undefined, 300);
  assert.equal(closers.totalTimeoutMs(), 5300);
  remove();
  remove();
  assert.equal(closers.totalTimeoutMs(), 300);
  await closers.run();
  assert.deepEqual([steps, closers.totalTimeoutMs()], [['two'], 0]);
});
