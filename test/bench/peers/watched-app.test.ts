import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makePlace } from './place.js';
import { WATCHED_APP } from './watched-app.js';

test('releases of the watched app are saved by a rename and in place by turns', async (t) => {
  const place = makePlace({});
  t.after(() => place.clear());
  WATCHED_APP.prepare(place);
  const file = join(place.directory, 'lib/release.mjs');
  const inode = () => statSync(file).ino;
  // Else the module would be the one that was loaded before.
  const load = (nth: number) => import(`${pathToFileURL(file)}?${nth}`);

  const first = inode();
  assert.equal((await load(1)).generation, 1);
  WATCHED_APP.deploy(place, { generation: 2 });
  const second = inode();
  assert.notEqual(second, first);
  assert.equal((await load(2)).generation, 2);
  WATCHED_APP.deploy(place, { generation: 3, broken: true });
  assert.equal(inode(), second);
  await assert.rejects(load(3), { message: 'release 3 is broken' });
});
