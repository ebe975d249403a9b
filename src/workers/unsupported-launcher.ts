// Commands that start the app as another process, which then gets neither the sockets nor the channel to the master:
// how they are detected, and what the user is told.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { realPath } from '../linux/paths.js';
import { quote } from '../text/shell-quote.js';

/** By the path of the main script, links resolved. */
const LAUNCHERS: readonly [RegExp, string][] = [
  [/\/npm-cli\.js$/, 'npm'],
  [/\/npx-cli\.js$/, 'npx'],
  [/\/(pnpm|pnpx)\.c?js$/, 'pnpm'],
  [/\/yarn(-\d[^/]*)?\.c?js$/, 'yarn'],
  [/\/tsx\/dist\/cli\.[cm]?js$/, 'tsx'],
  [/\/nodemon\/bin\/nodemon\.js$/, 'nodemon'],
  [/\/ts-node-dev\/lib\/bin\.js$/, 'ts-node-dev'],
  [/\/cross-env\/.*\/cross-env(-shell)?\.js$/, 'cross-env'],
];
/** They run a script of package.json. */
const SCRIPT_RUNNERS = ['npm', 'pnpm', 'yarn', 'node --run'];
/** The usual options of Node whose value is the next word. One that is missing here hides a later --watch. */
const WITH_VALUE =
  /^(-r|--require|--import|--(experimental-)?loader|-C|--conditions|--env-file(-if-exists)?|--title)$/;

export const SHELL_ADVICE =
  'a program between graceful-run and Node keeps the app from being handed sockets; ' +
  "let it become Node: exec, as in sh -c '…; exec node app.js'";

/** The launcher whose main script is `script`; null when it is an app. */
export function launcherOf(script: string | null): string | null {
  if (script === null) return null;
  const path = realPath(script);
  return LAUNCHERS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** `node --watch` or `node --run`: a Node that does not load the preload and starts the app; null for all others. */
export function nodeAsLauncher([program = '', ...words]: readonly string[]): string | null {
  if (!/^node(js)?$/.test(basename(program))) return null;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '--') return null;
    const kind = /^--(run|watch)(-path)?(=|$)/.exec(word)?.[1];
    if (kind !== undefined) return `node --${kind}`;
    if (WITH_VALUE.test(word)) at += 1;
  }
  return null;
}

/**
 * One line: what is wrong with `launcher`, and what to write behind `calledAs` (`graceful-run dev`, for example)
 * instead. For a script of the package.json in `cwd`: the line of that script.
 */
export function launcherAdvice(
  launcher: string,
  command: readonly string[],
  cwd: string,
  calledAs: string,
): string {
  const problem = `${launcher} runs the app as a process of its own, which cannot be handed sockets`;
  const placeholder = launcher === 'tsx' ? 'node --import tsx <script>' : 'node <script>';
  const line = SCRIPT_RUNNERS.includes(launcher) ? scriptOf(command, cwd) : null;
  // A line that is not just Node with plain words may need a shell or a path, or name another launcher.
  const isPlain =
    /^node [\w@%+=:,./ -]+$/.test(line ?? '') && nodeAsLauncher(line?.split(' ') ?? []) === null;
  const source = line === null || isPlain ? '' : ` (the script of package.json is: ${line})`;
  // The arguments for a script are behind `--`.
  const args = command.includes('--') ? command.slice(command.indexOf('--') + 1) : [];
  const better = [isPlain ? line : placeholder, ...args.map(quote)].join(' ');
  return `${problem}; write instead: ${calledAs} -- ${better}${source}`;
}

/** The line of the script that `command` runs, in the package.json of `cwd`; null when there is none. */
function scriptOf(command: readonly string[], cwd: string): string | null {
  const words = command.slice(1).map((word) => word.replace(/^--run=/, ''));
  const name = words.find((word) => !/^(-.*|run|run-script)$/.test(word)) ?? '';
  try {
    const line: unknown = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).scripts[name];
    return typeof line === 'string' ? line : null;
  } catch {
    return null;
  }
}

/** What was probably meant by a command that is not executable but a file in `cwd` which Node runs; else null. */
export function scriptAdvice(word: string, args: readonly string[], cwd: string): string | null {
  if (!/\.[cm]?[jt]s$/.test(word) || !existsSync(resolve(cwd, word))) return null;
  // Node 20 does not run TypeScript by itself.
  const needsTsx = word.endsWith('ts') && !Reflect.get(process.features, 'typescript');
  return ['node', ...(needsTsx ? ['--import', 'tsx'] : []), ...[word, ...args].map(quote)].join(
    ' ',
  );
}
