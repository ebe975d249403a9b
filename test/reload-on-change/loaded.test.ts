// What workers loaded is watched: real files, replaced in all the ways in which editors and tools do it.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../helpers/eventually.js';
import { directoryWith, inotifyWatches, MODES, refusing, watching, write } from './watching.js';

/** Watches `files` of a new directory as loaded. */
async function withLoaded(t: TestContext, files: readonly string[], options = {}) {
  const cwd = directoryWith(t, files);
  const it = await watching(t, cwd, options);
  for (const file of files) it.watcher.watchLoaded(join(cwd, file));
  return { ...it, cwd, path: (name: string) => join(cwd, name) };
}

/** What is done to a file by those that save it. */
const SAVES: Readonly<Record<string, (file: string) => void | Promise<void>>> = {
  'written to': (file) => appendFileSync(file, 'more'),
  'written again': (file) => appendFileSync(file, 'more'),
  'replaced by another': (file) => replace(file, 'another'),
  'replaced by an older one of the same size': (file) =>
    replace(file, 'Another', new Date(1_000_000_000_000)),
  'moved aside and written anew': (file) => {
    renameSync(file, `${file}~`);
    writeFileSync(file, 'new');
    unlinkSync(`${file}~`);
  },
  touched: (file) => utimesSync(file, 1_000_000_000, 1_000_000_000),
  'truncated and written in pieces': (file) => {
    const fd = openSync(file, 'w');
    writeSync(fd, 'first half');
    writeSync(fd, 'second half');
    closeSync(fd);
  },
  'deleted, and soon back': async (file) => {
    unlinkSync(file);
    await pause(60);
    writeFileSync(file, 'back');
  },
  deleted: (file) => unlinkSync(file),
  'created again': (file) => writeFileSync(file, 'back again'),
};

function replace(file: string, text: string, time = new Date()): void {
  writeFileSync(`${file}.new`, text);
  utimesSync(`${file}.new`, time, time);
  renameSync(`${file}.new`, file);
}

for (const [mode, options] of MODES) {
  test(`each way to save a file is one burst, ${mode}`, async (t) => {
    const { path, told, bursts } = await withLoaded(t, ['src/a.js', 'src/b.js'], options);
    for (const [way, save] of Object.entries(SAVES)) {
      await save(path('src/a.js'));
      assert.deepEqual(await told('src/a.js'), [['src/a.js']], way);
      assert.deepEqual(bursts, [], way);
    }
  });

  test(`a directory that is deleted and made again is noticed, at once and later, ${mode}`, async (t) => {
    const { path, told } = await withLoaded(t, ['src/x/a.js'], options);
    for (let i = 0; i < 10; i += 1) {
      rmSync(path('src'), { recursive: true });
      if (i % 2) await told('src/x/a.js');
      write(path('src/x/a.js'), `again ${i}`);
      await told('src/x/a.js');
      appendFileSync(path('src/x/a.js'), 'more');
      assert.deepEqual(await told('src/x/a.js'), [['src/x/a.js']]);
    }
  });
}

test('changes that do not end are told after two seconds', async (t) => {
  const { path, bursts } = await withLoaded(t, ['a.js']);
  const start = performance.now();
  while (bursts.length === 0 && performance.now() - start < 20_000) {
    appendFileSync(path('a.js'), 'x');
    await pause(10);
  }
  const duration = performance.now() - start;
  assert.ok(duration > 1900 && duration < 10_000, `${duration} ms`);
});

test('a change of the mode, or of a file that was not loaded, is no change', async (t) => {
  const { path, told, watcher } = await withLoaded(t, ['a.js', 'b.js']);
  chmodSync(path('a.js'), 0o600);
  writeFileSync(path('new.js'), 'never loaded');
  watcher.watchLoaded(path('a.js'));
  appendFileSync(path('b.js'), 'more');
  assert.deepEqual(await told('b.js'), [['b.js']]);
});

test('a file that is saved as soon as it was loaded is noticed', async (t) => {
  for (let i = 0; i < 20; i += 1) {
    const { path, told } = await withLoaded(t, ['src/deep/a.js']);
    appendFileSync(path('src/deep/a.js'), 'at once');
    assert.deepEqual(await told('src/deep/a.js'), [['src/deep/a.js']]);
  }
});

test('a directory that moves away is noticed where the one above may not be read', async (t) => {
  const base = directoryWith(t, ['app/x.js', 'other/a.js']);
  const start = refusing([base], Object.assign(new Error('EACCES'), { code: 'EACCES' }));
  const { watcher, told, troubles } = await watching(t, join(base, 'app'), {}, start);
  watcher.watchLoaded(join(base, 'other/a.js'));
  renameSync(join(base, 'other'), join(base, 'moved'));
  assert.deepEqual(await told('../other/a.js'), [['../other/a.js']]);
  assert.deepEqual(troubles, []);
});

test('a directory that is replaced by another is noticed, also further up', async (t) => {
  const { path, told } = await withLoaded(t, ['build/server/a.js']);
  for (const directory of ['build/server', 'build', 'build/server', 'build']) {
    const next = path('next');
    write(join(next, directory === 'build' ? 'server/a.js' : 'a.js'), `new ${directory}`);
    renameSync(path(directory), path('old'));
    renameSync(next, path(directory));
    rmSync(path('old'), { recursive: true });
    assert.deepEqual(await told('build/server/a.js'), [['build/server/a.js']]);
    appendFileSync(path('build/server/a.js'), 'more');
    assert.deepEqual(await told('build/server/a.js'), [['build/server/a.js']]);
  }
});

test('what was installed is not watched, a package of the workspace and a file elsewhere are', async (t) => {
  const files = ['app/a.js', 'app/node_modules/x/i.js', 'node_modules/y/i.js', 'packages/z/i.js'];
  const base = directoryWith(t, files);
  const { watcher, told } = await watching(t, join(base, 'app'));
  for (const file of files) watcher.watchLoaded(join(base, file));
  assert.equal(watcher.describe(), 'the 2 files that are loaded');
  for (const file of files.slice(1)) appendFileSync(join(base, file), 'more');
  assert.deepEqual(await told('../packages/z/i.js'), [['../packages/z/i.js']]);
});

test('--watch-ignore holds for loaded files as well', async (t) => {
  const ignore = ['*.gen.js', '/lib', '!keep.gen.js'];
  const files = ['b.gen.js', 'lib/c.js', 'keep.gen.js', 'a.js'];
  const { path, told, watcher } = await withLoaded(t, files, { ignore });
  assert.equal(watcher.describe(), 'the 2 files that are loaded');
  for (const file of files) appendFileSync(path(file), 'more');
  const [burst, ...others] = await told('a.js');
  assert.deepEqual([burst?.toSorted(), others], [['a.js', 'keep.gen.js'], []]);
});

test('what is always watched need not exist, nor its directory', async (t) => {
  const cwd = directoryWith(t, ['shared/.env']);
  symlinkSync('shared/.env', join(cwd, '.env'));
  const always = ['config/late.json', '.env'].map((one) => join(cwd, one));
  const { told } = await watching(t, cwd, { always });
  const before = inotifyWatches();
  mkdirSync(join(cwd, 'config'));
  await eventually('the new directory is watched', inotifyWatches, (count) => count > before);
  writeFileSync(join(cwd, 'config/late.json'), '{}');
  assert.deepEqual(await told('config/late.json'), [['config/late.json']]);
  appendFileSync(join(cwd, 'shared/.env'), 'A=1');
  assert.deepEqual(await told('shared/.env'), [['shared/.env']]);
});

test('a working directory that is a link which leads elsewhere is noticed', async (t) => {
  const base = directoryWith(t, ['releases/1/a.js', 'releases/2/a.js']);
  const current = join(base, 'current');
  symlinkSync('releases/1', current);
  const { watcher, told } = await watching(t, current);
  watcher.watchLoaded(join(base, 'releases/1/a.js'));
  for (const release of ['2', '1', '2']) {
    symlinkSync(`releases/${release}`, `${current}.new`);
    renameSync(`${current}.new`, current);
    assert.deepEqual(await told(''), [['']]);
  }
  rmSync(current);
  await told('');
  symlinkSync('releases/1', current);
  await told('');
});

test('2,000 files in 50 directories take one watch for a directory, and little time', async (t) => {
  const files = Array.from({ length: 2000 }, (_, i) => `src/d${i % 50}/${i}.js`);
  const cwd = directoryWith(t, files);
  const { watcher, told } = await watching(t, cwd);
  const before = inotifyWatches();
  const cpu = process.cpuUsage();
  for (let round = 0; round < 4; round += 1) {
    for (const file of files) watcher.watchLoaded(join(cwd, file));
  }
  const { user, system } = process.cpuUsage(cpu);
  assert.ok((user + system) / 1000 < 500, `${(user + system) / 1000} ms`);
  t.diagnostic(`${(user + system) / 1000} ms for 2,000 files`);
  assert.equal(watcher.describe(), 'the 2000 files that are loaded');
  appendFileSync(join(cwd, 'src/d7/1957.js'), 'more');
  assert.deepEqual(await told('src/d7/1957.js'), [['src/d7/1957.js']]);
  for (const file of files) writeFileSync(join(cwd, file), 'another branch');
  const bursts = await told('src/d49/1999.js');
  assert.deepEqual([bursts.length, new Set(bursts[0]).size], [1, 2000], 'a checkout is one burst');
  // src and its directories; the working directory and the one above are watched anyway.
  assert.ok(inotifyWatches() - before <= 53, `${inotifyWatches() - before} watches`);
});
