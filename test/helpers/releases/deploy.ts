// Puts a release in place.
import { renameSync, writeFileSync } from 'node:fs';

/** In one piece, as a deployment is: no worker reads half a file. */
export function deploy(release: string, text: string): void {
  writeFileSync(`${release}.new`, text);
  renameSync(`${release}.new`, release);
}
