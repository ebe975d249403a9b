// Parses the command line with commander: which command it is, with which options.
import { Command, CommanderError, Option } from 'commander';
import { COMMANDS_LINE } from '../dev/commands.js';
import { EXIT, UsageError } from '../errors.js';
import { afterHelp, runOptions, TIMES } from './help.js';
import { type GatheredOptions, gatherOptions } from './option-sources.js';
import type { GivenOptions } from './option-types.js';
import { write } from './stdio.js';
import { assertNotMistyped, usageErrorOf } from './usage-errors.js';

export interface RunInvocation extends GatheredOptions {
  readonly kind: 'run';
  /** The command; empty if it is left to the config file. */
  readonly words: readonly string[];
}

export interface UnitInvocation extends GatheredOptions {
  readonly kind: 'unit';
  /** The command; empty if it is left to the config file. */
  readonly words: readonly string[];
  readonly flags: UnitFlags;
}

export interface UnitFlags {
  readonly socket?: boolean;
  readonly user?: string;
  readonly group?: string;
  readonly dynamicUser?: boolean;
  readonly install?: boolean;
  readonly directory?: string;
}

export interface ClientInvocation {
  readonly kind: 'client';
  readonly command: 'reload' | 'status' | 'stop' | 'scale';
  readonly options: ClientOptions;
  readonly size?: string;
}

export interface ClientOptions extends Pick<GivenOptions, 'name' | 'control' | 'config'> {
  readonly json?: boolean;
  readonly wait?: boolean;
  readonly now?: boolean;
}

export type Invocation =
  | RunInvocation
  | UnitInvocation
  | ClientInvocation
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
  let invocation: Invocation = { kind: 'done' };
  const program = buildProgram(version, env, (found) => {
    invocation = found;
  });
  try {
    await program.parseAsync(head, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== EXIT.ok) throw usageErrorOf(error, program);
  }
  return end === -1 ? invocation : withTail(invocation, argv.slice(end + 1));
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
    .exitOverride()
    .configureOutput(OUTPUT)
    .addHelpText('after', afterHelp);
  for (const option of runOptions('run')) program.addOption(option);
  program.action(async (words: string[]) => {
    assertNotMistyped(words, program, env);
    onInvocation({ kind: 'run', ...(await gatherOptions(program.opts(), 'run', env)), words });
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
    .addHelpText('after', `\n${TIMES}.\nCommands at a terminal: ${COMMANDS_LINE}`);
  for (const option of runOptions('dev')) command.addOption(option);
  command.action(async (words: string[]) => {
    const gathered = await gatherOptions(optionsAround(command), 'dev', env);
    onInvocation({ kind: 'run', ...gathered, words });
  });
}

function addUnitCommand(
  program: Command,
  env: NodeJS.ProcessEnv,
  onInvocation: OnInvocation,
): void {
  const command = program
    .command('unit')
    .description('print a systemd unit for a command, with the reason for each line')
    .usage('[options of the run] [options] -- <command> [args...]')
    .argument('[command...]', 'what the service runs; everything after -- belongs to it')
    .passThroughOptions()
    .option('--socket', 'let systemd open the sockets: a socket unit for each --listen')
    .option('--user <name>', 'user who runs the service (default: you)')
    .option('--group <name>', 'group of the service (default: that of the user)')
    .addOption(
      new Option(
        '--dynamic-user',
        'run as a user that exists only while the service runs',
      ).conflicts(['user', 'group']),
    )
    .option('--install', 'write the files, and print what to run next')
    .option(
      '--directory <path>',
      'with --install: directory for the files (default: /etc/systemd/system)',
    )
    .addHelpText(
      'after',
      '\nAll options of a run may be given too: they are passed on to the service.',
    );
  for (const option of runOptions('run')) command.addOption(option.hideHelp());
  command.action(async (words: string[]) => {
    const gathered = await gatherOptions(optionsAround(command), 'run', env);
    onInvocation({ kind: 'unit', ...gathered, words, flags: command.opts() });
  });
}

/** `graceful-run -w 4 dev` means the same as `graceful-run dev -w 4`, which wins. */
function optionsAround(command: Command): GivenOptions {
  return { ...command.parent?.opts(), ...command.opts() };
}

function addClientCommands(program: Command, onInvocation: OnInvocation): void {
  const add = (command: ClientInvocation['command'], description: string) =>
    program
      .command(command)
      .description(description)
      .option('--name <name>', 'name of the instance (default: name of the working directory)')
      .option('--control <path>', 'its control socket, if it is not in the usual place')
      .option('--config <path|none>', 'config file that names the instance');
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
