// Without the kernel: files are looked at again and again.
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { directoryWith, inotifyWatches, walked, watching, write } from './watching.js';

test('loaded files: written to, replaced by an older one of the same size, gone and back', async (t) => {
  const before = inotifyWatches();
  const cwd = directoryWith(t, ['src/a.js', 'b.js']);
  const { watcher, told } = await watching(t, cwd, { pollMs: 20 });
  const file = join(cwd, 'src/a.js');
  watcher.watchLoaded(file);
  appendFileSync(file, 'at once');
  assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
  writeFileSync(join(cwd, 'old.js'), 'src/a.jsat once');
  utimesSync(join(cwd, 'old.js'), 1_000_000_000, 1_000_000_000);
  renameSync(join(cwd, 'old.js'), file);
  assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
  unlinkSync(file);
  assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
  writeFileSync(file, 'back');
  assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
  rmSync(join(cwd, 'src'), { recursive: true });
  await told('src/a.js');
  write(file, 'back again');
  assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
  assert.equal(inotifyWatches(), before);
});

test('the tree: new files and directories, deleted ones, and what .gitignore names', async (t) => {
  const cwd = directoryWith(t, ['a.py', 'lib/b.py', 'made/m.py']);
  const { watcher, told, bursts } = await watching(t, cwd, { pollMs: 20 });
  watcher.watchTree(Date.now() + 1);
  await walked();
  appendFileSync(join(cwd, 'lib/b.py'), 'more');
  assert.deepEqual(await told('lib/b.py'), [['lib/b.py']]);
  write(join(cwd, 'x/y/new.py'), 'new');
  assert.deepEqual(await told('x/y/new.py'), [['x/y/new.py']]);
  rmSync(join(cwd, 'x'), { recursive: true });
  assert.deepEqual(await told('x/y/new.py'), [['x/y/new.py']]);
  for (const text of ['made\n', 'made\nlib\n']) {
    writeFileSync(join(cwd, '.gitignore'), text);
    let size = 0;
    // Reading it is told by nothing: what it names must fall silent.
    await eventually(`${text} to be left alone`, async () => {
      writeFileSync(join(cwd, text.includes('lib') ? 'lib/b.py' : 'made/m.py'), 'x'.repeat(++size));
      writeFileSync(join(cwd, 'a.py'), 'x'.repeat(size));
      return (await told('a.py')).flat().join() === 'a.py' && bursts.length === 0;
    });
  }
});

test('a new .gitignore that names nothing is no change', async (t) => {
  const cwd = directoryWith(t, ['a.py', 'lib/b.py']);
  const { watcher, told } = await watching(t, cwd, { pollMs: 20 });
  watcher.watchTree(Date.now() + 1);
  await walked();
  for (const directory of ['lib', '.']) {
    writeFileSync(join(cwd, directory, '.gitignore'), '');
    // Seen at the same look of the same directory.
    write(join(cwd, directory, 'new.py'), 'new');
    const path = join(directory, 'new.py');
    assert.deepEqual(await told(path), [[path]]);
  }
});

test('named directories', async (t) => {
  const cwd = directoryWith(t, ['src/a.js']);
  const { told } = await watching(t, cwd, { pollMs: 20, paths: [join(cwd, 'src')] });
  appendFileSync(join(cwd, 'src/a.js'), 'more');
  assert.deepEqual(await told('src/a.js'), [['src/a.js']]);
  write(join(cwd, 'src/in/b.js'), 'new');
  assert.deepEqual(await told('src/in/b.js'), [['src/in/b.js']]);
});

test('a named file whose place a directory had for a while', async (t) => {
  for (const first of ['c', 'c/f.js']) {
    // Not directly in a directory where others make files: that brings about a look at all below it.
    const cwd = join(directoryWith(t, [`in/${first}`, 'else/other']), 'in');
    const [path, other] = [join(cwd, 'c'), join(cwd, '../else/other')];
    const { told } = await watching(t, cwd, { pollMs: 20, paths: [path, other] });
    /** What is still to be told of the last step is told by then. */
    const over = async () => {
      await told('c');
      appendFileSync(other, 'more');
      await told('../else/other');
    };
    if (first === 'c') {
      rmSync(path);
      await over();
      write(join(path, 'f.js'), 'in it');
      await over();
    }
    rmSync(path, { recursive: true });
    writeFileSync(path, 'a file');
    await over();
    for (const text of ['edited', 'edited again']) {
      writeFileSync(path, text);
      await over();
    }
  }
});
