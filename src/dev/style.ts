// What a terminal can show: colours, links, more than ASCII. Pure.

import { wantsColours } from '../text/colors.js';

export interface Style {
  readonly colours: boolean;
  /** OSC 8, and clearing the screen. */
  readonly sequences: boolean;
  readonly unicode: boolean;
}

/** `isTerminal`: of where it is written to. */
export function styleOf(env: NodeJS.ProcessEnv, isTerminal: boolean): Style {
  const capable = isTerminal && env.TERM !== 'dumb';
  return {
    colours: wantsColours(env, isTerminal),
    sequences: capable,
    // The first that is set and not empty, see locale(7).
    unicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ''),
  };
}
