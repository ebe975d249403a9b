// How entries are written to the journal, and which descriptor is the journal.
import assert from 'node:assert/strict';
import { fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { isJournal, journalStream, withPriority } from '../../src/log/journal-format.js';
import { scratch } from '../helpers/supervisor.js';

function written(log: (to: pino.Logger) => void): string {
  let text = '';
  const stream = journalStream((more) => {
    text += more;
  });
  log(pino({ level: 'trace', base: { pid: 1 } }, stream));
  return text;
}

test('the priority of an entry follows its level', () => {
  const text = written((log) => {
    log.error('b');
    log.warn('c');
    log.info('d');
    log.debug('e');
    log.trace('f');
  });
  assert.equal(text, '<3>b\n<4>c\n<6>d\n<7>e\n<7>f\n');
});

test('each line of a message has the priority, because each becomes an entry', () => {
  const text = written((log) => log.error({ census: 'serving 1: 1 ready' }, 'failed:\n  at x'));
  assert.equal(text, '<3>failed:\n<3>  at x | serving 1: 1 ready\n');
  assert.equal(withPriority('a\n\nb', 40), '<4>a\n<4>\n<4>b');
});

test('the entry of an exception contains its stack', () => {
  const text = written((log) => log.error({ err: new Error('odd') }, 'a part failed'));
  const [first, second, third] = text.split('\n');
  assert.equal(first, '<3>a part failed');
  assert.equal(second, '<3>Error: odd');
  assert.match(third ?? '', /^<3> {4}at /);
});

test('only the stream that JOURNAL_STREAM names is the journal', (t) => {
  const directory = scratch(t);
  const fd = openSync(join(directory, 'stream'), 'w');
  const other = openSync(join(directory, 'other'), 'w');
  const { dev, ino } = fstatSync(fd, { bigint: true });
  const env = { JOURNAL_STREAM: `${dev}:${ino}` };
  assert.equal(isJournal(fd, env), true);
  assert.equal(isJournal(other, env), false);
  assert.equal(isJournal(9999, env), false);
  for (const JOURNAL_STREAM of [undefined, '', 'x', `${dev}`, `${dev}:${ino}:1`]) {
    assert.equal(isJournal(fd, JOURNAL_STREAM === undefined ? {} : { JOURNAL_STREAM }), false);
  }
});
