// The socket units: one for each --listen, with what its query asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { unitFiles } from '../../src/systemd-unit/service-unit.js';
import { request, settings } from '../helpers/systemd/unit-request.js';

const units = (...listen: string[]) => unitFiles(request({ listen, socketUnits: true }));

test('each spec becomes the keys of a socket unit', () => {
  const rows: [spec: string, expected: Record<string, string>][] = [
    [':8080', { ListenStream: '8080', BindIPv6Only: 'both' }],
    ['10.0.0.1:80', { ListenStream: '10.0.0.1:80', FreeBind: 'yes' }],
    ['[::1]:80', { ListenStream: '[::1]:80', BindIPv6Only: 'both', FreeBind: 'yes' }],
    ['[::]:80?v6only', { ListenStream: '[::]:80', BindIPv6Only: 'ipv6-only', FreeBind: 'yes' }],
    [
      '[fe80::1%eth0]:80',
      { ListenStream: '[fe80::1%%eth0]:80', BindIPv6Only: 'both', FreeBind: 'yes' },
    ],
    ['web=:80?backlog=4096', { ListenStream: '80', BindIPv6Only: 'both' }],
    ['unix:/run/a b%.sock', { ListenStream: '/run/a b%%.sock' }],
    [
      'unix:/run/a.sock?mode=660&owner=www:web',
      { ListenStream: '/run/a.sock', SocketMode: '0660', SocketUser: 'www', SocketGroup: 'web' },
    ],
    ['unix:/run/a.sock?owner=:web', { ListenStream: '/run/a.sock', SocketGroup: 'web' }],
  ];
  for (const [spec, expected] of rows) {
    const [socket] = units(spec);
    const { Description, FileDescriptorName, Backlog, ...found } = settings(socket?.text ?? '');
    const always = { TriggerLimitIntervalSec: '0', WantedBy: 'sockets.target' };
    assert.deepEqual(found, { ...expected, ...always }, spec);
    assert.equal(FileDescriptorName, spec.startsWith('web=') ? 'web' : 'socket-1', spec);
    assert.equal(Backlog, spec.includes('4096') ? '4096' : undefined, spec);
    assert.match(Description ?? '', /^shop, .* \(graceful-run\)$/);
  }
});

test('the units are named after the sockets, or after their place, and start the service', () => {
  const found = units('web=:80', ':81', 'a,b=:82', 'a;b=:83', 'admin=unix:/run/a.sock');
  const others = ['shop-socket-2', 'shop-socket-3', 'shop-socket-4', 'shop-admin'];
  assert.deepEqual(
    found.map((file) => file.name),
    ['shop.socket', ...others.map((name) => `${name}.socket`), 'shop.service'],
  );
  const services = found.slice(0, -1).map((file) => settings(file.text).Service);
  // The first one has the name of the service.
  assert.deepEqual(services, [undefined, ...Array(4).fill('shop.service')]);
});

test('without an address that systemd can open, the units are refused', () => {
  assert.throws(() => units(), /^UsageError: --socket: systemd has to know what to open$/);
  assert.throws(() => units(':0'), /^UsageError: --listen ':0': a socket unit needs a port$/);
  assert.throws(() => units('unix:/run/a\\'), UsageError);
});
