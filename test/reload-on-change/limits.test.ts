// When the kernel refuses to watch: that is said once, and the rest is watched. test/e2e runs into a real limit.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, refusing, watching } from './watching.js';

for (const [code, cure] of [
  ['ENOSPC', /no inotify watch is left.*fs\.inotify\.max_user_watches.*--watch-poll/],
  ['EMFILE', /no inotify instance.*fs\.inotify\.max_user_instances.*--watch-poll/],
] as const) {
  test(`${code} is reported once, and the rest is watched`, async (t) => {
    const cwd = directoryWith(t, ['a.js', 'x/b.js', 'y/c.js']);
    const refused = ['x', 'y'].map((one) => join(cwd, one));
    const error = Object.assign(new Error(`${code}: injected, watch`), { code });
    const { watcher, told, troubles } = await watching(t, cwd, {}, refusing(refused, error));
    for (const file of ['a.js', 'x/b.js', 'y/c.js']) watcher.watchLoaded(join(cwd, file));
    appendFileSync(join(cwd, 'a.js'), 'more');
    assert.deepEqual(await told('a.js'), [['a.js']]);
    const [trouble = '', ...others] = troubles;
    assert.match(trouble, cure);
    assert.ok(trouble.startsWith(`cannot watch ${refused[0]}: `));
    assert.deepEqual(others, []);
  });
}
