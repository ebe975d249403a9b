import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedstat, parseStat, parseStatus } from './parse.js';

const STAT =
  '23302 (a) b (c) S 23299 23302 18792 0 -1 4194304 2864 0 0 0 53 7 100 200 20 0 7 0 2373548 1015726080 11901\n';

test('the name of a process may look like anything', () => {
  assert.deepEqual(parseStat(STAT), { pid: 23302, state: 'S', parent: 23299, ticks: 60 });
});

test('what is no stat is none', () => {
  assert.equal(parseStat(''), null);
  assert.equal(parseStat('1 (cut off) S 1 2'), null);
});

test('time on a processor, in nanoseconds', () => {
  assert.equal(parseSchedstat('537144116 1860265 13\n'), 537_144_116);
  assert.equal(parseSchedstat(''), null);
  assert.equal(parseSchedstat('0 0\n'), null);
});

test('memory and context switches', () => {
  const status = [
    'Name:\tnode',
    'VmHWM:\t   50000 kB',
    'VmRSS:\t   47848 kB',
    'RssAnon:\t    8756 kB',
    'RssFile:\t   39092 kB',
    'voluntary_ctxt_switches:\t4',
    'nonvoluntary_ctxt_switches:\t8',
    '',
  ];
  const expected = { rss: 47_848 * 1024, rssAnon: 8756 * 1024, contextSwitches: 12 };
  assert.deepEqual(parseStatus(status.join('\n')), expected);
  // A zombie has no memory.
  const zombie = status.filter((line) => !/^(Vm|Rss)/.test(line));
  assert.equal(parseStatus(zombie.join('\n')), null);
  assert.equal(parseStatus(''), null);
});
