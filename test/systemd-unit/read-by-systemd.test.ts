// The units as systemd reads them: without warnings, with the same words, and with little exposure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitFiles } from '../../src/systemd-unit/service-unit.js';
import {
  commandLinesOf,
  complaints,
  exposure,
  systemdHere,
  withoutSystemd,
} from '../helpers/systemd/systemd.js';
import { request, type UnitFields } from '../helpers/systemd/unit-request.js';

const skip = withoutSystemd;
/** `systemd-analyze verify` looks for the program. */
const start = [process.execPath, 'graceful-run.js'] as const;
const here: UnitFields = { start: [...start], reload: [...start, 'reload'] };

const KINDS: UnitFields[] = [
  {},
  { listen: [':80', '10.0.0.1:8080'], group: 'web' },
  {
    listen: ['web=:80', '[::1]:81?v6only', 'unix:/run/shop/a b%.sock?mode=660'],
    socketUnits: true,
  },
  { user: null, listen: ['unix:/run/shop/a.sock'] },
  { user: 'root' },
  { name: 'shop@1', directory: { logical: '/srv/my shop 5%', physical: '/srv/my shop 5%' } },
  {
    extraPath: ['/opt/my node/bin'],
    requiredPaths: ['/home/me', '/tmp/x'],
    createdPaths: ['/run/c/c.sock'],
  },
];

test('systemd has no warnings about units for it or for an older version', { skip }, (t) => {
  for (const systemd of [252, systemdHere]) {
    for (const kind of KINDS) {
      assert.deepEqual(complaints(t, unitFiles(request({ ...here, ...kind, systemd }))), []);
    }
  }
});

test('systemd warns about a wrong value and an unknown key', { skip }, (t) => {
  const wrong = unitFiles(request(here)).map(({ name, text }) => ({
    name,
    text: text.replace('KillMode=mixed', 'KillMode=mixd\nOpenFiel=x'),
  }));
  assert.equal(complaints(t, wrong).length, 2);
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
  const files = unitFiles(request({ start: [...start, ...words], reload: [...start, ...words] }));
  // Variables are replaced when systemd starts the program: `$$` is a dollar there, and no single one may be left.
  const commands = commandLinesOf(t, files, 'shop.service').map(([program, ...args]) => {
    for (const word of args) assert.doesNotMatch(word.replaceAll('$$', ''), /\$/);
    return [program, ...args.map((word) => word.replaceAll('$$', '$'))];
  });
  const expected = [...start, ...words];
  assert.deepEqual(commands, [expected, expected]);
});

test('the exposure by systemd-analyze stays low', { skip }, (t) => {
  const rows: [kind: UnitFields, most: number][] = [
    [{}, 2],
    [{ listen: [':80'] }, 2],
    [{ user: null }, 2],
    // It keeps all capabilities.
    [{ user: 'root' }, 5],
  ];
  for (const [kind, most] of rows) {
    for (const file of unitFiles(request(kind))) {
      const found = exposure(t, file);
      assert.ok(found > 0 && found <= most, `${found} for ${JSON.stringify(kind)}`);
    }
  }
});
