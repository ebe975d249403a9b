// What reaches the terminal of `dev` besides the lines about the fleet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNotes } from '../../src/dev/terminal.js';
import { createLog } from '../../src/log/logger.js';

test('warnings and errors that the level of the log suppresses are notes, and no others', () => {
  const notes: string[] = [];
  const log = withNotes(createLog('silent', 'json', {}), (text) => notes.push(text));
  log.info('a transition');
  log.warn('no inotify watch is left');
  log.warn({ workerId: 7 }, 'has no NOTIFY_SOCKET');
  log.error({ err: new TypeError('x is undefined') }, 'a part of graceful-run failed');
  const atError = createLog('error', 'json', {});
  const noted = withNotes(atError, (text) => notes.push(text));
  noted.warn('polls');
  assert.deepEqual(notes, [
    'no inotify watch is left',
    'has no NOTIFY_SOCKET',
    'a part of graceful-run failed: x is undefined',
    'polls',
  ]);
  assert.equal(noted.error, atError.error);
});
