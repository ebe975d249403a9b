// Where the contestants and their apps are, seen from the compiled bench.
import { root } from '../helpers/paths.js';

export const app = (name: string) => `${root}test/bench/apps/${name}`;
/** pm2, nodemon and Watt, installed by `npm run bench:peers`. */
export const contestants = `${root}test/bench/contestants`;
