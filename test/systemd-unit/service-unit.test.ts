// The service unit, by tables: for each systemd, each kind of account, each directory of the app.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { unitFiles } from '../../src/systemd-unit/service-unit.js';
import { request, settings, type UnitFields } from '../helpers/systemd/unit-request.js';

type Keys = Record<string, string | undefined>;

const textOf = (fields: UnitFields) => unitFiles(request(fields)).at(-1)?.text ?? '';

/** Each row: what is asked for, and the value of some keys; undefined for one that must not be there. */
function assertKeys(...rows: readonly (readonly [UnitFields, Keys])[]): void {
  for (const [fields, expected] of rows) {
    const found = settings(textOf(fields));
    const named = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]));
    assert.deepEqual(named, expected, JSON.stringify(fields));
  }
}

test('what protects requests, reloads and crashes is the same for every systemd, and says why', () => {
  const keys = {
    Type: 'notify',
    ExecStart: '/usr/bin/node graceful-run.js -- node app.js',
    ExecReload: '/usr/bin/node graceful-run.js reload',
    SuccessExitStatus: 'SIGTERM',
    KillMode: 'mixed',
    TimeoutStartSec: '80',
    TimeoutStopSec: '50',
    StartLimitIntervalSec: '0',
    Restart: 'on-failure',
    RestartPreventExitStatus: '2',
    WatchdogSec: '30',
    OOMPolicy: 'continue',
    RuntimeDirectory: 'shop',
    RuntimeDirectoryPreserve: 'restart',
    ProtectSystem: 'strict',
  };
  const others = { User: 'www', WorkingDirectory: '/srv/shop', Environment: undefined };
  // V8 writes the code that it runs, and connections are counted in /proc/net.
  const absent = { MemoryDenyWriteExecute: undefined, ProcSubset: undefined };
  for (const systemd of [252, 253, 257]) {
    assertKeys([{ systemd }, { ...keys, ...others, ...absent }]);
    const lines = textOf({ systemd }).split('\n');
    for (const key of Object.keys(keys)) {
      if (key.startsWith('RestartPrevent')) continue;
      const at = lines.findIndex((line) => line.startsWith(`${key}=`));
      assert.match(lines[at - 1] ?? '', /^# /, key);
    }
    assert.ok(lines.every((line) => line.length <= 100));
  }
});

test('a unit has only the keys that its systemd knows', () => {
  const keys = ['OpenFile', 'NotifyAccess', 'FileDescriptorStoreMax', 'RestartSec', 'RestartSteps'];
  const notify = '/run/systemd/notify:notify';
  const rows: [systemd: number, ...(string | undefined)[]][] = [
    [252, undefined, 'all', undefined, '3', undefined],
    [253, notify, 'main', undefined, '3', undefined],
    [254, notify, 'main', '64', '1', '5'],
  ];
  for (const [systemd, ...values] of rows) {
    assertKeys([{ systemd }, Object.fromEntries(keys.map((key, i) => [key, values[i]]))]);
  }
});

test('the account is a user, with or without a group, or a dynamic one', () => {
  assertKeys(
    [{}, { DynamicUser: undefined, User: 'www', Group: undefined, CapabilityBoundingSet: '' }],
    [{ group: 'web' }, { DynamicUser: undefined, User: 'www', Group: 'web' }],
    [{ user: null }, { DynamicUser: 'yes', User: undefined, Group: undefined }],
    // Root keeps its capabilities, and other users have none.
    [{ user: 'root' }, { User: 'root', CapabilityBoundingSet: undefined }],
  );
});

test('a port below 1024 needs a capability, unless systemd opens it', () => {
  const keys = (value: string) => ({ CapabilityBoundingSet: value, AmbientCapabilities: value });
  const listen = [':8080', '127.0.0.1:443'];
  assertKeys(
    [{ listen }, keys('CAP_NET_BIND_SERVICE')],
    [{ listen, socketUnits: true }, keys('')],
    [{ listen: [':8080', ':0', 'unix:/run/a.sock'] }, keys('')],
  );
});

test('the directories that can be written, and those that are hidden, follow from what the service needs', () => {
  const inside = (logical: string, physical = logical) => ({ directory: { logical, physical } });
  assertKeys(
    [{}, { ReadWritePaths: '/srv/shop', ProtectHome: 'yes', PrivateTmp: 'yes' }],
    // The next release is not where the link leads now.
    [
      inside('/srv/shop/current', '/srv/shop/releases/42'),
      { ReadWritePaths: '/srv/shop', WorkingDirectory: '/srv/shop/current' },
    ],
    [inside('/current', '/srv/shop'), { ProtectSystem: 'full', ReadWritePaths: undefined }],
    [inside('/srv/a 100%'), { ReadWritePaths: '"/srv/a 100%%"', WorkingDirectory: '/srv/a 100%%' }],
    [
      { createdPaths: ['/run/web/a', '/run/web/b', '/run/shop/c', '/srv/shop/d', '/var/log/e'] },
      { ReadWritePaths: '/srv/shop -/run/web -/var/log' },
    ],
    [{ requiredPaths: ['/home/me/.nvm/bin'] }, { ProtectHome: 'read-only', PrivateTmp: 'yes' }],
    [{ requiredPaths: ['/homes/me'] }, { ProtectHome: 'yes' }],
    [{ requiredPaths: ['/var/tmp/app'] }, { ProtectHome: 'yes', PrivateTmp: 'no' }],
  );
});

test('clients can reach the sockets of a dynamic user', () => {
  const dynamic = { user: null, systemd: 257 };
  assertKeys(
    [
      { ...dynamic, listen: ['unix:/run/shop/a.sock'] },
      { RuntimeDirectoryPreserve: 'no', FileDescriptorStoreMax: undefined },
    ],
    [
      { ...dynamic, listen: [':80'] },
      { RuntimeDirectoryPreserve: 'restart', FileDescriptorStoreMax: '64' },
    ],
  );
});

test('with socket units the service requires them and leaves keeping the sockets to them', () => {
  const listen = [':80', 'admin=unix:/run/shop/a.sock'];
  const sockets = 'shop.socket shop-admin.socket';
  assertKeys(
    [
      { listen, socketUnits: true, systemd: 257 },
      {
        ...{ Requires: sockets, After: sockets, Also: sockets },
        FileDescriptorStoreMax: undefined,
        RestartPreventExitStatus: undefined,
        // systemd removes the directory of a service, but that of the sockets must stay.
        RuntimeDirectory: 'shop/service',
      },
    ],
    [{ listen }, { Requires: undefined, Also: undefined, RuntimeDirectory: 'shop' }],
  );
});

test('a name or a directory that a unit cannot have is refused', () => {
  for (const path of ['/srv/a\nb', '/srv/a\\', '/srv/a ']) {
    assert.throws(() => textOf({ directory: { logical: path, physical: path } }), UsageError);
  }
  for (const name of ['shop.service', 'shop.socket', '.shop', '-shop', '@shop', 'shop@']) {
    assert.throws(() => textOf({ name }), UsageError, name);
  }
  for (const name of ['shop', 'shop.example.org', 'my_shop-2', 'shop@1', 'SHOP', '2']) {
    assert.match(textOf({ name }), new RegExp(`^# ${name}.service, `));
  }
});
