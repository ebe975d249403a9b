// A complete and minimal request for a unit, and the settings of a unit file.
import { parseListenSpec } from '../../../src/sockets/listen-spec.js';
import type { UnitRequest } from '../../../src/systemd-unit/unit-input.js';

type UnitFields = Omit<Partial<UnitRequest>, 'listen'> & { readonly listen?: readonly string[] };

export function request({ listen = [], ...fields }: UnitFields = {}): UnitRequest {
  return {
    name: 'shop',
    systemd: 252,
    version: '1.2.3',
    node: '/usr/bin/node',
    bin: '/usr/lib/node_modules/graceful-run/bin/graceful-run.js',
    command: ['node', 'app.js'],
    options: [],
    directory: { logical: '/srv/shop', physical: '/srv/shop' },
    account: { kind: 'static', user: 'www', group: null },
    timeouts: { start: 30_000, drain: 30_000, kill: 10_000 },
    control: null,
    record: null,
    socketUnits: false,
    extraPath: [],
    requiredPaths: ['/srv/shop'],
    ...fields,
    listen: listen.map(parseListenSpec),
  };
}

/** The value of each key of a unit file; no key occurs twice. */
export function settings(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
