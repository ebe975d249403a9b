// What is left when watching is over, and how quickly a save is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { directoryWith, inotifyWatches, watching } from './watching.js';

for (const options of [
  {},
  { pollMs: 10 },
  { tree: true },
  { named: true },
  { pollMs: 10, tree: true },
]) {
  test(`nothing is told and nothing held any more: ${JSON.stringify(options)}`, async (t) => {
    const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
    const first = await watching(t, cwd, { paths: [cwd] });
    first.watcher.close();
    const before = { watches: inotifyWatches(), fds: readdirSync('/proc/self/fd').length };
    const named = 'named' in options ? [cwd] : [];
    const pollMs = 'pollMs' in options ? options.pollMs : 0;
    const { watcher, bursts } = await watching(t, cwd, { pollMs, paths: named });
    watcher.watchLoaded(join(cwd, 'a.js'));
    if ('tree' in options) watcher.watchTree(Date.now() + 1);
    appendFileSync(join(cwd, 'a.js'), 'more');
    // What happened already is not told either.
    watcher.close();
    watcher.close();
    bursts.length = 0;
    watcher.watchLoaded(join(cwd, 'x/y/b.js'));
    watcher.watchTree(Date.now() + 1);
    await somebodyElseSees(t, cwd, 'x/y/b.js');
    assert.deepEqual(bursts, []);
    const after = { watches: inotifyWatches(), fds: readdirSync('/proc/self/fd').length };
    assert.deepEqual(after, before);
  });
}

test('a process that closed its watches ends', (t) => {
  const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
  const library = fileURLToPath(
    new URL('../../src/reload-on-change/watched-files.js', import.meta.url),
  );
  const program = `
    const { createWatcher } = await import(${JSON.stringify(library)});
    for (const pollMs of [0, 100_000]) {
      const options = { cwd: ${JSON.stringify(cwd)}, paths: [], ignore: [], pollMs, always: [] };
      const watcher = await createWatcher(options, { onChange() {}, onTrouble: console.log });
      watcher.watchTree(Date.now() + 1);
      watcher.close();
    }
    console.log('over');`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program],
    { encoding: 'utf8', timeout: 20_000 },
  );
  assert.deepEqual([status, stdout, stderr], [0, 'over\n', '']);
});

test('closed while its watches are about to begin: none does', async (t) => {
  const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
  const before = inotifyWatches();
  const { watcher } = await watching(t, cwd);
  for (const file of ['a.js', 'x/y/b.js']) watcher.watchLoaded(join(cwd, file));
  watcher.watchTree(Date.now() + 1);
  watcher.close();
  await somebodyElseSees(t, cwd, 'x/y/b.js');
  assert.equal(inotifyWatches(), before);
});

/** Changes a file, and waits until another watch has told of it: so long may what is closed take, too. */
async function somebodyElseSees(t: TestContext, cwd: string, file: string): Promise<void> {
  const { watcher, told } = await watching(t, cwd, { paths: [cwd] });
  appendFileSync(join(cwd, file), 'more');
  await told(file);
  watcher.close();
}
