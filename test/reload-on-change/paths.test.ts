// What the user named is watched, whatever workers load.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { directoryWith, inotifyWatches, MODES, watching, write } from './watching.js';

async function withPaths(t: TestContext, cwd: string, names: readonly string[], options = {}) {
  const path = (name: string) => join(cwd, name);
  return { ...(await watching(t, cwd, { ...options, paths: names.map(path) })), path };
}

test('only the named directories and files are watched, also outside of the working directory', async (t) => {
  const base = directoryWith(t, ['app/src/in/a.js', 'app/config.json', 'app/b.js', 'lib/c.js']);
  const cwd = join(base, 'app');
  const { watcher, path, told } = await withPaths(t, cwd, ['src', 'config.json', '../lib']);
  watcher.watchLoaded(path('b.js'));
  watcher.watchTree(Date.now() + 1);
  assert.equal(watcher.describe(), `./src, ./config.json, ${base}/lib`);
  appendFileSync(path('b.js'), 'more');
  for (const name of ['src/in/a.js', 'src/new.js', 'config.json', '../lib/c.js']) {
    appendFileSync(path(name), 'more');
    assert.deepEqual(await told(name), [[name]]);
  }
});

test('a named directory may come only later, go, and come back', async (t) => {
  const cwd = directoryWith(t, []);
  const { path, told } = await withPaths(t, cwd, ['later/src']);
  for (let i = 0; i < 3; i += 1) {
    write(path('later/src/a.js'), 'here');
    await told('later/src');
    appendFileSync(path('later/src/a.js'), 'more');
    assert.deepEqual(await told('later/src/a.js'), [['later/src/a.js']]);
    rmSync(path('later'), { recursive: true });
    await told('later/src');
  }
});

test('the first change in a directory to which a link leads is noticed', async (t) => {
  for (let i = 0; i < 20; i += 1) {
    const base = directoryWith(t, ['real/deep/a.js', 'app/src/b.js']);
    const cwd = join(base, 'app');
    symlinkSync('../../real', join(cwd, 'src/linked'));
    symlinkSync('../real', join(cwd, 'direct'));
    const inner = await withPaths(t, cwd, ['src']);
    const named = await withPaths(t, cwd, ['direct']);
    appendFileSync(join(base, 'real/deep/a.js'), 'more');
    assert.deepEqual(await inner.told('src/linked/deep/a.js'), [['src/linked/deep/a.js']]);
    assert.deepEqual(await named.told('direct/deep/a.js'), [['direct/deep/a.js']]);
    inner.watcher.close();
    named.watcher.close();
  }
});

test('a directory is entered once, also where links form a circle or two lead to it', async (t) => {
  const before = inotifyWatches();
  const cwd = directoryWith(t, ['src/in/a.js', 'other/b.js']);
  symlinkSync('..', join(cwd, 'src/in/up'));
  symlinkSync('../other', join(cwd, 'src/one'));
  symlinkSync('../other', join(cwd, 'src/two'));
  const { bursts, path } = await withPaths(t, cwd, ['src']);
  // src, in, other; the working directory and above, to see src replaced.
  assert.ok(inotifyWatches() - before <= 5, `${inotifyWatches() - before} watches`);
  appendFileSync(path('other/b.js'), 'more');
  await eventually('a change', () => bursts.length > 0);
  assert.match(bursts.flat().join(' '), /^src\/(one|two)\/b\.js$/);
});

test('a link on the way to a named directory that leads elsewhere is noticed', async (t) => {
  const cwd = directoryWith(t, ['releases/1/src/a.js', 'releases/2/src/a.js']);
  symlinkSync('releases/1', join(cwd, 'current'));
  const { path, told } = await withPaths(t, cwd, ['current/src']);
  for (const release of ['2', '1', '2']) {
    symlinkSync(`releases/${release}`, path('next'));
    renameSync(path('next'), path('current'));
    await told('current');
    appendFileSync(path(`releases/${release}/src/a.js`), 'more');
    assert.deepEqual(await told('current/src/a.js'), [['current/src/a.js']]);
  }
});

test('a named link is watched in both places, where it is and where it leads', async (t) => {
  const cwd = directoryWith(t, ['etc/1/app.json', 'etc/2/app.json']);
  symlinkSync('etc/1/app.json', join(cwd, 'app.json'));
  const { path, told } = await withPaths(t, cwd, ['app.json']);
  appendFileSync(path('etc/1/app.json'), 'more');
  assert.deepEqual(await told('etc/1/app.json'), [['etc/1/app.json']]);
  symlinkSync('etc/2/app.json', path('next'));
  renameSync(path('next'), path('app.json'));
  assert.deepEqual(await told('app.json'), [['app.json']]);
  appendFileSync(path('etc/2/app.json'), 'more');
  assert.deepEqual(await told('etc/2/app.json'), [['etc/2/app.json']]);
});

test('a change below several named paths is told once', async (t) => {
  const cwd = directoryWith(t, ['src/in/a.js']);
  mkdirSync(join(cwd, 'src/in/gone'));
  const { path, told } = await withPaths(t, cwd, ['src', 'src/in', 'src/in/a.js']);
  rmSync(path('src/in/gone'), { recursive: true });
  appendFileSync(path('src/in/a.js'), 'more');
  assert.deepEqual(await told('src/in/a.js'), [['src/in/a.js']]);
});

test('what is named and excluded is not watched; the names of the directories around it do not count', async (t) => {
  const base = directoryWith(t, ['tmp/app/a.js', 'tmp/app/b.js', 'tmp/real.json', 'tmp/c.json']);
  const cwd = join(base, 'tmp/app');
  symlinkSync('../real.json', join(cwd, 'linked.json'));
  const named = ['a.js', 'b.js', 'linked.json', '../c.json'];
  const ignore = ['/a.js', 'real.json', 'tmp'];
  const { path, told } = await withPaths(t, cwd, named, { ignore });
  for (const name of ['a.js', 'linked.json', '../c.json', 'b.js']) {
    appendFileSync(path(name), 'more');
  }
  assert.deepEqual(new Set((await told('b.js')).flat()), new Set(['../c.json', 'b.js']));
});

for (const [mode, options] of MODES) {
  test(`a named file may be replaced by a directory and come back, ${mode}`, async (t) => {
    const cwd = directoryWith(t, ['c']);
    const { path, told } = await withPaths(t, cwd, ['c'], options);
    rmSync(path('c'));
    await told('c');
    write(path('c/f.js'), 'in it');
    await told('c');
    rmSync(path('c'), { recursive: true });
    writeFileSync(path('c'), 'a file');
    await told('c');
    for (const text of ['edited', 'edited again']) {
      writeFileSync(path('c'), text);
      assert.deepEqual(await told('c'), [['c']]);
    }
  });
}
