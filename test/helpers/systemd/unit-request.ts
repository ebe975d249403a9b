// A complete and minimal request for a unit, and the settings of a unit file.
import { parseListenSpec } from '../../../src/sockets/listen-spec.js';
import type { UnitRequest } from '../../../src/systemd-unit/unit-input.js';

export type UnitFields = Omit<Partial<UnitRequest>, 'listen'> & {
  readonly listen?: readonly string[];
};

export function request({ listen = [], ...fields }: UnitFields = {}): UnitRequest {
  return {
    name: 'shop',
    systemd: 252,
    version: '1.2.3',
    user: 'www',
    group: null,
    start: ['/usr/bin/node', 'graceful-run.js', '--', 'node', 'app.js'],
    reload: ['/usr/bin/node', 'graceful-run.js', 'reload'],
    directory: { logical: '/srv/shop', physical: '/srv/shop' },
    timeouts: { start: 30_000, drain: 30_000, kill: 10_000 },
    socketUnits: false,
    extraPath: [],
    requiredPaths: ['/srv/shop'],
    createdPaths: [],
    ...fields,
    listen: listen.map(parseListenSpec),
  };
}

/** The value of each key of a unit file; of a key that occurs twice, the last one. */
export function settings(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
