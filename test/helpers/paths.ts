// Where things are, seen from the compiled tests.
import { fileURLToPath } from 'node:url';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const root = fromRoot('');
export const bin = fromRoot('bin/graceful-run.js');
export const fixture = (name: string) => fromRoot(`test/fixtures/${name}`);
/** The Node under which the command is tested; another one for the version matrix. */
export const node = process.env.TEST_NODE ?? process.execPath;
