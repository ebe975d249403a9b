// Which changes are consequences of a start, and how long they wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEchoes } from '../../src/reload-on-change/echoes.js';

const isLoaded = (file: string) => file.endsWith('.js');

/** Delays of a change of `files`, `after` so many milliseconds, of each of these generations. */
function delays(generations: number, files: (generation: number) => string[], after = 300) {
  const echoes = createEchoes(isLoaded);
  let at = 0;
  return Array.from({ length: generations }, (_, i) => {
    echoes.began(i + 1, at);
    at += 5000;
    echoes.ended(at);
    return echoes.delayOf(files(i + 1), at + after);
  });
}

test('what changes right after every start waits longer and longer', () => {
  const state = () => ['state.json'];
  assert.deepEqual(delays(12, state), [
    ...[0, 0, 0, 0, 0],
    ...[500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  ]);
});

test('what comes now sooner and now later after the start is saved by a person', () => {
  const echoes = createEchoes(isLoaded);
  const seen = (offsets: readonly number[]) =>
    offsets.map((offset, i) => {
      echoes.began(i + 1, i * 10_000);
      return echoes.delayOf(['page.html'], i * 10_000 + offset);
    });
  assert.deepEqual(seen([2000, 2900, 2100, 2700, 2000, 2800, 2200, 2900]), Array(8).fill(0));
});

test('the machine may make it wait', () => {
  const echoes = createEchoes(isLoaded);
  const delay = [2000, 2500, 2100, 2300, 2550, 2600].map((offset, i) => {
    echoes.began(i + 1, i * 10_000);
    return echoes.delayOf(['state.json'], i * 10_000 + offset);
  });
  assert.deepEqual(delay, [0, 0, 0, 0, 0, 500]);
});

test('what changes later does not', () => {
  assert.deepEqual(
    delays(9, () => ['page.html'], 1001),
    Array(9).fill(0),
  );
});

test('what is loaded counts until the start is over', () => {
  const app = () => ['app.js'];
  assert.deepEqual(delays(9, app, 1), Array(9).fill(0));
  assert.deepEqual(delays(7, app, 0), [0, 0, 0, 0, 0, 500, 1000]);
});

test('neither does what changes now and then, nor a save beside it', () => {
  const rare = (generation: number) => (generation % 3 === 0 ? ['b'] : [`a${generation}`]);
  assert.deepEqual(delays(12, rare), Array(12).fill(0));
  const beside = (generation: number) =>
    generation === 8 ? ['state.json', 'app.py'] : ['state.json'];
  assert.deepEqual(delays(9, beside).slice(5), [500, 1000, 0, 4000]);
});

test('more files than a call has arguments', () => {
  const many = Array.from({ length: 300_000 }, (_, i) => `file-${i}`);
  assert.equal(createEchoes(isLoaded).delayOf(many, 0), 0);
});

test('during a start it counts as well, once', () => {
  const echoes = createEchoes(isLoaded);
  const seen = [1, 2, 3, 4, 5, 6].map((generation) => {
    echoes.began(generation, 0);
    echoes.began(generation, 0);
    return [0, 1].map((at) => echoes.delayOf(['made.js'], at));
  });
  assert.deepEqual(seen, [...Array(5).fill([0, 0]), [500, 500]]);
});

test('another change after the start has had its consequences was somebody else', () => {
  const echoes = createEchoes(isLoaded);
  const start = (generation: number) => {
    echoes.began(generation, 0);
    echoes.ended(0);
    return echoes.delayOf(['page.html'], 0);
  };
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(start), [0, 0, 0, 0, 0, 500, 1000]);
  assert.equal(echoes.delayOf(['page.html'], 900), 1000);
  assert.equal(echoes.delayOf(['page.html'], 1100), 0);
  assert.deepEqual([8, 9, 10, 11, 12, 13].map(start), [0, 0, 0, 0, 0, 500]);
});

test('a name with another number each time is the same', () => {
  const names = [
    (pid: number) => `/srv/v2/x${pid}.json`,
    (pid: number) => `/srv/v2/${(pid * 7919 * 7919).toString(16).padStart(8, '0')}.json`,
    (pid: number) => `/srv/v2/1b4e28ba-2fa1-11d2-883f-0016d3cca4${20 + pid}.json`,
  ];
  for (const name of names) {
    const files = (generation: number) => [name(generation)];
    assert.deepEqual(delays(7, files), [0, 0, 0, 0, 0, 500, 1000], name(1));
  }
  const word = (generation: number) => [`page-${'abcdefghij'[generation]}.html`];
  assert.deepEqual(delays(9, word), Array(9).fill(0));
});

test('only the number that varies is left out of the name', () => {
  const echoes = createEchoes(isLoaded);
  for (let i = 1; i <= 6; i += 1) {
    echoes.began(i, 0);
    echoes.delayOf([`/srv/v2/x${i * 7}-1.json`, '/srv/v2/state-1.json', '/srv/v2/state-2.json'], 0);
  }
  assert.equal(echoes.likenessOf('/srv/v2/x42-1.json'), '/srv/v2/x\0-1.json');
  assert.equal(echoes.likenessOf('/srv/v2/state-1.json'), '/srv/v2/state-1.json');
});
