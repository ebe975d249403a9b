// Whether there are colours: one rule for all that is written in them, and what workers are told of it. Pure.

/** FORCE_COLOR when it asks for colours, as getColorDepth() of Node reads it: with anything else there are none. */
const FORCED = ['', '1', 'true', '2', '3'];
/** With one of these the user has decided. Node warns of FORCE_COLOR beside another, up to 22 also of an empty one. */
const DECISIONS = ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS'];

/**
 * `isTerminal`: of where it is written to. As Node decides for itself: FORCE_COLOR is stronger than what switches
 * colours off (NO_COLOR, unless it is empty: https://no-color.org), and that is stronger than the terminal.
 */
export function wantsColours(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  const { FORCE_COLOR, NO_COLOR, NODE_DISABLE_COLORS, TERM } = env;
  if (FORCE_COLOR !== undefined) return FORCED.includes(FORCE_COLOR);
  return isTerminal && !NO_COLOR && !NODE_DISABLE_COLORS && TERM !== 'dumb';
}

/**
 * For a worker with the environment `env`, who sees a pipe where there is a terminal behind it: how many colours that
 * has, as Node and many others understand it. Nothing where the user has decided.
 */
export function colourVariables(env: NodeJS.ProcessEnv, isTerminal: boolean): NodeJS.ProcessEnv {
  const isDecided = DECISIONS.some((name) => env[name] !== undefined);
  if (isDecided || !wantsColours(env, isTerminal)) return {};
  if (/^(truecolor|24bit)$/.test(env.COLORTERM ?? '')) return { FORCE_COLOR: '3' };
  return { FORCE_COLOR: /256/.test(env.TERM ?? '') ? '2' : '1' };
}
