// Waits for pings of the watchdog, as systemd has counted them.
import { eventually } from '../helpers/eventually.js';
import type { Machine } from './machine.js';

/** Resolves when systemd has received `count` pings (WATCHDOG=1) of the unit since the call. */
export async function watchdogPings(machine: Machine, unit: string, count: number): Promise<void> {
  const seen = new Set<string | undefined>();
  await eventually(`${count} pings of ${unit}`, async () => {
    const property = 'WatchdogTimestampMonotonic';
    seen.add((await machine.show(unit, property))[property]);
    return seen.size > count;
  });
}
