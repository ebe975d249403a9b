// Programs that start the app as another process: it then has neither the sockets nor the channel. Tells
// the user what to write instead.
import { realpathSync } from 'node:fs';
import { betterCommand } from './better-command.js';

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

/** The launcher that `script`, the main script of a worker, is; null when it is an app. */
export function launcherOf(script: string | null): string | null {
  if (script === null) return null;
  const real = realPath(script);
  return LAUNCHERS.find(([pattern]) => pattern.test(real))?.[1] ?? null;
}

/** One line: what happened, and what to write instead behind `calledAs`, `graceful-run dev` for example. */
export function launcherAdvice(
  launcher: string,
  command: readonly string[],
  cwd: string,
  calledAs: string,
): string {
  const better = betterCommand(launcher, command, cwd) ?? 'node <the script that it runs>';
  return `${launcher} runs the app as a process of its own, which cannot be handed sockets; write instead: ${calledAs} -- ${better}`;
}

export const SHELL_ADVICE =
  'a program between graceful-run and Node keeps the app from being handed sockets; ' +
  "let it become Node: exec, as in sh -c '…; exec node app.js'";

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
