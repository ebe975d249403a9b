// Whether text is coloured, and what the workers are told of it. Pure.
import { WriteStream } from 'node:tty';

/** If one of these is set, the user has decided. Node prints a warning if FORCE_COLOR stands beside another one. */
const DECISIONS = ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS'];
/** The values of FORCE_COLOR by the bits of a colour, see `getColorDepth` of node:tty. */
const LEVELS: Readonly<Record<number, string>> = { 4: '1', 8: '2', 24: '3' };

/** FORCE_COLOR is stronger than NO_COLOR (https://no-color.org), and that is stronger than the terminal. */
export function wantsColors(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  return colorDepth(env, isTerminal) > 1;
}

/**
 * Variables for a worker with the environment `env` whose output is a pipe to a terminal: how many colours that has, as
 * Node and many other programs understand it. None if the user has decided.
 */
export function colorVariables(env: NodeJS.ProcessEnv, isTerminal: boolean): NodeJS.ProcessEnv {
  const isDecided = DECISIONS.some((name) => env[name] !== undefined);
  const level = isDecided ? undefined : LEVELS[colorDepth(env, isTerminal)];
  return level === undefined ? {} : { FORCE_COLOR: level };
}

function colorDepth(env: NodeJS.ProcessEnv, isTerminal: boolean): number {
  const { FORCE_COLOR } = env;
  // Beside weaker variables Node would print a warning.
  if (FORCE_COLOR !== undefined) return WriteStream.prototype.getColorDepth({ FORCE_COLOR });
  // Node 20 takes an empty NO_COLOR for a set one.
  if (!isTerminal || env.NO_COLOR) return 1;
  return WriteStream.prototype.getColorDepth({ ...env, NO_COLOR: undefined });
}
