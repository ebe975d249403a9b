// The directory for the NOTIFY_SOCKETs of the workers: nobody else may look into it, for whoever can write to
// a socket of another worker speaks in its name.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PRIVATE = 0o700;
/** sun_path has 108 bytes, unix(7), and the names inside need some. */
const LONGEST = 70;

export interface NotifyDirectory {
  readonly path: string;
  remove(): void;
}

/**
 * Beside the control socket, which makes it the only master's of that name, and so what a killed master left is
 * taken over; in the directory for temporary files when there is no control socket, or its path is too long.
 */
export function makeNotifyDirectory(control: string | null): NotifyDirectory {
  const beside = control === null ? null : control.replace(/(\.sock)?$/, '.notify');
  if (beside !== null && Buffer.byteLength(beside) <= LONGEST) {
    rmSync(beside, { recursive: true, force: true });
    mkdirSync(beside, { recursive: true, mode: PRIVATE });
    return { path: beside, remove: () => rmSync(beside, { recursive: true, force: true }) };
  }
  const path = mkdtempSync(join(tmpdir(), 'graceful-run-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
