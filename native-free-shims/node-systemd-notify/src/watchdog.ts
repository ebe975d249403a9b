// Whether the service manager expects signs of life: sd_watchdog_enabled(3).
import { isOwnPid } from './environment.js';

/**
 * Milliseconds within which systemd expects the next `watchdog()`; call it at half of that. Null when no watchdog
 * is set, or when it is for another process (WATCHDOG_PID).
 */
export function watchdogInterval(
  env: NodeJS.ProcessEnv = process.env,
  pid: number = process.pid,
): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: watchdogPid } = env;
  // Without WATCHDOG_PID it is for every process, unlike LISTEN_FDS without LISTEN_PID.
  if (watchdogPid !== undefined && !isOwnPid(watchdogPid, env, pid)) return null;
  if (usec === undefined || !/^\d{1,18}$/.test(usec) || Number(usec) === 0) return null;
  return Number(usec) / 1000;
}
