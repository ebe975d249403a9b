// Parses the command line with commander: which command it is, with which options.
import { Command, CommanderError } from 'commander';
import { COMMANDS_LINE } from '../dev/commands.js';
import { UsageError } from '../errors.js';
import { afterHelp, runOptions, TIMES } from './help.js';
import { type GatheredOptions, gatherOptions } from './option-sources.js';
import type { GivenOptions } from './option-types.js';
import { write } from './stdio.js';
import { addUnitCommand, type UnitInvocation } from './unit-options.js';
import { assertNotMistyped, throwUsageError } from './usage-errors.js';

export interface ClientOptions extends Pick<GivenOptions, 'name' | 'control' | 'config'> {
  readonly json?: boolean;
  readonly wait?: boolean;
  readonly now?: boolean;
}

export interface RunInvocation extends GatheredOptions {
  readonly kind: 'run';
  readonly dev: boolean;
  /** The command; empty if it is left to the config file. */
  readonly words: readonly string[];
}

export interface ClientInvocation {
  readonly kind: 'client';
  readonly command: 'reload' | 'status' | 'stop' | 'scale';
  readonly options: ClientOptions;
  readonly size?: string;
}

export type Invocation =
  | RunInvocation
  | ClientInvocation
  | UnitInvocation
  /** The help or the version was printed. */
  | { readonly kind: 'done' };

type OnInvocation = (invocation: Invocation) => void;

/** Help and version. Commander's own error messages are not printed: they are thrown as UsageError. */
const OUTPUT = { writeOut: (text: string) => write('stdout', text), writeErr: () => {} };

/** Parses `argv` (without node and script), and reads the config file. Throws UsageError and StartError. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  env: NodeJS.ProcessEnv,
): Promise<Invocation> {
  // Commander would look for subcommands after `--` too, but everything there belongs to the command.
  const end = argv.indexOf('--');
  const head = end === -1 ? argv : argv.slice(0, end);
  const tail = end === -1 ? [] : argv.slice(end + 1);
  let invocation: Invocation = { kind: 'done' };
  const program = buildProgram(version, env, (found) => {
    invocation = found;
  });
  try {
    await program.parseAsync(head, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'done' };
  }
  return end === -1 ? invocation : withTail(invocation, tail);
}

function withTail(invocation: Invocation, tail: readonly string[]): Invocation {
  if (invocation.kind === 'client' && tail.length > 0) {
    throw new UsageError(`graceful-run ${invocation.command} takes no command after --`);
  }
  if (!('words' in invocation)) return invocation;
  // If words precede it, the `--` is an argument of the command.
  const words = invocation.words.length > 0 ? [...invocation.words, '--', ...tail] : tail;
  return { ...invocation, words };
}

/** All commands and their options, as commander knows them. */
export function buildProgram(
  version: string,
  env: NodeJS.ProcessEnv,
  onInvocation: OnInvocation,
): Command {
  const program = new Command('graceful-run')
    .description('Keeps a server reachable while its code is replaced.')
    .usage(
      '[options] -- <command> [args...]\n       graceful-run dev [options] -- <command> [args...]\n       graceful-run reload|status|stop|scale [options]\n       graceful-run unit [options] -- <command> [args...]',
    )
    .version(version, '-V, --version')
    .argument('[command...]', 'what to run; everything after -- belongs to it')
    .helpCommand('help [command]', 'show help')
    .enablePositionalOptions()
    .passThroughOptions()
    .exitOverride(throwUsageError('graceful-run --help'))
    .configureOutput(OUTPUT)
    .addHelpText('after', afterHelp);
  for (const option of runOptions('run')) program.addOption(option);
  program.action(async (words: string[]) => {
    assertNotMistyped(words, program, env);
    const gathered = await gatherOptions(program.opts(), 'run', env);
    onInvocation({ kind: 'run', dev: false, ...gathered, words });
  });
  addDevCommand(program, env, onInvocation);
  addClientCommands(program, onInvocation);
  addUnitCommand(program, env, onInvocation);
  return program;
}

function addDevCommand(program: Command, env: NodeJS.ProcessEnv, onInvocation: OnInvocation): void {
  const command = program
    .command('dev')
    .description('run a command while you write its code: reload when a file is saved')
    .usage('[options] -- <command> [args...]')
    .argument('[command...]', 'what to run; everything after -- belongs to it')
    .passThroughOptions()
    .exitOverride(throwUsageError('graceful-run dev --help'))
    .configureOutput(OUTPUT)
    .addHelpText('after', `\n${TIMES}.\nCommands at a terminal: ${COMMANDS_LINE}`);
  for (const option of runOptions('dev')) command.addOption(option);
  command.action(async (words: string[]) => {
    // `graceful-run -w 4 dev` means the same as `graceful-run dev -w 4`, which wins.
    const commandLine = { ...program.opts(), ...command.opts() };
    const gathered = await gatherOptions(commandLine, 'dev', env);
    onInvocation({ kind: 'run', dev: true, ...gathered, words });
  });
}

function addClientCommands(program: Command, onInvocation: OnInvocation): void {
  const add = (command: ClientInvocation['command'], description: string) =>
    program
      .command(command)
      .description(description)
      .option('--name <name>', 'name of the instance (default: name of the working directory)')
      .option('--control <path>', 'its control socket, if it is not in the usual place')
      .option('--config <path|none>', 'config file that names the instance')
      .exitOverride(throwUsageError(`graceful-run ${command} --help`))
      .configureOutput(OUTPUT);
  add('reload', 'replace the workers; exit 0 when the new ones serve, 1 when they failed')
    .option('--no-wait', 'do not wait for the outcome')
    .action((options) => onInvocation({ kind: 'client', command: 'reload', options }));
  add('status', 'show workers, sockets and the last reload')
    .option('--json', 'print JSON')
    .action((options) => onInvocation({ kind: 'client', command: 'status', options }));
  add('stop', 'stop gracefully, and wait until the master has stopped')
    .option('--now', 'kill the workers at once')
    .action((options) => onInvocation({ kind: 'client', command: 'stop', options }));
  add('scale', 'change the number of workers, and wait until they are ready')
    .argument('<n>', 'workers per generation')
    .action((size, options) => onInvocation({ kind: 'client', command: 'scale', options, size }));
}
