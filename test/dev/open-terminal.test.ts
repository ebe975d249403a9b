// What reaches the terminal of `dev` besides its story.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNotes } from '../../src/dev/open-terminal.js';
import { createLog } from '../../src/log/logger.js';

test('where the log is silent, warnings and our own bugs are notes', () => {
  const notes: string[] = [];
  const log = withNotes(createLog('silent', 'json', {}), (text) => notes.push(text));
  log.info('a transition');
  log.warn('no inotify watch is left');
  log.warn({ workerId: 7 }, 'has no NOTIFY_SOCKET');
  log.error({ err: new TypeError('x is undefined') }, 'a part of graceful-run failed');
  assert.deepEqual(notes, [
    'no inotify watch is left',
    'has no NOTIFY_SOCKET',
    'a part of graceful-run failed: x is undefined',
  ]);
});

test('what it speaks of itself is left to it', () => {
  const notes: string[] = [];
  const log = createLog('error', 'json', {});
  const noted = withNotes(log, (text) => notes.push(text));
  noted.warn('no inotify watch is left');
  assert.deepEqual(notes, ['no inotify watch is left']);
  assert.equal(noted.error, log.error);
});
