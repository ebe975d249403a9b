// What to write instead of a launcher, so that the program which graceful-run starts is the app itself. All words are
// kept as a shell reads them, quotes and variables included.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { quote, shellTokens, unquote } from '../text/shell-quote.js';
import { nodeFor } from './find-command.js';
import { flagsLeft, isFlagOf } from './launcher-flags.js';
import { launchingFlag, scriptRun, withoutWatching } from './node-flags.js';

/** Launchers start launchers; scripts of package.json may even name each other in a circle. */
const DEEPEST = 10;
/** Whatever quotes are around it. */
const ASSIGNMENT = /^['"]?\w+=/;
/** They only set variables. */
const SETTERS = ['env', 'cross-env'];

/** See startedBy: it is known what they start. */
const LAUNCHERS = ['tsx', 'nodemon', 'ts-node-dev', 'tsnd', 'npx', 'npm', 'pnpm', 'yarn'];
/** They become what they start. */
const WRAPPERS = ['env', 'nice', 'ionice', 'chrt', 'taskset', 'stdbuf', 'setpriv'];
/** What these start, and how often, is told elsewhere. */
const RUNNERS = ['dotenv', 'dotenvx', 'cross-env-shell', 'concurrently', 'npm-run-all', 'run-s'];
/** Node as a launcher behind something else: `nice node --watch app.js`, or in the line of a shell. */
const LAUNCHING_NODE = /(?:^|[\s'"/])node(?:js)?\s+(?:-\S+\s+)*--(?:watch|run)\b/;
/** Of a shell, where a command could stand. */
const KEYWORDS =
  /^(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|function|time|[{}!]|\[\[)$/;

const NOTHING = { flags: [], rest: [] };

interface Plan {
  /** What runs before it, each with the operator behind it. */
  readonly before: readonly string[];
  readonly variables: readonly string[];
  readonly words: readonly string[];
}

/** Where it would run. The directory is null where only a shell knows. */
interface Place {
  readonly cwd: string | null;
  readonly depth: number;
}

/** For a shell; null when it cannot be told from the command line and package.json. */
export function betterCommand(
  launcher: string,
  command: readonly string[],
  cwd: string,
): string | null {
  const [name = ''] = launcher.split(' ');
  const isIt = (word: string) => !word.includes('=') && basename(word).startsWith(name);
  const at = command.findIndex(isIt);
  if (at === -1 || basename(command[at] ?? '').startsWith('cross-env-shell')) return null;
  // `node /usr/lib/npm-cli.js` is npm, and `nice npm` stays nice.
  const node = command.findIndex((word) => isNode(word));
  const prefix = command.slice(0, node === -1 ? at : Math.min(node, at)).map(quote);
  const program = name === 'node' ? quote(command[at] ?? '') : name;
  const words = [program, ...command.slice(at + 1).map(quote)];
  const place = { cwd, depth: 0 };
  if (programOf(prefix).program === undefined) return render(planOf([...prefix, ...words], place));
  const text = render(planOf(words, place));
  return text === null ? null : [...prefix, text].join(' ');
}

/** `node --watch`, `node --run`: Node itself as a launcher; null when `command` is none. */
export function nodeAsLauncher(command: readonly string[]): string | null {
  const { program = '', args } = programOf(command);
  const words = [program, ...args];
  const at = WRAPPERS.includes(basename(program)) ? words.findIndex(isNode) : 0;
  const flag = isNode(words[at] ?? '') ? launchingFlag(words.slice(at + 1)) : null;
  return flag === null ? null : `node ${flag}`;
}

const isNode = (word: string) => /^node(js)?$/.test(basename(word));
const isKnown = (name: string) => isNode(name) || LAUNCHERS.includes(name);

function render(plan: Plan | null): string | null {
  if (plan === null) return null;
  const { before, variables, words } = plan;
  const command = [...(variables.length > 0 ? ['env', ...variables] : []), ...words].join(' ');
  return before.length === 0 ? command : `sh -c ${quote([...before, 'exec', command].join(' '))}`;
}

/** Behind the variables that are set for it, which need no shell and no cross-env. */
function programOf(words: readonly string[]) {
  let at = 0;
  const variables: string[] = [];
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (ASSIGNMENT.test(word)) variables.push(word);
    else if (word !== 'exec' && !SETTERS.includes(basename(word))) break;
    else if (words[at + 1]?.startsWith('-')) break;
  }
  const [program, ...args] = words.slice(at);
  return { variables, program, args };
}

/** Of one program with its arguments. */
function planOf(words: readonly string[], place: Place): Plan | null {
  const { variables, program, args } = programOf(words);
  if (program === undefined || place.depth > DEEPEST) return null;
  const started = startedBy(program, args, { ...place, depth: place.depth + 1 });
  if (started === null) return null;
  if (started === 'itself') {
    const name = basename(program);
    const isLaunching = !isNode(program) && LAUNCHING_NODE.test(words.join(' '));
    if (RUNNERS.includes(name) || KEYWORDS.test(name) || isLaunching) return null;
    return { before: [], variables, words: [localProgram(program, place.cwd), ...args] };
  }
  if (variables.length === 0 || started.before.length === 0) {
    return { ...started, variables: [...variables, ...started.variables] };
  }
  // They are set for all of it.
  return { before: [], variables, words: [render(started) ?? ''] };
}

function startedBy(program: string, args: string[], place: Place): Plan | 'itself' | null {
  const name = basename(unquote(program) ?? program);
  switch (name) {
    case 'node':
    case 'nodejs': {
      const flag = launchingFlag(args);
      if (flag === '--run') return planOfScript(scriptRun(args), place);
      return flag === null ? 'itself' : planOf([program, ...withoutWatching(args)], place);
    }
    case 'tsx': {
      const left = flagsLeft('tsx', args[0] === 'watch' ? args.slice(1) : args);
      return left && planOf(['node', '--import', 'tsx', ...left.flags, ...left.rest], place);
    }
    case 'nodemon':
    case 'ts-node-dev':
    case 'tsnd':
      return planOfWatcher(name === 'tsnd' ? 'ts-node-dev' : name, args, place);
    case 'npx':
      return planOfNpx(args, place);
    case 'npm':
    case 'pnpm':
    case 'yarn':
      return planOfPackageManager(name, args, place);
    default:
      return 'itself';
  }
}

function planOfWatcher(name: string, args: readonly string[], place: Place): Plan | null {
  const { flags, rest } = flagsLeft(name, args) ?? NOTHING;
  const script = unquote(rest[0] ?? '');
  // nodemon looks for its flags behind the script as well, and for the script in package.json.
  const isOwn = (word: string) => isFlagOf(name, word) || /^(-x|--exec)(=|$)/.test(word);
  if (script === null || script === '--' || (name === 'nodemon' && rest.some(isOwn))) return null;
  return planOf([...nodeFor(script), ...flags, ...rest], place);
}

function planOfNpx(args: readonly string[], place: Place): Plan | null {
  const at = args.findIndex((word) => /^(-c|--call)$/.test(word));
  if (at !== -1 && flagsLeft('npx', args.slice(0, at))?.rest.length === 0) {
    const line = unquote(args[at + 1] ?? '');
    return line === null ? null : planOfLine(line, place);
  }
  const { rest } = flagsLeft('npx', args) ?? NOTHING;
  const [named = '', ...others] = rest[0] === '--' ? rest.slice(1) : rest;
  const program = named.replace(/(?<=.)@.*$/, '');
  // A package may hold a program of another name, or has yet to be fetched.
  const isThere = isKnown(program) || localProgram(program, place.cwd) !== program;
  return program !== '' && isThere ? planOf([program, ...others], place) : null;
}

/** `npm start`, `npm run x -- --port 80`, `npm exec x`, `yarn x --port 80`. */
function planOfPackageManager(name: string, args: readonly string[], place: Place): Plan | null {
  const left = flagsLeft('npm', args);
  if (left === null) return null;
  const [first = 'start', ...others] = left.rest;
  if (['exec', 'x', 'dlx'].includes(first)) return planOfNpx(others, place);
  const behind = ['run', 'run-script'].includes(first) ? others : [first, ...others];
  const end = behind.indexOf('--');
  const [head, tail] = end === -1 ? [behind, []] : [behind.slice(0, end), behind.slice(end + 1)];
  // npm takes for itself what looks like a flag in front of `--`; the others pass it on.
  const [script = '', ...own] = name === 'npm' ? (flagless(head) ?? []) : head;
  return planOfScript([script, ...own, ...tail], place);
}

function flagless(words: readonly string[]): string[] | null {
  const isHarmless = (word: string) => !word.startsWith('-') || isFlagOf('npm', word);
  return words.every(isHarmless) ? words.filter((word) => !word.startsWith('-')) : null;
}

function planOfScript([name = '', ...args]: readonly string[], place: Place): Plan | null {
  const { [name]: line, [`pre${name}`]: before } = scripts(place.cwd);
  if (typeof line !== 'string') return null;
  const all = typeof before === 'string' ? `${before} && ${line}` : line;
  return planOfLine([all, ...args].join(' '), place);
}

function scripts(cwd: string | null): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(cwd ?? '', 'package.json'), 'utf8')).scripts ?? {};
  } catch {
    return {};
  }
}

/** A line for a shell. Only of a plain sequence is it known which program the app is: the last. */
function planOfLine(line: string, { cwd, depth }: Place): Plan | null {
  const tokens = shellTokens(line);
  if (tokens === null || tokens.some((one) => /^(\|\|?|[&()<>]|#.*)$/s.test(one))) return null;
  const before: string[] = [];
  let here = cwd;
  let words: string[] = [];
  for (const token of tokens) {
    if (token !== '&&' && token !== ';') {
      words.push(token);
      continue;
    }
    before.push(`${localStep(words, here)}${token === ';' ? ';' : ' &&'}`);
    here = directoryAfter(words, here);
    words = [];
  }
  // Behind a `;` it may as well be what is left to do when the app has ended.
  if (tokens.includes(';') && !isKnown(basename(programOf(words).program ?? ''))) return null;
  const last = planOf(words, { cwd: here, depth });
  return last && { ...last, before: [...before, ...last.before] };
}

function localStep(words: readonly string[], cwd: string | null): string {
  const { program, args } = programOf(words);
  const first = words.slice(0, words.length - args.length - 1);
  return program === undefined
    ? words.join(' ')
    : [...first, localProgram(program, cwd), ...args].join(' ');
}

function directoryAfter(words: readonly string[], cwd: string | null): string | null {
  const [program = '', to = ''] = words;
  if (program !== 'cd') return /^(pushd|popd)$/.test(program) ? null : cwd;
  const directory = unquote(to);
  return cwd === null || directory === null ? null : resolve(cwd, directory);
}

/** Package managers look there first. */
function localProgram(program: string, cwd: string | null): string {
  const local = `node_modules/.bin/${program}`;
  const isThere = cwd !== null && !program.includes('/') && existsSync(join(cwd, local));
  return isThere ? local : program;
}
