// The end of the observer that tells the service manager what the fleet is doing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notifier } from 'node-systemd-notify';
import { createManagerObserver } from '../../src/systemd/notifier.js';

test('a manager that reads nothing delays the end of the master by two seconds at most', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  // Only these two are used here.
  const unread = { flush: () => new Promise(() => {}), watchdog: async () => false };
  const manager = createManagerObserver(unread as unknown as Notifier, 1000);
  let isClosed = false;
  const closed = manager.close().then(() => {
    isClosed = true;
  });
  t.mock.timers.tick(1_999);
  await new Promise(setImmediate);
  assert.equal(isClosed, false);
  t.mock.timers.tick(1);
  await closed;
});
