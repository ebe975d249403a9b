// When the kernel refuses to watch, or takes it back: said once, and nothing ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../helpers/eventually.js';
import { directoryWith, refusing, watching } from './watching.js';

const refusal = (code: string) => Object.assign(new Error(`${code}: injected, watch`), { code });

for (const [code, cure] of [
  ['ENOSPC', /no inotify watch is left.*fs\.inotify\.max_user_watches.*--watch-poll/],
  ['EMFILE', /no inotify instance.*fs\.inotify\.max_user_instances.*--watch-poll/],
] as const) {
  test(`${code}: said once, the rest is watched`, async (t) => {
    const cwd = directoryWith(t, ['a.js', 'x/b.js', 'y/c.js']);
    const refused = ['x', 'y'].map((one) => join(cwd, one));
    const start = refusing(refused, refusal(code));
    const { watcher, told, troubles } = await watching(t, cwd, {}, start);
    for (const file of ['a.js', 'x/b.js', 'y/c.js']) watcher.watchLoaded(join(cwd, file));
    await eventually('a line', () => troubles.length > 0);
    assert.match(troubles[0] ?? '', cure);
    assert.ok(troubles[0]?.startsWith(`cannot watch ${refused[0]}: `));
    appendFileSync(join(cwd, 'a.js'), 'more');
    assert.deepEqual(await told('a.js'), [['a.js']]);
    assert.equal(troubles.length, 1);
  });
}

/** Watches the tree of a directory, where only few watches or instances are allowed; prints what it is told. */
const PROGRAM = `
const [library, cwd, limit, count] = process.argv.slice(1);
const { appendFileSync, readdirSync, writeFileSync } = require('node:fs');
writeFileSync('/proc/sys/user/' + limit, count);
const files = readdirSync(cwd, { recursive: true }).filter((one) => one.endsWith('.js'))
  .map((one) => cwd + '/' + one);
const { createWatcher } = await import(library);
const onChange = (paths) => { console.log('changed ' + paths[0]); watcher.close(); };
// Which directories come first when watches are few is up to the system: all files change.
const onTrouble = (text) => {
  console.log(text);
  if (count === '0') watcher.close();
  else for (const file of files) appendFileSync(file, 'more');
};
const options = { cwd, paths: [], ignore: [], pollMs: 0, always: [] };
const watcher = await createWatcher(options, { onChange, onTrouble });
watcher.watchTree(Date.now() + 1);
`;

for (const [limit, count, cure] of [
  ['max_inotify_watches', '4', 'max_user_watches'],
  ['max_inotify_instances', '0', 'max_user_instances'],
] as const) {
  test(`a really lowered ${limit}`, async (t) => {
    if (spawnSync('unshare', ['-Ur', 'true']).status !== 0) return t.skip('no user namespaces');
    const files = Array.from({ length: 20 }, (_, i) => `d${i}/x.js`);
    const cwd = directoryWith(t, ['a.js', ...files]);
    const library = fileURLToPath(
      new URL('../../src/reload-on-change/watched-files.js', import.meta.url),
    );
    const program = `const { createRequire } = await import('node:module');
      const require = createRequire('/');${PROGRAM}`;
    const args = ['-Ur', process.execPath, '--input-type=module', '-e', program, library];
    const { stdout, stderr, status } = spawnSync('unshare', [...args, cwd, limit, count], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.equal(status, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.match(lines[0] ?? '', new RegExp(`^cannot watch ${cwd}.*fs\\.inotify\\.${cure}`));
    const [changed, ...others] = lines.slice(1);
    assert.match(changed ?? '', count === '0' ? /^$/ : /^changed .*\/[ax]\.js$/);
    assert.deepEqual(others, []);
    assert.equal(stderr, '');
  });
}
