// Programs that start the app as another process: it then has neither the sockets nor the channel. Tells
// the user what to write instead.
import { readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';

const LAUNCHERS: readonly [RegExp, string][] = [
  [/\/npm-cli\.js$/, 'npm'],
  [/\/npx-cli\.js$/, 'npx'],
  [/\/(pnpm|pnpx)\.c?js$/, 'pnpm'],
  [/\/yarn(-\d[^/]*)?\.c?js$/, 'yarn'],
  [/\/tsx\/dist\/cli\.[cm]?js$/, 'tsx'],
  [/\/nodemon\/bin\/nodemon\.js$/, 'nodemon'],
  [/\/ts-node-dev\/lib\/bin\.js$/, 'ts-node-dev'],
];

/** The launcher that `script`, the main script of a worker, is; null when it is an app. */
export function launcherOf(script: string | null): string | null {
  if (script === null) return null;
  const real = realPath(script);
  return LAUNCHERS.find(([pattern]) => pattern.test(real))?.[1] ?? null;
}

/** One line: what happened, and what to write instead. */
export function launcherAdvice(launcher: string, command: readonly string[], cwd: string): string {
  const better = betterCommand(launcher, command, cwd);
  return `${launcher} runs the app as a process of its own, which cannot be handed sockets; write instead: graceful-run -- ${better}`;
}

export const SHELL_ADVICE =
  'a program between graceful-run and Node keeps the app from being handed sockets; ' +
  "let it become Node: exec, as in sh -c '…; exec node app.js'";

function betterCommand(launcher: string, command: readonly string[], cwd: string): string {
  const args = argumentsOf(launcher, command);
  if (launcher === 'tsx')
    return `node --import tsx ${args.filter((arg) => arg !== 'watch').join(' ')}`;
  if (launcher === 'nodemon' || launcher === 'ts-node-dev') return `node ${args.join(' ')}`;
  if (launcher === 'npx') {
    return args[0] === 'tsx'
      ? `node --import tsx ${args.slice(1).join(' ')}`
      : `node_modules/.bin/${args.join(' ')}`;
  }
  return scriptOf(args, cwd) ?? 'node <the script that it runs>';
}

/** What follows the launcher in `node /path/npm-cli.js run x` or `npm run x`. */
function argumentsOf(launcher: string, command: readonly string[]): string[] {
  const at = command.findIndex((word) => basename(word).startsWith(launcher));
  return command.slice(at + 1).filter((word) => word !== '--');
}

/** The command that `npm start` or `npm run <name>` stands for, if it is a plain `node …`. */
function scriptOf(args: readonly string[], cwd: string): string | null {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [first = 'start', second] = words;
  const script = first === 'run' || first === 'run-script' ? second : first;
  try {
    const { scripts = {} } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as {
      scripts?: Record<string, string>;
    };
    const line = scripts[script ?? 'start'];
    if (!line) return null;
    const tsx = /^tsx (?:watch )?(.+)$/.exec(line);
    return tsx ? `node --import tsx ${tsx[1]}` : line;
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
