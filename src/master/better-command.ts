// What to write instead of a launcher, so that the program which graceful-run starts is the app itself.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { quote } from './shell-words.js';

/** `A=1 B="2 3" ` in front of a command. */
const ASSIGNMENTS = /^((?:\w+=(?:"[^"]*"|'[^']*'|[^\s"'])*\s+)*)(.*)$/s;
/** Of npx: a word that is the value of the one before it. */
const WITH_VALUE = ['-p', '--package', '-w', '--workspace'];

/** For a shell; null when it cannot be told from the command line and package.json. */
export function betterCommand(
  launcher: string,
  command: readonly string[],
  cwd: string,
): string | null {
  const args = argumentsOf(launcher, command);
  switch (launcher) {
    case 'tsx':
    case 'cross-env':
      return ofProgram([launcher, ...args], cwd);
    case 'nodemon':
    case 'ts-node-dev':
      return `node ${args.map(quote).join(' ')}`;
    case 'npx':
      return ofProgram(withoutFlags(args), cwd);
    default:
      return ofPackageManager(withoutFlags(args), cwd);
  }
}

/** What follows the launcher in `node /path/npm-cli.js run x` or `npm run x`. */
function argumentsOf(launcher: string, command: readonly string[]): string[] {
  const at = command.findIndex((word) => basename(word).startsWith(launcher));
  return command.slice(at + 1).filter((word) => word !== '--');
}

function withoutFlags(args: readonly string[]): string[] {
  const at = args.findIndex(
    (arg, i) => !arg.startsWith('-') && !WITH_VALUE.includes(args[i - 1] ?? ''),
  );
  return at === -1 ? [] : args.slice(at);
}

/** `npm start`, `npm run x`, `npm exec x`, `yarn x`. */
function ofPackageManager([first = 'start', ...rest]: readonly string[], cwd: string) {
  if (['exec', 'x', 'dlx'].includes(first)) return ofProgram(withoutFlags(rest), cwd);
  const script = ['run', 'run-script'].includes(first) ? rest[0] : first;
  const line = scripts(cwd)[script ?? ''];
  return typeof line === 'string' ? ofLine(line, cwd) : null;
}

function scripts(cwd: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')).scripts ?? {};
  } catch {
    return {};
  }
}

/** A line for a shell. Only of a plain sequence is it known which program the app is: the last. */
function ofLine(line: string, cwd: string): string | null {
  if (/[|()<>]|(^|[^&])&([^&]|$)/.test(line)) return null;
  const parts = line.split(/(&&|;)/).map((part) => part.trim());
  const last = ofText(parts.pop() ?? '', cwd);
  if (last === null || parts.length === 0) return last;
  return `sh -c ${quote([...parts, 'exec', last].join(' ').replaceAll(' ;', ';'))}`;
}

function ofProgram(words: readonly string[], cwd: string): string | null {
  return ofText(words.map(quote).join(' '), cwd);
}

/** One program with its arguments; the variables in front of it need no shell, and no cross-env. */
function ofText(text: string, cwd: string): string | null {
  const [, variables = '', rest = ''] = ASSIGNMENTS.exec(text.replace(/^cross-env\s+/, '')) ?? [];
  const [, program = '', args = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  if (program === '') return null;
  const direct =
    program === 'tsx'
      ? `node --import tsx ${args.replace(/^watch\s+/, '')}`
      : `${localProgram(program, cwd)} ${args}`;
  return `${variables === '' ? '' : `env ${variables}`}${direct}`.trimEnd();
}

/** Package managers look there first. */
function localProgram(program: string, cwd: string): string {
  const local = `node_modules/.bin/${program}`;
  return !program.includes('/') && existsSync(join(cwd, local)) ? local : program;
}
