// Which changes at a start cause a reload, on a clock of the test.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createReloadLoopGuard } from '../../src/reload-on-change/reload-loop-guard.js';

const CWD = '/srv/app';
const START_MS = 300;

/** An app that takes 300 ms to start; each reload starts it again, and each of its starts changes `written`. */
function open(t: TestContext, { written = '', after = 100, isLoaded = false } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let generation = 0;
  const reloads: string[] = [];
  const troubles: string[] = [];
  const guard = createReloadLoopGuard({
    cwd: CWD,
    isLoaded: () => isLoaded,
    reload(files) {
      reloads.push(files.map((file) => file.replace(`${CWD}/`, '')).join(' '));
      start();
    },
    onTrouble: (text) => troubles.push(text),
  });

  function start(): void {
    generation += 1;
    const mine = generation;
    guard.onStart();
    setTimeout(() => mine === generation && guard.onStarted(), START_MS);
    if (written) setTimeout(() => mine === generation && save(...written.split(' ')), after);
  }

  const save = (...files: string[]) => guard.onChange(files.map((file) => `${CWD}/${file}`));

  function pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) t.mock.timers.tick(10);
  }

  start();
  return { reloads, troubles, save, pass };
}

test('files that an app writes at each start cause six reloads, then one line that says what to do', (t) => {
  const { reloads, troubles, save, pass } = open(t, { written: 'state.json b&w.txt', after: 900 });
  pass(60_000);
  assert.equal(reloads.length, 6);
  assert.deepEqual(troubles, [
    "changes of state.json and b&w.txt at every start no longer cause a reload; if the app makes them: --watch-ignore /state.json --watch-ignore '/b&w.txt'",
  ]);
  save('state.json');
  pass(5000);
  assert.equal(reloads.length, 7, 'a save by hand, outside of a start, still counts');
  assert.equal(troubles.length, 1);
});

test('a person who saved during six starts in a row waits 2 s for the last save, and for no later one', (t) => {
  const { reloads, troubles, save, pass } = open(t, { isLoaded: true });
  for (let nth = 1; nth <= 6; nth += 1) {
    pass(200);
    save('a.js');
  }
  pass(1990);
  assert.equal(reloads.length, 5);
  pass(10);
  assert.equal(reloads.length, 6);
  for (let nth = 7; nth <= 20; nth += 1) {
    pass(START_MS + 10);
    save('a.js');
    assert.equal(reloads.length, nth);
  }
  assert.deepEqual(troubles, []);
});

test('saves in quick succession are all passed on, at the latest when a start is over', (t) => {
  const { reloads, troubles, save, pass } = open(t, { isLoaded: true });
  for (let nth = 1; nth <= 6; nth += 1) {
    pass(200);
    save('a.js');
  }
  assert.equal(reloads.length, 5);
  pass(START_MS);
  save('a.js', 'b.js');
  assert.deepEqual(reloads.at(-1), 'a.js b.js');
  pass(200);
  save('a.js');
  assert.equal(reloads.length, 7, 'counted anew');
  assert.deepEqual(troubles, []);
});

test('a suspicious file does not hold back another that changes with it, nor is it forgotten', (t) => {
  const { reloads, save, pass } = open(t, { written: 'state.json' });
  pass(5 * 100 + 150);
  assert.equal(reloads.length, 5);
  save('a.js');
  assert.deepEqual(reloads.at(-1), 'state.json a.js');
});
