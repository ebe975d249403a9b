// Facts about the service manager that need no socket: sd_watchdog_enabled(3), sd_booted(3).
import { statSync } from 'node:fs';
import { namesUs } from './environment.js';

/**
 * Milliseconds within which systemd expects `watchdog()` to be called again; ping at half of it. Null when
 * no watchdog is set, or when it is for another process (WATCHDOG_PID).
 */
export function watchdogInterval(
  env: NodeJS.ProcessEnv = process.env,
  pid: number = process.pid,
): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: of } = env;
  // An absent WATCHDOG_PID means everybody, unlike an absent LISTEN_PID.
  if (of !== undefined && !namesUs(of, env, pid)) return null;
  if (usec === undefined || !/^\d{1,18}$/.test(usec) || Number(usec) === 0) return null;
  return Number(usec) / 1000;
}

/** True when systemd manages this machine (or container). */
export function booted(): boolean {
  return statSync('/run/systemd/system/', { throwIfNoEntry: false })?.isDirectory() === true;
}
