// Whether there are colours: one rule for all that is written in them.

/**
 * `isTerminal`: of where it is written to. As Node decides for itself: FORCE_COLOR is stronger than NO_COLOR, and both
 * than the terminal.
 */
export function wantsColours(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env.FORCE_COLOR !== undefined) return !/^(0|false)$/.test(env.FORCE_COLOR);
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
}
