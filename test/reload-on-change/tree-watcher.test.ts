// All below the working directory is watched, but for what is ignored.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../helpers/eventually.js';
import { directoryWith, inotifyWatches, walked, watching, write } from './watching.js';

async function withTree(t: TestContext, files: readonly string[], options = {}) {
  const cwd = directoryWith(t, files);
  const it = await watching(t, cwd, options);
  it.watcher.watchTree(Date.now() + 1);
  it.watcher.watchTree(Date.now() + 1);
  if (files.length < 10) await walked();
  return { ...it, cwd, path: (name: string) => join(cwd, name) };
}

test('files that are there, new ones and new directories', async (t) => {
  const { path, told, watcher } = await withTree(t, ['a.py', 'lib/deep/b.py']);
  assert.equal(watcher.describe(), 'the working directory');
  appendFileSync(path('lib/deep/b.py'), 'more');
  assert.deepEqual(await told('lib/deep/b.py'), [['lib/deep/b.py']]);
  writeFileSync(path('new.py'), 'new');
  assert.deepEqual(await told('new.py'), [['new.py']]);
  unlinkSync(path('new.py'));
  assert.deepEqual(await told('new.py'), [['new.py']]);
  write(path('x/y/z/new.py'), 'at once');
  assert.deepEqual(await told('x/y/z/new.py'), [['x/y/z/new.py']]);
  appendFileSync(path('x/y/z/new.py'), 'more');
  assert.deepEqual(await told('x/y/z/new.py'), [['x/y/z/new.py']]);
});

test('directories renamed, deleted and made again', async (t) => {
  const { path, told } = await withTree(t, ['src/in/a.py']);
  renameSync(path('src'), path('lib'));
  assert.deepEqual(await told('lib/in/a.py'), [['lib/in/a.py', 'src/in/a.py']]);
  appendFileSync(path('lib/in/a.py'), 'more');
  assert.deepEqual(await told('lib/in/a.py'), [['lib/in/a.py']]);
  for (let i = 0; i < 20; i += 1) {
    rmSync(path('lib'), { recursive: true });
    if (i % 2) await told('lib/in/a.py');
    write(path('lib/in/a.py'), `again ${i}`);
    await told('lib/in/a.py');
    appendFileSync(path('lib/in/a.py'), 'more');
    assert.deepEqual(await told('lib/in/a.py'), [['lib/in/a.py']]);
  }
});

test('no watch is spent on what is ignored, and nothing told of it', async (t) => {
  const before = inotifyWatches();
  const ignored = ['node_modules/x/lib/a.js', '.git/objects/ab/c', 'dist/a.js', 'gen/b/c.py'];
  const { path, told, bursts } = await withTree(t, ['src/a.py', ...ignored], { ignore: ['gen'] });
  for (const one of ignored) appendFileSync(path(one), 'more');
  for (const one of ['src/4913', 'src/.a.py.swp', 'src/a.py~', 'app.log', 'dist/new']) {
    writeFileSync(path(one), 'leftover');
  }
  mkdirSync(path('build'));
  mkdirSync(path('src/empty'));
  appendFileSync(path('src/a.py'), 'more');
  assert.deepEqual(await told('src/a.py'), [['src/a.py']]);
  assert.deepEqual(bursts, []);
  // The directory, the one above for its sake, src and src/empty.
  const watches = () => inotifyWatches() - before;
  await eventually('4 watches', watches, (count) => count >= 4);
  assert.equal(watches(), 4);
});

test('a socket that the program makes is no change', async (t) => {
  const { path, told } = await withTree(t, ['a.py']);
  const server = createServer().listen(path('app.sock'));
  t.after(() => server.close());
  await eventually('the socket', () => server.listening);
  appendFileSync(path('a.py'), 'more');
  assert.deepEqual(await told('a.py'), [['a.py']]);
});

test('.gitignore is read anew, here, below and above', async (t) => {
  const base = directoryWith(t, ['app/a.py', 'app/made/m.py', 'app/sub/s.py', 'app/sub/t.py']);
  mkdirSync(join(base, '.git'));
  const cwd = join(base, 'app');
  const path = (name: string) => join(cwd, name);
  writeFileSync(path('.gitignore'), 'made\n');
  const none = inotifyWatches();
  const { watcher, told, bursts } = await watching(t, cwd);
  watcher.watchTree(Date.now() + 1);
  // The directory, the one above and sub.
  const before = none + 3;
  await eventually('the rest to be watched', inotifyWatches, (count) => count === before);
  writeFileSync(path('.gitignore'), '');
  await eventually('made to be watched', inotifyWatches, (count) => count === before + 1);
  appendFileSync(path('made/m.py'), 'more');
  assert.deepEqual(await told('made/m.py'), [['made/m.py']]);
  writeFileSync(path('sub/.gitignore'), 's.py\n');
  writeFileSync(join(base, '.gitignore'), 'made\n');
  await eventually('made to be left alone', inotifyWatches, (count) => count === before);
  for (const one of ['made/m.py', 'sub/s.py', 'sub/t.py']) appendFileSync(path(one), 'more');
  assert.deepEqual(await told('sub/t.py'), [['sub/t.py']]);
  unlinkSync(path('sub/.gitignore'));
  // Nothing else tells when that is known.
  await eventually('a save that is told', () => {
    appendFileSync(path('sub/s.py'), 'more');
    return bursts.length > 0;
  });
  assert.deepEqual(new Set(bursts.flat()), new Set(['sub/s.py']));
});

test('what was loaded before is watched, though it is ignored', async (t) => {
  const cwd = directoryWith(t, ['made/m.js', 'other/o.js', 'a.js']);
  const none = inotifyWatches();
  const { watcher, told } = await watching(t, cwd);
  watcher.watchLoaded(join(cwd, 'made/m.js'));
  watcher.watchTree(Date.now() + 1);
  // The directory, that above, made and other.
  await eventually('the tree is watched', inotifyWatches, (count) => count === none + 4);
  writeFileSync(join(cwd, '.gitignore'), 'made\nother\n');
  await eventually('what is ignored is not', inotifyWatches, (count) => count === none + 3);
  appendFileSync(join(cwd, 'made/m.js'), 'more');
  assert.deepEqual(await told('made/m.js'), [['made/m.js']]);
});

test('a thousand files that come, change and go at once are one burst each time', async (t) => {
  const { path, told } = await withTree(t, ['a.py']);
  const names = Array.from({ length: 1000 }, (_, i) => `lib/d${i % 30}/${i}.py`);
  const steps = [
    () => names.forEach((name) => void write(path(name), 'one')),
    () => names.forEach((name) => void write(path(name), 'another')),
    () => rmSync(path('lib'), { recursive: true }),
  ];
  for (const step of steps) {
    step();
    const bursts = await told('lib/d9/999.py');
    assert.equal(bursts.length, 1);
    assert.deepEqual(new Set(bursts[0]), new Set(names));
  }
});

test('a file saved while the tree is still being read', async (t) => {
  const files = Array.from({ length: 3000 }, (_, i) => `d${i % 300}/e/${i}.py`);
  const { path, told } = await withTree(t, files);
  // The walk goes on in slices: these are written in between.
  await nextTurn();
  for (const file of ['d0/e/0.py', 'd150/e/150.py', 'd299/e/299.py']) {
    appendFileSync(path(file), 'more');
  }
  const seen = new Set<string>();
  for (const file of ['d0/e/0.py', 'd150/e/150.py', 'd299/e/299.py']) {
    if (!seen.has(file)) for (const one of (await told(file)).flat()) seen.add(one);
  }
  assert.equal(seen.size, 3);
});

test('links to directories are not followed, but to lead one elsewhere is a change', async (t) => {
  const before = inotifyWatches();
  const { path, told } = await withTree(t, ['a.py', '.cache/1/x', '.cache/2/x']);
  symlinkSync('.cache/1', path('data'));
  symlinkSync('/', path('root'));
  assert.deepEqual(await told('root'), [['data', 'root']]);
  assert.ok(inotifyWatches() - before <= 3);
  symlinkSync('.cache/2', path('data.tmp'));
  renameSync(path('data.tmp'), path('data'));
  assert.deepEqual(await told('data'), [['data']]);
});

test('left again: what is loaded counts, and no watch is left behind', async (t) => {
  const base = directoryWith(t, ['.git/HEAD', 'app/src/a.js', 'app/lib/deep/b.js', 'app/NOTES.md']);
  const cwd = join(base, 'app');
  const { watcher, told, bursts } = await watching(t, cwd);
  const loaded = join(cwd, 'src/a.js');
  watcher.watchLoaded(loaded);
  appendFileSync(loaded, 'more');
  await told('src/a.js');
  const before = inotifyWatches();
  for (let round = 0; round < 2; round += 1) {
    watcher.watchTree(Date.now() + 1);
    assert.equal(watcher.describe(), 'the working directory');
    await walked();
    appendFileSync(join(cwd, 'lib/deep/b.js'), 'more');
    await told('lib/deep/b.js');
    watcher.stopTree();
    watcher.stopTree();
    assert.equal(watcher.describe(), 'the file that is loaded');
    await eventually('its watches are gone', inotifyWatches, (count) => count === before);
    for (const name of ['NOTES.md', 'lib/deep/b.js', 'src/a.js'])
      appendFileSync(join(cwd, name), '2');
    assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
    assert.deepEqual(bursts, []);
  }
});
