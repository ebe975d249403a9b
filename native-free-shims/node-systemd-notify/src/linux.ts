// What this package asks the kernel, also for graceful-run, which is built with it. Not part of the public API.
import { lstatSync } from 'node:fs';

export {
  parseTcp,
  parseUnix,
  TCP_STATE,
  type TcpRow,
  UNIX_STATE,
  type UnixRow,
} from './proc-net.js';

/**
 * Milliseconds since some moment in the past, never set back (CLOCK_MONOTONIC): the clock for all timeouts. Not
 * performance.now(), for which Node loads all of perf_hooks.
 */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * True if `directory` is a directory of the user `uid` that no other user may write to; a symbolic link is not.
 * Throws the error of lstat(2).
 */
export function isPrivateDirectory(directory: string, uid: number): boolean {
  const stats = lstatSync(directory);
  return stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0;
}
