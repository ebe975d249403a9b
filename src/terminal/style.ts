// What a terminal can show: colours, links, more than ASCII. Pure.

export interface Style {
  readonly colours: boolean;
  /** OSC 8, and clearing the screen. */
  readonly sequences: boolean;
  readonly unicode: boolean;
}

/** `isTerminal`: of where it is written to. See no-color.org; FORCE_COLOR as Node understands it. */
export function styleOf(env: NodeJS.ProcessEnv, isTerminal: boolean): Style {
  const capable = isTerminal && env.TERM !== 'dumb';
  const forced = env.FORCE_COLOR !== undefined && !['0', 'false'].includes(env.FORCE_COLOR);
  const refused = env.FORCE_COLOR !== undefined && !forced;
  return {
    colours: !env.NO_COLOR && !refused && (capable || forced),
    sequences: capable,
    // The first that is set and not empty, see locale(7).
    unicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ''),
  };
}
