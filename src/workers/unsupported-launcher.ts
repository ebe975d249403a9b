// Commands that start the app as another process, which then gets neither the sockets nor the channel to the master:
// how they are detected, and what the user is told.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
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
/** They replace themselves by the program that they start. */
const WRAPPERS = ['env', 'nice', 'ionice', 'chrt', 'taskset', 'stdbuf', 'setpriv'];
/** The usual flags of Node whose value is the next word. A flag that is missing here hides a later --watch. */
const WITH_VALUE =
  /^(-[repC]|--(require|import|loader|experimental-loader|conditions|env-file|env-file-if-exists|eval|print|title|disable-warning|watch-path|watch-kill-signal|inspect-port))$/;

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
export function nodeAsLauncher(command: readonly string[]): string | null {
  const node = command.findIndex((word) => /^node(js)?$/.test(basename(word)));
  if (node === -1 || (node > 0 && !WRAPPERS.includes(basename(command[0] ?? '')))) return null;
  for (let at = node + 1; at < command.length; at += 1) {
    const word = command[at] ?? '';
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
  const script = SCRIPT_RUNNERS.includes(launcher) ? scriptOf(command, cwd) : null;
  // A line that is not just Node with plain words may need a shell or a path, or name another launcher.
  const { line = '', args = [] } = script ?? {};
  const isPlain = /^node [\w@%+=:,./ -]+$/.test(line) && nodeAsLauncher(line.split(' ')) === null;
  const direct = isPlain ? [line, ...args.map(quote)].join(' ') : placeholder;
  const source = line === '' || isPlain ? '' : ` (the script of package.json is: ${line})`;
  return `${problem}; write instead: ${calledAs} -- ${direct}${source}`;
}

/** The script of the package.json in `cwd` that `command` runs, with the arguments for it; null when there is none. */
function scriptOf(command: readonly string[], cwd: string) {
  const words = command.slice(1).map((word) => word.replace(/^--run=/, ''));
  const at = words.findIndex((word) => !/^(-.*|run|run-script)$/.test(word));
  try {
    const line: unknown = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).scripts[
      words[at] ?? ''
    ];
    const args = words.slice(at + 1);
    return typeof line === 'string'
      ? { line, args: args[0] === '--' ? args.slice(1) : args }
      : null;
  } catch {
    return null;
  }
}

/** What was probably meant by a command that is not executable but a file in `cwd` which Node runs; else null. */
export function scriptAdvice(word: string, args: readonly string[], cwd: string): string | null {
  if (!/\.[cm]?[jt]s$/.test(word) || !existsSync(resolve(cwd, word))) return null;
  // Node 20 does not run TypeScript by itself.
  const node =
    word.endsWith('ts') && !Reflect.get(process.features, 'typescript')
      ? 'node --import tsx'
      : 'node';
  return [node, ...[word.startsWith('-') ? `./${word}` : word, ...args].map(quote)].join(' ');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
