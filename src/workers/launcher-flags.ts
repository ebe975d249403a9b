// What stands between a launcher and the program that it runs: what has no meaning without the launcher is left out,
// as far as that is certain.
import { takesNext } from './node-flags.js';

interface Flags {
  /** Left out. */
  readonly alone: readonly string[];
  /** Left out, with the next word. */
  readonly withValue: readonly string[];
  /** What is no flag of the launcher goes to Node. */
  readonly passesOn: boolean;
}

const list = (text: string) => text.split(' ');

/** By their own --help. A flag that is not here may change what runs, or where. */
const LAUNCHERS: Readonly<Record<string, Flags>> = {
  nodemon: {
    alone: list('-q --quiet -V --verbose -L --legacy-watch'),
    withValue: list('-w --watch -e --ext -i --ignore -d --delay'),
    passesOn: true,
  },
  'ts-node-dev': {
    alone: list('--respawn --exit-child --transpile-only -T --cls --clear --rs --poll --quiet'),
    withValue: list('--watch --ignore-watch'),
    passesOn: true,
  },
  tsx: {
    alone: list('--watch --watch-preserve-output --clear-screen --no-clear-screen'),
    withValue: list('--watch-path --include --exclude --ignore'),
    passesOn: true,
  },
  npx: {
    alone: list('-y --yes --no --no-install -q --quiet --offline --prefer-offline'),
    withValue: list('-p --package'),
    passesOn: false,
  },
  npm: {
    alone: list('-s --silent -q --quiet -d --verbose --if-present --ignore-scripts'),
    withValue: list('--loglevel'),
    passesOn: false,
  },
};

interface Launched {
  /** Of Node. */
  readonly flags: readonly string[];
  readonly rest: readonly string[];
}

/** What is left of the flags in front, and what follows; null when one of them may say more than can be told here. */
export function flagsLeft(launcher: string, args: readonly string[]): Launched | null {
  const { alone, withValue, passesOn } = flagsOf(launcher);
  const flags: string[] = [];
  let at = 0;
  while (args[at]?.startsWith('-') && args[at] !== '--') {
    const word = args[at] ?? '';
    const name = word.replace(/=.*$/s, '');
    if (withValue.includes(name)) at += word === name ? 2 : 1;
    else if (alone.includes(name)) at += 1;
    else if (passesOn && isNodeFlag(name)) {
      const length = takesNext(word) ? 2 : 1;
      flags.push(...args.slice(at, at + length));
      at += length;
    } else return null;
  }
  return { flags, rest: args.slice(at) };
}

/** One of those that `flagsLeft` leaves out. */
export function isFlagOf(launcher: string, word: string): boolean {
  const { alone, withValue } = flagsOf(launcher);
  return [...alone, ...withValue].includes(word.replace(/=.*$/s, ''));
}

const flagsOf = (launcher: string): Flags =>
  LAUNCHERS[launcher] ?? { alone: [], withValue: [], passesOn: false };

/** Of one letter `-r` alone: the others mean something else to a launcher. */
function isNodeFlag(name: string): boolean {
  if (!name.startsWith('--')) return name === '-r';
  return takesNext(name) || process.allowedNodeEnvironmentFlags.has(name);
}
