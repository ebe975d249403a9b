// A file of /proc as text.
import { readFileSync } from 'node:fs';

/** `path` is below /proc. Empty when the process is gone, or is not ours. */
export function read(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return '';
  }
}
