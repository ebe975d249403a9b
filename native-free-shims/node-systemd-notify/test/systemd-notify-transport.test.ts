// How the program systemd-notify is run, with a fake one that records its arguments. Where it has to be slow it
// waits for a file, not for a time.
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createNotifier } from '../src/index.js';
import { createSystemdNotifyTransport } from '../src/systemd-notify-transport.js';
import type { Transport } from '../src/transport.js';
import { eventually } from './helpers/eventually.js';
import { clean, scratch } from './helpers/receiver.js';

/** `{log}` and `{go}` in the script are paths. */
function tool(t: TestContext, script: string, more: NodeJS.ProcessEnv = {}) {
  const folder = scratch(t);
  const log = join(folder, 'log');
  const go = join(folder, 'go');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const file = join(bin, 'systemd-notify');
  const text = `#!/bin/sh\n${script.replaceAll('{log}', log).replaceAll('{go}', go)}\n`;
  writeFileSync(file, text, { mode: 0o755 });
  const failures: string[] = [];
  const env = {
    ...clean(process.env),
    PATH: `${bin}:${process.env.PATH}`,
    NOTIFY_SOCKET: '/nowhere',
    ...more,
  };
  const notifier = createNotifier({
    env,
    transports: ['tool'],
    onFailure: ({ message }) => failures.push(message),
  });
  const logged = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  return { env, notifier, failures, logged, release: () => writeFileSync(go, ''), file };
}

const WAITING = `echo "begin $@" >>{log}
while ! [ -e {go} ]; do sleep 0.01; done
echo end >>{log}`;

test('messages are sent one at a time, and a replaced STATUS is left out', async (t) => {
  const { notifier, logged, release } = tool(t, WAITING);
  const sent = [
    notifier.ready('one'),
    notifier.status('two'),
    notifier.watchdog(),
    notifier.status('three'),
    notifier.reloading(),
    notifier.status('four'),
    notifier.stopping(),
    notifier.status('five'),
    notifier.status('six'),
  ];
  await eventually('the first runs', logged, (lines) => lines.length === 1);
  release();
  await notifier.flush();
  assert.deepEqual(await Promise.all(sent), Array(9).fill(true));
  assert.deepEqual(
    logged().map((line) => line.replace(/USEC=\d+/, 'USEC=n')),
    [
      'begin READY=1 STATUS=one',
      'begin STATUS=three WATCHDOG=1',
      'begin RELOADING=1 MONOTONIC_USEC=n',
      'begin STATUS=four',
      'begin STOPPING=1',
      'begin STATUS=six',
    ].flatMap((line) => [line, 'end']),
  );
});

test('the text is not interpreted by a shell', async (t) => {
  const { notifier, logged } = tool(t, 'printf "%s\\n" "$@" >>{log}');
  assert.equal(await notifier.ready('$(touch x) `y` "z" \'q\' * \\ ;'), true);
  assert.deepEqual(logged(), ['READY=1', 'STATUS=$(touch x) `y` "z" \'q\' * \\ ;']);
});

test('the error output of systemd-notify becomes the reason', async (t) => {
  const { notifier, failures, file } = tool(t, 'echo "no way" >&2; exit 3');
  assert.equal(await notifier.ready(), false);
  assert.deepEqual(failures, [`cannot notify: ${file}: exit status 3: no way`]);
});

test('a systemd-notify that hangs is killed', async (t) => {
  const { env, logged, file } = tool(t, 'echo $$ >>{log}; exec sleep 1000');
  const transport = createSystemdNotifyTransport(env, 300) as Transport;
  const outcome = await transport.deliver({ lines: ['READY=1'], fd: null });
  assert.match(String(outcome), new RegExp(`${file}: killed after 300 ms$`));
  const [pid] = logged();
  assert.ok(!pid || !existsSync(`/proc/${pid}`));
});

test('a systemd-notify that a signal ended is run once more', async (t) => {
  const { notifier, failures, logged } = tool(
    t,
    'echo "$@" >>{log}; [ -e {go} ] && exit 0; >{go}; kill -TERM $$',
  );
  assert.equal(await notifier.ready(), true);
  assert.deepEqual(logged(), ['READY=1', 'READY=1']);
  const always = tool(t, 'kill -TERM $$');
  assert.equal(await always.notifier.ready(), false);
  assert.deepEqual(always.failures, [`cannot notify: ${always.file}: ended by a signal, twice`]);
  assert.deepEqual(failures, []);
});

test('a descriptor is passed with --fd where the manager has a store', async (t) => {
  const script = 'printf "%s\\n" "$@" "$(readlink /proc/self/fd/3)" >>{log}';
  const { notifier, logged } = tool(t, script, { FDSTORE: '5' });
  const fd = openSync('/dev/zero', 'r');
  t.after(() => closeSync(fd));
  assert.equal(await notifier.storeFd(fd, 'web', { poll: false }), true);
  assert.deepEqual(logged(), ['--fd=3', '--fdname=web', 'FDPOLL=0', '/dev/zero']);
  for (const env of [{}, { FDSTORE: '0' }]) {
    const without = tool(t, script, env);
    assert.equal(await without.notifier.storeFd(fd, 'web'), false);
    assert.match(without.failures[0] ?? '', /^cannot store web: /);
    assert.deepEqual(without.logged(), []);
  }
});
