// Which changes are consequences of a start, and how long they wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEchoes } from '../../src/master/echoes.js';

/** Delays of a change of `files`, `after` so many milliseconds, of each of these generations. */
function delays(generations: number, files: (generation: number) => string[], after = 300) {
  const echoes = createEchoes();
  let at = 0;
  return Array.from({ length: generations }, (_, i) => {
    echoes.began(i + 1);
    at += 5000;
    echoes.ended(at);
    return echoes.delayOf(files(i + 1), at + after);
  });
}

test('what changes right after every start waits longer and longer', () => {
  const state = () => ['state.json'];
  assert.deepEqual(delays(10, state), [0, 0, 0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('what changes later does not', () => {
  assert.deepEqual(
    delays(9, () => ['page.html'], 1001),
    Array(9).fill(0),
  );
});

test('neither does what changes now and then, nor a save beside it', () => {
  const rare = (generation: number) => (generation % 3 === 0 ? ['b'] : [`a${generation}`]);
  assert.deepEqual(delays(9, rare), Array(9).fill(0));
  const beside = (generation: number) =>
    generation === 6 ? ['state.json', 'app.py'] : ['state.json'];
  assert.deepEqual(delays(7, beside).slice(3), [500, 1000, 0, 4000]);
});

test('during a start it counts as well, once', () => {
  const echoes = createEchoes();
  const seen = [1, 2, 3, 4].map((generation) => {
    echoes.began(generation);
    echoes.began(generation);
    return [0, 1].map((at) => echoes.delayOf(['made.js'], at));
  });
  assert.deepEqual(seen, [
    [0, 0],
    [0, 0],
    [0, 0],
    [500, 500],
  ]);
});
