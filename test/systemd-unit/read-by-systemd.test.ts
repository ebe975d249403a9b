// The units as systemd reads them: without warnings, with the same words, and with little exposure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceUnit, unitFiles } from '../../src/systemd-unit/service-unit.js';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { bin } from '../helpers/paths.js';
import {
  commandLinesOf,
  complaints,
  exposure,
  systemdHere,
  withoutSystemd,
} from '../helpers/systemd/systemd.js';
import { request } from '../helpers/systemd/unit-request.js';

const skip = withoutSystemd;
/** `systemd-analyze verify` looks for the program. */
const here = { node: process.execPath, bin };
const dynamic = { kind: 'dynamic' } as const;
const root = { kind: 'static', user: 'root', group: null } as const;

const KINDS: Parameters<typeof request>[0][] = [
  {},
  { listen: [':80', '10.0.0.1:8080'] },
  {
    listen: ['web=:80', '[::1]:81?v6only', 'unix:/run/shop/a b%.sock?mode=660'],
    socketUnits: true,
  },
  { account: dynamic, listen: ['unix:/run/shop/a.sock'] },
  { account: root },
  { name: 'shop@1', directory: { logical: '/srv/my shop 5%', physical: '/srv/my shop 5%' } },
  {
    extraPath: ['/opt/my node/bin'],
    requiredPaths: ['/home/me', '/tmp/x'],
    control: '/run/c/c.sock',
  },
];

test('systemd has no warnings about units for it or for an older version', { skip }, (t) => {
  for (const systemd of [239, 247, 252, systemdHere]) {
    for (const kind of KINDS) {
      assert.deepEqual(complaints(t, unitFiles(request({ ...here, ...kind, systemd }))), []);
    }
  }
});

test('systemd warns about a wrong value and an unknown key', { skip }, (t) => {
  const { name, text } = serviceUnit(request(here));
  const wrong = text.replace('KillMode=mixed', 'KillMode=mixd\nOpenFiel=x');
  assert.equal(complaints(t, [{ name, text: wrong }]).length, 2);
});

test('systemd reads the words of the command unchanged', { skip }, (t) => {
  const words = [
    ...[
      'node',
      './my app.js',
      '',
      ' ',
      ';',
      '\\',
      '"',
      "'",
      "it's",
      'a"b\\c',
      '\\n',
      'a\nb',
      'a\tb',
    ],
    ...['%', '%h', '%%', '100%', '$', '$HOME', `$${'{HOME}'}`, '$$', 'a$b', '$1', '--x=y z', '@'],
    ...['-', '+', '#', '!', '|', '&&', '>', '*', '~', '{{generation}}', 'ü', '日本', '🙂', '='],
    ...['\u0001', '\u0085'],
  ];
  const files = unitFiles(request({ ...here, command: words }));
  const [start = [], reload] = commandLinesOf(t, files, 'shop.service');
  // Variables are replaced when systemd starts the program: `$$` is a dollar there, and no single one may be left.
  const read = start.slice(start.indexOf('--') + 1);
  for (const word of read) assert.doesNotMatch(word.replaceAll('$$', ''), /\$/);
  assert.deepEqual(
    read.map((word) => word.replaceAll('$$', '$')),
    words,
  );
  const runs = [process.execPath, ...V8_FLAGS, bin];
  const options = '--name shop --cwd /srv/shop'.split(' ');
  assert.deepEqual(start.slice(0, runs.length + options.length), [...runs, ...options]);
  assert.deepEqual(reload, [process.execPath, bin, 'reload', '--name', 'shop']);
});

test('the exposure by systemd-analyze stays low', { skip }, (t) => {
  const rows: [kind: Parameters<typeof request>[0], most: number][] = [
    [{}, 2],
    [{ listen: [':80'] }, 2],
    [{ listen: [':80'], socketUnits: true }, 2],
    [{ account: dynamic }, 2],
    // It keeps all capabilities.
    [{ account: root }, 5],
  ];
  for (const [kind, most] of rows) {
    const found = exposure(t, serviceUnit(request(kind)));
    t.diagnostic(`${JSON.stringify(kind)}: ${found}`);
    assert.ok(found > 0 && found <= most, `${found} for ${JSON.stringify(kind)}`);
  }
});
