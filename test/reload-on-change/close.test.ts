// What is left when watching is over.
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, inotifyWatches, MODES, watching } from './watching.js';

for (const [mode, { pollMs }] of MODES) {
  for (const isNamed of [true, false]) {
    test(`after close nothing is told and nothing is held, ${mode}, named: ${isNamed}`, async (t) => {
      const cwd = directoryWith(t, ['a.js', 'x/y/b.js']);
      // The first one leaves the inotify descriptor of libuv behind.
      (await watching(t, cwd, { paths: [cwd] })).watcher.close();
      const held = () => [inotifyWatches(), readdirSync('/proc/self/fd').length];
      const before = held();
      const paths = isNamed ? [cwd] : [];
      const { watcher, bursts } = await watching(t, cwd, { pollMs, paths });
      watcher.watchLoaded(join(cwd, 'a.js'));
      watcher.watchTree(Date.now() + 1);
      appendFileSync(join(cwd, 'a.js'), 'more');
      watcher.close();
      watcher.close();
      watcher.watchLoaded(join(cwd, 'x/y/b.js'));
      watcher.watchTree(Date.now() + 1);
      // So long as another watcher takes to tell of it, what is closed may take, too.
      const other = await watching(t, cwd, { paths: [cwd] });
      appendFileSync(join(cwd, 'x/y/b.js'), 'more');
      await other.told('x/y/b.js');
      other.watcher.close();
      assert.deepEqual(bursts, []);
      assert.deepEqual(held(), before);
    });
  }
}
