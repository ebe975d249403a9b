// What is made of chokidar: watchers under our thumb, so that each moment can be tried.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FSWatcher, watch as watchForReal } from 'chokidar';
import { openEyes } from '../../src/reload-on-change/directory-watcher.js';
import { eventually } from '../helpers/eventually.js';
import { directoryWith } from './watching.js';

/** Watchers that watch nothing: what they tell is up to the test. */
function eyesOf(t: TestContext, everyMs: number) {
  const watchers: FSWatcher[] = [];
  const told: string[] = [];
  const troubles: string[] = [];
  const eyes = openEyes(
    (_, options) => {
      const watcher = new FSWatcher(options);
      watchers.push(watcher);
      return watcher;
    },
    everyMs,
    (_, name) => told.push(`${name}`),
    (_, error) => troubles.push(`${error}`),
  );
  t.after(() => eyes.close());
  return { eyes, watchers, told, troubles };
}

test('waiting for what is forgotten, or fails, comes to an end', async (t) => {
  const cwd = directoryWith(t, ['a/x', 'b/x']);
  const { eyes, watchers, troubles } = eyesOf(t, 0);
  for (const name of ['a', 'b']) eyes.watch(join(cwd, name), true);
  let isReady = false;
  const ready = eyes.ready().then(() => {
    isReady = true;
  });
  eyes.forget(join(cwd, 'a'));
  await nextTurn();
  assert.equal(isReady, false);
  watchers[1]?.emit('error', new Error('refused'));
  await ready;
  assert.deepEqual(troubles, ['Error: refused']);
});

test('what cannot be watched is told once, and tried again only when asked for', (t) => {
  const cwd = directoryWith(t, ['a/x']);
  const { eyes, watchers, told } = eyesOf(t, 0);
  eyes.watch(join(cwd, 'a'), true);
  watchers[0]?.emit('error', new Error('refused'));
  watchers[0]?.emit('ready');
  assert.deepEqual(told, []);
  eyes.watch(join(cwd, 'a'), true);
  assert.equal(watchers.length, 2);
});

test('gone when the watch was to begin: that is told, and it is watched when it is back', (t) => {
  const cwd = directoryWith(t, []);
  const directory = join(cwd, 'a');
  mkdirSync(directory);
  const { eyes, watchers, told } = eyesOf(t, 0);
  eyes.watch(directory, true);
  rmdirSync(directory);
  watchers[0]?.emit('ready');
  assert.deepEqual(told, ['null']);
  // Perhaps with the same inode number.
  mkdirSync(directory);
  eyes.watch(directory, true);
  assert.equal(watchers.length, 2);
});

test('a directory that comes and goes in another one is watched anew, whatever its inode number', async (t) => {
  const cwd = directoryWith(t, ['a/x']);
  const { eyes, watchers, told } = eyesOf(t, 0);
  const watch = () => {
    eyes.watch(cwd, true);
    eyes.watch(join(cwd, 'a'), true);
  };
  watch();
  watchers[0]?.emit('raw', 'change', 'a', {});
  watchers[1]?.emit('raw', 'change', 'x', {});
  await nextTurn();
  // As chokidar tells when it runs.
  for (const one of watchers) one.getWatched = () => ({ [cwd]: [], [join(cwd, 'a')]: [] });
  for (const one of watchers) one.emit('ready');
  watch();
  assert.equal(watchers.length, 2);
  watchers[0]?.emit('raw', 'rename', 'a', {});
  watch();
  assert.equal(watchers.length, 3);
  await nextTurn();
  assert.deepEqual(told, ['a', 'x', 'null', 'null', 'a']);
});

test('polling: a watcher that is closed by what it tells', async (t) => {
  const cwd = directoryWith(t, ['a/x']);
  const file = join(cwd, 'a/x');
  let count = 0;
  const eyes = openEyes(
    watchForReal,
    5,
    (directory, name) => {
      if (name !== 'x') return;
      count += 1;
      eyes.forget(directory);
    },
    () => {},
  );
  t.after(() => eyes.close());
  for (let i = 1; i <= 5; i += 1) {
    eyes.watch(join(cwd, 'a'), true);
    await eyes.ready();
    await eventually('a change', () => {
      appendFileSync(file, 'more');
      return count === i;
    });
  }
});

test('polling: what happens before the first look is seen one interval later', async (t) => {
  const cwd = directoryWith(t, ['a/x']);
  const { eyes, watchers, told } = eyesOf(t, 20);
  eyes.watch(join(cwd, 'a'), true);
  const [one] = watchers;
  if (one) one.getWatched = () => ({ [join(cwd, 'a')]: [] });
  one?.emit('ready');
  assert.deepEqual(told.splice(0), ['null']);
  await eventually('another look', () => told.splice(0).join() === 'null');
  one?.emit('all', 'add', join(cwd, 'a/new'));
  await eventually('a look at the new file', () => told.splice(0).join() === 'new');
  eyes.close();
  one?.emit('all', 'add', join(cwd, 'a/late'));
  assert.deepEqual(told, []);
});
