// What is left when watching is over, and how quickly a save is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FSWatcher, watch as watchForReal } from 'chokidar';
import { directoryWith, inotifyWatches, watching } from './watching.js';

for (const options of [
  {},
  { poll: 10 },
  { tree: true },
  { named: true },
  { poll: 10, tree: true },
]) {
  test(`nothing is told and nothing held any more: ${JSON.stringify(options)}`, async (t) => {
    const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
    const first = await watching(t, cwd, { paths: [cwd] });
    await first.watch.close();
    const before = { watches: inotifyWatches(), fds: readdirSync('/proc/self/fd').length };
    const named = 'named' in options ? [cwd] : [];
    const poll = options.poll ?? 0;
    const { watch, bursts } = await watching(t, cwd, { poll, paths: named });
    watch.loaded(join(cwd, 'a.js'));
    if ('tree' in options) watch.watchTree();
    appendFileSync(join(cwd, 'a.js'), 'more');
    // What happened already is not told either.
    await watch.close();
    await watch.close();
    bursts.length = 0;
    watch.loaded(join(cwd, 'x/y/b.js'));
    watch.watchTree();
    await somebodyElseSees(t, cwd, 'x/y/b.js');
    assert.deepEqual(bursts, []);
    const after = { watches: inotifyWatches(), fds: readdirSync('/proc/self/fd').length };
    assert.deepEqual(after, before);
  });
}

test('a process that closed its watches ends', (t) => {
  const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
  const library = fileURLToPath(new URL('../../src/reload-on-change/watcher.js', import.meta.url));
  const program = `
    const { createWatch } = await import(${JSON.stringify(library)});
    for (const poll of [0, 100_000]) {
      const options = { cwd: ${JSON.stringify(cwd)}, paths: [], ignore: [], poll, always: [] };
      const watch = await createWatch(options, { changed() {}, trouble: console.log });
      watch.watchTree();
      await watch.close();
    }
    console.log('over');`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program],
    { encoding: 'utf8', timeout: 20_000 },
  );
  assert.deepEqual([status, stdout, stderr], [0, 'over\n', '']);
});

test('what fails after it was closed ends nothing', async (t) => {
  const cwd = directoryWith(t, ['a.js']);
  const watchers: FSWatcher[] = [];
  const { watch, troubles } = await watching(t, cwd, {}, (directory, options) => {
    const watcher = watchForReal(directory, options);
    watchers.push(watcher);
    return watcher;
  });
  watch.loaded(join(cwd, 'a.js'));
  await watch.close();
  assert.ok(watchers.length > 0);
  for (const one of watchers) one.emit('error', new Error('too late'));
  assert.deepEqual(troubles, []);
});

test('closed while its watches are about to begin: none does', async (t) => {
  const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
  const before = inotifyWatches();
  const { watch } = await watching(t, cwd);
  for (const file of ['a.js', 'x/y/b.js']) watch.loaded(join(cwd, file));
  watch.watchTree();
  await watch.close();
  await somebodyElseSees(t, cwd, 'x/y/b.js');
  assert.equal(inotifyWatches(), before);
});

/** Changes a file, and waits until another watch has told of it: so long may what is closed take, too. */
async function somebodyElseSees(t: TestContext, cwd: string, file: string): Promise<void> {
  const { watch, told } = await watching(t, cwd, { paths: [cwd] });
  appendFileSync(join(cwd, file), 'more');
  await told(file);
  await watch.close();
}
