// Closers run in order, each within its limit, and report what goes wrong.
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

test('closers run once each, one after the other, the last one first', async () => {
  const { closers, add, steps, warnings } = setUp();
  for (const name of ['database', 'queue']) {
    add(name, async () => {
      steps.push(`${name} begins`);
      await new Promise(setImmediate);
      steps.push(`${name} ends`);
    });
  }
  await closers.run();
  await closers.run();
  assert.deepEqual(steps, ['queue begins', 'queue ends', 'database begins', 'database ends']);
  assert.deepEqual(warnings, []);
});

test('a closer that throws, rejects or takes too long is reported, and the next one runs', async () => {
  const { closers, add, steps, warnings } = setUp();
  add('last');
  add('slow', () => new Promise(() => {}), 10);
  add('odd', () => Promise.reject('no error'));
  add('rejects', () => Promise.reject(new Error('gone')));
  add('throws', () => {
    throw new Error('no such thing');
  });
  await closers.run();
  assert.deepEqual(steps, ['last']);
  assert.deepEqual(warnings, [
    'closing throws: no such thing',
    'closing rejects: gone',
    'closing odd: no error',
    'closing slow: not done after 10 ms',
  ]);
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

test('a closer that is added while the closers run, runs as well', async () => {
  const { closers, add, steps } = setUp();
  add('first', () => add('late'));
  await closers.run();
  assert.deepEqual(steps, ['late']);
});
