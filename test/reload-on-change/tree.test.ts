// All below the working directory is watched, except for what is ignored.
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
import { directoryWith, inotifyWatches, MODES, walked, watching, write } from './watching.js';

async function withTree(t: TestContext, files: readonly string[], options = {}) {
  const cwd = directoryWith(t, files);
  const it = await watching(t, cwd, options);
  it.watcher.watchTree(Date.now() + 1);
  it.watcher.watchTree(Date.now() + 1);
  if (files.length < 10) await walked();
  return { ...it, cwd, path: (name: string) => join(cwd, name) };
}

for (const [mode, options] of MODES) {
  test(`files that are there, new ones and new directories are watched, ${mode}`, async (t) => {
    const { path, told, watcher } = await withTree(t, ['a.py', 'lib/deep/b.py'], options);
    assert.equal(watcher.describe(), 'the working directory');
    appendFileSync(path('lib/deep/b.py'), 'more');
    assert.deepEqual(await told('lib/deep/b.py'), [['lib/deep/b.py']]);
    write(path('x/y/z/new.py'), 'at once');
    assert.deepEqual(await told('x/y/z/new.py'), [['x/y/z/new.py']]);
    appendFileSync(path('x/y/z/new.py'), 'more');
    assert.deepEqual(await told('x/y/z/new.py'), [['x/y/z/new.py']]);
    rmSync(path('x'), { recursive: true });
    assert.deepEqual(await told('x/y/z/new.py'), [['x/y/z/new.py']]);
  });

  test(`directories that are renamed, deleted and made again are noticed, ${mode}`, async (t) => {
    const { path, told } = await withTree(t, ['src/in/a.py'], options);
    renameSync(path('src'), path('lib'));
    assert.deepEqual(await told('lib/in/a.py'), [['lib/in/a.py', 'src/in/a.py']]);
    for (let i = 0; i < 10; i += 1) {
      rmSync(path('lib'), { recursive: true });
      if (i % 2) await told('lib/in/a.py');
      write(path('lib/in/a.py'), `again ${i}`);
      await told('lib/in/a.py');
      appendFileSync(path('lib/in/a.py'), 'more');
      assert.deepEqual(await told('lib/in/a.py'), [['lib/in/a.py']]);
    }
  });

  test(`a directory that another one replaces is noticed, with all below it, ${mode}`, async (t) => {
    const { path, told } = await withTree(t, ['web/server/in/a.py'], options);
    for (let i = 0; i < 3; i += 1) {
      write(path('web.log/server/in/a.py'), `release ${i}`);
      renameSync(path('web'), path('web.pid'));
      renameSync(path('web.log'), path('web'));
      rmSync(path('web.pid'), { recursive: true });
      assert.deepEqual(await told('web/server/in/a.py'), [['web/server/in/a.py']]);
      appendFileSync(path('web/server/in/a.py'), 'more');
      assert.deepEqual(await told('web/server/in/a.py'), [['web/server/in/a.py']]);
    }
  });

  test(`a .gitignore that is written is read, and is not itself a change, ${mode}`, async (t) => {
    const { path, told, bursts } = await withTree(t, ['a.py', 'lib/b.py', 'made/m.py'], options);
    for (const directory of ['lib', '.']) {
      writeFileSync(path(`${directory}/.gitignore`), '');
      // Noticed by the same scan.
      write(path(`${directory}/new.py`), 'new');
      const name = join(directory, 'new.py');
      assert.deepEqual(await told(name), [[name]]);
    }
    writeFileSync(path('.gitignore'), 'made\n');
    // That it was read is told by nothing: what it names falls silent.
    await eventually('made to be left alone', async () => {
      appendFileSync(path('made/m.py'), 'more');
      appendFileSync(path('a.py'), 'more');
      return (await told('a.py')).flat().join() === 'a.py' && bursts.length === 0;
    });
  });
}

test('no watch is spent on what is ignored, and no change of it is told', async (t) => {
  const before = inotifyWatches();
  const ignored = ['node_modules/x/lib/a.js', '.git/objects/ab/c', 'dist/a.js', 'gen/b/c.py'];
  const { path, told } = await withTree(t, ['src/a.py', ...ignored], { ignore: ['gen'] });
  for (const one of ignored) appendFileSync(path(one), 'more');
  for (const one of ['src/4913', 'src/.a.py.swp', 'src/a.py~', 'app.log', 'dist/new']) {
    writeFileSync(path(one), 'leftover');
  }
  mkdirSync(path('build'));
  mkdirSync(path('src/empty'));
  // A server creates it for itself.
  const server = createServer().listen(path('app.sock'));
  t.after(() => server.close());
  await eventually('the socket', () => server.listening);
  appendFileSync(path('src/a.py'), 'more');
  assert.deepEqual(await told('src/a.py'), [['src/a.py']]);
  // The directory, the one above for its sake, src and src/empty.
  const watches = () => inotifyWatches() - before;
  await eventually('4 watches', watches, (count) => count >= 4);
  assert.equal(watches(), 4);
});

test('.gitignore is read again, here, below and above, but not for what was loaded', async (t) => {
  const files = ['app/made/m.py', 'app/made/loaded.js', 'app/sub/s.py', 'app/sub/t.py'];
  const base = directoryWith(t, files);
  mkdirSync(join(base, '.git'));
  const cwd = join(base, 'app');
  const path = (name: string) => join(cwd, name);
  writeFileSync(path('.gitignore'), 'made\nother\n');
  mkdirSync(path('other'));
  const none = inotifyWatches();
  const { watcher, told, bursts } = await watching(t, cwd);
  watcher.watchLoaded(path('made/loaded.js'));
  watcher.watchTree(Date.now() + 1);
  // The directory, the one above, made and sub.
  const before = none + 4;
  await eventually('the rest to be watched', inotifyWatches, (count) => count === before);
  writeFileSync(path('.gitignore'), '');
  await eventually('other to be watched', inotifyWatches, (count) => count === before + 1);
  appendFileSync(path('made/m.py'), 'more');
  assert.deepEqual(await told('made/m.py'), [['made/m.py']]);
  writeFileSync(path('sub/.gitignore'), 's.py\n');
  writeFileSync(join(base, '.gitignore'), 'made\nother\n');
  await eventually('other to be left alone', inotifyWatches, (count) => count === before);
  for (const one of ['made/m.py', 'sub/s.py', 'made/loaded.js']) appendFileSync(path(one), 'more');
  assert.deepEqual(await told('made/loaded.js'), [['made/loaded.js']]);
  unlinkSync(path('sub/.gitignore'));
  // Nothing else tells when that is known.
  await eventually('a save that is told', () => {
    appendFileSync(path('sub/s.py'), 'more');
    return bursts.length > 0;
  });
  assert.deepEqual(new Set(bursts.flat()), new Set(['sub/s.py']));
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

test('a file that is saved while the tree is still being read is noticed', async (t) => {
  const files = Array.from({ length: 3000 }, (_, i) => `d${i % 300}/e/${i}.py`);
  const { path, told } = await withTree(t, files);
  // The walk goes on in slices: these are written in between.
  await nextTurn();
  const saved = ['d0/e/0.py', 'd150/e/150.py', 'd299/e/299.py'];
  for (const file of saved) appendFileSync(path(file), 'more');
  const seen = new Set<string>();
  for (const file of saved) {
    if (!seen.has(file)) for (const one of (await told(file)).flat()) seen.add(one);
  }
  assert.equal(seen.size, 3);
});

test('links to directories are not followed, but one that leads elsewhere is a change', async (t) => {
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

test('after stopTree only what is loaded counts, and no watch is left behind', async (t) => {
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
    await walked();
    appendFileSync(join(cwd, 'lib/deep/b.js'), 'more');
    await told('lib/deep/b.js');
    watcher.stopTree();
    assert.equal(watcher.describe(), 'the file that is loaded');
    await eventually('its watches are gone', inotifyWatches, (count) => count === before);
    for (const name of ['NOTES.md', 'lib/deep/b.js', 'src/a.js']) {
      appendFileSync(join(cwd, name), '2');
    }
    assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
    assert.deepEqual(bursts, []);
  }
});
