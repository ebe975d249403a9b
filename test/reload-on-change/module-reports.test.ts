// What Node says that it loads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOfMessage } from '../../src/reload-on-change/module-reports.js';

test('reports of Node name files by path or URL; messages of the app are not taken for reports', () => {
  const rows: [message: unknown, files: string[] | null][] = [
    [{ 'watch:import': ['file:///srv/app%20one/a.mjs'] }, ['/srv/app one/a.mjs']],
    [{ 'watch:import': ['file:///srv/a.mjs?once=2#x', 'node:fs'] }, ['/srv/a.mjs']],
    [{ 'watch:require': ['/srv/a.cjs', '/srv/a.cjs.js'] }, ['/srv/a.cjs', '/srv/a.cjs.js']],
    [{ 'watch:require': [null] }, []],
    [{ 'watch:import': ['data:text/javascript,1', 'file://other/x', 7] }, []],
    ...['ready', null, 7, {}, { 'watch:import': 'a' }, { type: 'watch:import' }].map(
      (message): [unknown, null] => [message, null],
    ),
  ];
  for (const [message, files] of rows) assert.deepEqual(filesOfMessage(message), files);
});
