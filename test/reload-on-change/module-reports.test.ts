// What Node says that it loads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOfMessage } from '../../src/reload-on-change/module-reports.js';

test('messages of Node name the files that were loaded, as paths or as URLs', () => {
  assert.deepEqual(filesOfMessage({ 'watch:import': ['file:///srv/app%20one/a.mjs'] }), [
    '/srv/app one/a.mjs',
  ]);
  assert.deepEqual(filesOfMessage({ 'watch:import': ['file:///srv/a.mjs?once=2#x', 'node:fs'] }), [
    '/srv/a.mjs',
  ]);
  assert.deepEqual(filesOfMessage({ 'watch:require': ['/srv/a.cjs', '/srv/a.cjs.js'] }), [
    '/srv/a.cjs',
    '/srv/a.cjs.js',
  ]);
});

test('a name that is not a file is left out', () => {
  assert.deepEqual(filesOfMessage({ 'watch:require': [null] }), []);
  assert.deepEqual(
    filesOfMessage({ 'watch:import': ['data:text/javascript,1', 'file://other/x', 7] }),
    [],
  );
});

test('messages of the app are not taken for reports', () => {
  for (const said of ['ready', null, 7, {}, { 'watch:import': 'a' }, { type: 'watch:import' }]) {
    assert.equal(filesOfMessage(said), null);
  }
});
