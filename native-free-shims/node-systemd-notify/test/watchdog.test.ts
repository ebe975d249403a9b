// For whom the watchdog is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchdogInterval } from '../src/index.js';

test('the interval is ours when nobody else is named', () => {
  const cases: [NodeJS.ProcessEnv, number | null][] = [
    [{}, null],
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '1500' }, 1.5],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '43' }, null],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '' }, null],
    [{ WATCHDOG_PID: '42' }, null],
    [{ WATCHDOG_USEC: '0' }, null],
    [{ WATCHDOG_USEC: '-5' }, null],
    [{ WATCHDOG_USEC: '5s' }, null],
    [{ WATCHDOG_USEC: '18446744073709551615' }, null],
  ];
  for (const [env, interval] of cases) {
    assert.equal(watchdogInterval(env, 42), interval, JSON.stringify(env));
  }
  const outer = { WATCHDOG_USEC: '1000', WATCHDOG_PID: '132', SYSTEMD_EXEC_PID: '132' };
  assert.equal(watchdogInterval(outer, 1), 1);
  assert.equal(watchdogInterval(outer, 2), null);
});
