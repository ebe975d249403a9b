// The service unit, by tables: for each systemd, each kind of account, each directory of the app.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { serviceUnit } from '../../src/systemd-unit/service-unit.js';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { request, settings } from '../helpers/systemd/unit-request.js';

type UnitFields = Parameters<typeof request>[0];
const of = (fields: UnitFields) => settings(serviceUnit(request(fields)).text);
/** Only the keys that `expected` names; undefined for one that must not be there. */
function assertKeys(fields: UnitFields, expected: Record<string, string | undefined>): void {
  const found = of(fields);
  const named = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
  assert.deepEqual(named, expected, JSON.stringify(fields));
}

test('these keys are the same for every systemd', () => {
  for (const systemd of [239, 247, 252, 253, 254, 257]) {
    assertKeys(
      { systemd },
      {
        Type: 'notify',
        KillMode: 'mixed',
        ExecStart: `/usr/bin/node ${V8_FLAGS.join(' ')} /usr/lib/node_modules/graceful-run/bin/graceful-run.js --name shop --cwd /srv/shop -- node app.js`,
        ExecReload:
          '/usr/bin/node /usr/lib/node_modules/graceful-run/bin/graceful-run.js reload --name shop',
        User: 'www',
        WorkingDirectory: '/srv/shop',
        StartLimitIntervalSec: '0',
        Restart: 'on-failure',
        WatchdogSec: '30',
        RuntimeDirectory: 'shop',
        RuntimeDirectoryPreserve: 'restart',
        MemoryDenyWriteExecute: undefined,
        ProcSubset: undefined,
      },
    );
  }
});

test('a unit has only the keys that its systemd knows', () => {
  const keys = ['OpenFile', 'NotifyAccess', 'FileDescriptorStoreMax', 'RestartSec', 'RestartSteps'];
  const notify = '/run/systemd/notify:notify';
  const rows: [systemd: number, ...(string | undefined)[]][] = [
    [247, undefined, 'all', undefined, '3', undefined],
    [252, undefined, 'all', undefined, '3', undefined],
    [253, notify, 'main', undefined, '3', undefined],
    [254, notify, 'main', '64', '1', '5'],
    [257, notify, 'main', '64', '1', '5'],
  ];
  for (const [systemd, ...values] of rows) {
    assertKeys({ systemd }, Object.fromEntries(keys.map((key, i) => [key, values[i]])));
  }
  const older = { OOMPolicy: undefined, ProtectProc: undefined, ProtectClock: undefined };
  assertKeys({ systemd: 239 }, older);
  assertKeys({ systemd: 247 }, { OOMPolicy: 'continue', ProtectProc: 'invisible' });
});

test('the given options are repeated, and the timeouts follow from them', () => {
  const options = ['--listen', 'web=:8080', '--drain-timeout', '1m', '--control', '/run/x y.sock'];
  const timeouts = { start: 5000, drain: 60_000, kill: 1500 };
  const found = of({
    options: [...options, '--switch'],
    timeouts,
    control: '/run/x y.sock',
    listen: ['web=:8080'],
  });
  assert.match(
    found.ExecStart ?? '',
    / --listen web=:8080 --drain-timeout 1m --control "\/run\/x y\.sock" --switch -- node app\.js$/,
  );
  assert.match(found.ExecReload ?? '', / reload --name shop --control "\/run\/x y\.sock"$/);
  assert.equal(found.TimeoutStartSec, '22');
  assert.equal(found.TimeoutStopSec, '72');
});

test('Node does not read the env files itself', () => {
  const { ExecStart, ExecReload } = of({ options: ['--env-file', '.env'] });
  const own = '/usr/lib/node_modules/graceful-run/bin/graceful-run.js';
  assert.equal(
    ExecStart,
    `/usr/bin/node ${V8_FLAGS.join(' ')} -- ${own} --name shop --cwd /srv/shop --env-file .env -- node app.js`,
  );
  assert.equal(ExecReload, `/usr/bin/node ${own} reload --name shop`);
});

test('the account is a user, with or without a group, or a dynamic one', () => {
  const dynamic = { kind: 'dynamic' } as const;
  assertKeys({ account: dynamic }, { DynamicUser: 'yes', User: undefined, Group: undefined });
  const group = { kind: 'static', user: 'www', group: 'web' } as const;
  assertKeys({ account: group }, { DynamicUser: undefined, User: 'www', Group: 'web' });
  // Root keeps its capabilities, and other users have none.
  const root = { kind: 'static', user: 'root', group: null } as const;
  assertKeys({ account: root }, { User: 'root', CapabilityBoundingSet: undefined });
  assertKeys({}, { CapabilityBoundingSet: '' });
});

test('a port below 1024 needs a capability, unless systemd opens it', () => {
  const cap = 'CAP_NET_BIND_SERVICE';
  const listen = [':8080', '127.0.0.1:443'];
  assertKeys({ listen }, { CapabilityBoundingSet: cap, AmbientCapabilities: cap });
  const none = { CapabilityBoundingSet: '', AmbientCapabilities: undefined };
  assertKeys({ listen, socketUnits: true }, none);
  assertKeys({ listen: [':8080', ':0', 'unix:/run/a.sock'] }, none);
});

test('the directories that can be written, and those that are hidden, follow from what the service needs', () => {
  const rows: [UnitFields, Record<string, string | undefined>][] = [
    [
      {},
      {
        ProtectSystem: 'strict',
        ReadWritePaths: '/srv/shop',
        ProtectHome: 'yes',
        PrivateTmp: 'yes',
      },
    ],
    // The next release is not where the link leads now.
    [
      { directory: { logical: '/srv/shop/current', physical: '/srv/shop/releases/42' } },
      { ReadWritePaths: '/srv/shop', WorkingDirectory: '/srv/shop/current' },
    ],
    [
      { directory: { logical: '/current', physical: '/srv/shop' } },
      { ProtectSystem: 'full', ReadWritePaths: undefined },
    ],
    [{ directory: { logical: '/', physical: '/' } }, { ProtectSystem: 'full' }],
    [
      { directory: { logical: '/srv/a 100%', physical: '/srv/a 100%' } },
      { ReadWritePaths: '"/srv/a 100%%"', WorkingDirectory: '/srv/a 100%%' },
    ],
    [
      { listen: ['unix:/run/web/a.sock', 'unix:/run/web/b.sock', 'unix:/run/shop/c.sock'] },
      { ReadWritePaths: '/srv/shop -/run/web' },
    ],
    [{ listen: ['unix:/run/web/a.sock'], socketUnits: true }, { ReadWritePaths: '/srv/shop' }],
    [
      { control: '/run/ctl/a.sock', record: '/var/log/shop/events' },
      { ReadWritePaths: '/srv/shop -/run/ctl -/var/log/shop' },
    ],
    [{ requiredPaths: ['/home/me/.nvm/bin'] }, { ProtectHome: 'read-only', PrivateTmp: 'yes' }],
    [{ requiredPaths: ['/homes/me'] }, { ProtectHome: 'yes' }],
    [{ requiredPaths: ['/var/tmp/app'] }, { ProtectHome: 'yes', PrivateTmp: 'no' }],
    [{ requiredPaths: ['/tmp/app'], account: { kind: 'dynamic' } }, { PrivateTmp: undefined }],
  ];
  for (const [fields, expected] of rows) assertKeys(fields, expected);
});

test('clients can reach the sockets of a dynamic user', () => {
  const dynamic = { account: { kind: 'dynamic' }, systemd: 257 } as const;
  assertKeys(
    { ...dynamic, listen: ['unix:/run/shop/a.sock'] },
    { RuntimeDirectory: 'shop', RuntimeDirectoryPreserve: 'no', FileDescriptorStoreMax: undefined },
  );
  assertKeys({ ...dynamic, listen: [':80'] }, { RuntimeDirectoryPreserve: 'restart' });
});

test('with socket units the service requires them and leaves keeping the sockets to them', () => {
  const listen = [':80', 'admin=unix:/run/shop/a.sock'];
  const sockets = 'shop.socket shop-admin.socket';
  assertKeys(
    { listen, socketUnits: true, systemd: 257 },
    {
      Requires: sockets,
      After: sockets,
      Also: sockets,
      FileDescriptorStoreMax: undefined,
      RestartPreventExitStatus: undefined,
      // systemd removes the directory of a service, but that of the sockets must stay.
      RuntimeDirectory: 'shop/service',
    },
  );
  const without = { Requires: undefined, Also: undefined, RestartPreventExitStatus: '2' };
  assertKeys({ listen }, { ...without, RuntimeDirectory: 'shop' });
});

test('the service waits for an address of one interface', () => {
  for (const listen of ['10.0.0.1:80', '[fd00::1]:80']) {
    assertKeys(
      { listen: [listen] },
      { After: 'network-online.target', Wants: 'network-online.target' },
    );
  }
  for (const listen of [':80', '127.0.0.1:80', '[::1]:80', '0.0.0.0:80', '[::]:80']) {
    assertKeys({ listen: [listen] }, { After: 'network.target', Wants: undefined });
  }
});

test('PATH is set if systemd would not find the programs', () => {
  assertKeys({}, { Environment: undefined });
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  assertKeys({ extraPath: ['/opt/node/bin'] }, { Environment: `PATH=/opt/node/bin:${path}` });
  assertKeys({ extraPath: ['/o n/bin'] }, { Environment: `"PATH=/o n/bin:${path}"` });
});

test('a directory that a unit cannot name is refused', () => {
  for (const path of ['/srv/a\nb', '/srv/a\\', '/srv/a ']) {
    assert.throws(() => of({ directory: { logical: path, physical: path } }), UsageError);
  }
});

test('important lines have a comment above them', () => {
  const { text } = serviceUnit(request({ systemd: 257, listen: [':80'], socketUnits: true }));
  const lines = text.split('\n');
  const explained = lines.filter((line, i) => /^\w+=/.test(line) && lines[i - 1]?.startsWith('# '));
  const keys = explained.map((line) => line.split('=')[0] ?? '');
  for (const key of [
    ...['StartLimitIntervalSec', 'Type', 'OpenFile', 'ExecStart', 'ExecReload', 'KillMode'],
    ...['TimeoutStartSec', 'TimeoutStopSec', 'WatchdogSec', 'Restart', 'OOMPolicy'],
    ...['RuntimeDirectory', 'RuntimeDirectoryPreserve', 'ProtectSystem', 'CapabilityBoundingSet'],
  ]) {
    assert.ok(keys.includes(key), key);
  }
  assert.ok(lines.filter((line) => line.startsWith('#')).every((line) => line.length <= 100));
});
