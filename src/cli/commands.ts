// The command line: commands, flags and help text, by commander.
import { Command, CommanderError, Help, type Option } from 'commander';
import { KEYS_LINE } from '../dev/view.js';
import { UsageError } from '../errors.js';
import { SIGNALS } from '../master/signals.js';
import { type LoadedConfig, loadConfig } from './config/apply-config.js';
import { glueValues } from './glued-values.js';
import { type Origins, originsOf } from './option-sources.js';
import { rawOptions, runOptions } from './option-table.js';
import type { RawOptions } from './resolve-options.js';
import { write } from './stdio.js';
import { addUnitCommand, takeFromProgram, type UnitInvocation } from './unit-options.js';
import { assertNotMistyped, refuse } from './usage-errors.js';

export interface ClientOptions {
  readonly name?: string;
  readonly control?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly wait?: boolean;
  readonly now?: boolean;
}

export type Invocation =
  | {
      readonly kind: 'run';
      readonly dev: boolean;
      readonly raw: RawOptions;
      readonly config: LoadedConfig | null;
      readonly origins: Origins;
      readonly words: readonly string[];
    }
  | {
      readonly kind: 'client';
      readonly command: 'reload' | 'status' | 'stop' | 'scale';
      readonly options: ClientOptions;
      readonly size?: string;
    }
  | UnitInvocation
  /** Help or version was shown. */
  | { readonly kind: 'done' };

/** Understands `argv` (without node and script), and reads the config file. Throws UsageError. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
): Promise<Invocation> {
  // Commander would look for its own commands behind `--` too; what is there belongs to the user's command.
  const end = argv.indexOf('--');
  const head = end === -1 ? argv : argv.slice(0, end);
  const tail = end === -1 ? [] : argv.slice(end + 1);
  let invocation: Invocation = { kind: 'done' };
  const program = buildProgram(version, (found) => {
    invocation = found;
  });
  try {
    const options = [program, ...program.commands].flatMap((one) => one.options);
    await program.parseAsync(glueValues(head, options, ['unit', 'dev']), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'done' };
  }
  return withTail(invocation, tail, end !== -1);
}

function withTail(invocation: Invocation, tail: readonly string[], separated: boolean): Invocation {
  if (invocation.kind === 'client' && tail.length > 0) {
    throw new UsageError(`graceful-run ${invocation.command} takes no command after --`);
  }
  if (!('words' in invocation) || !separated) return invocation;
  // With words in front of it, the `--` is one of the command's own.
  const words = invocation.words.length > 0 ? [...invocation.words, '--', ...tail] : tail;
  return { ...invocation, words };
}

function buildProgram(version: string, found: (invocation: Invocation) => void): Command {
  const program = new Command('graceful-run')
    .description('Keeps a server reachable while its code is replaced.')
    .usage(
      '[options] -- <command> [args...]\n       graceful-run dev [options] -- <command> [args...]\n       graceful-run reload|status|stop|scale [options]\n       graceful-run unit [options] -- <command> [args...]',
    )
    .version(version, '-V, --version')
    .argument('[command...]', 'what to run; everything after -- belongs to it')
    .helpCommand('help [command]', 'what --help says, of a command too')
    .enablePositionalOptions()
    .passThroughOptions()
    .exitOverride(refuse('graceful-run --help'))
    .configureOutput(OUTPUT)
    .configureHelp({ optionDescription })
    .addHelpText('after', afterHelp);
  for (const option of runOptions()) program.addOption(option);
  program.action(async (words: string[], _options, command: Command) => {
    assertNotMistyped(words, program);
    const config = await loadConfig(command, 'run');
    const [raw, origins] = [rawOptions(command), originsOf(command, config)];
    found({ kind: 'run', dev: false, raw, config, origins, words });
  });
  addDevCommand(program, found);
  addClientCommands(program, found);
  addUnitCommand(program, runOptions(), rawOptions, found);
  return program;
}

function addDevCommand(program: Command, found: (invocation: Invocation) => void): void {
  const command = program
    .command('dev')
    .description('run a command while its code is being written: reload when a file is saved')
    .usage('[options] -- <command> [args...]')
    .argument('[command...]', 'what to run; everything after -- belongs to it')
    .passThroughOptions()
    .exitOverride(refuse('graceful-run dev --help'))
    .configureOutput(OUTPUT)
    .addHelpText('after', `\n${TIMES}.\nKeys in a terminal: ${KEYS_LINE}`);
  const options = runOptions(true);
  for (const option of options) command.addOption(option);
  command.action(async (words: string[]) => {
    takeFromProgram(command, program, options);
    const config = await loadConfig(command, 'dev');
    const [raw, origins] = [rawOptions(command), originsOf(command, config)];
    found({ kind: 'run', dev: true, raw, config, origins, words });
  });
}

function addClientCommands(program: Command, found: (invocation: Invocation) => void): void {
  const add = (command: 'reload' | 'status' | 'stop' | 'scale', description: string) => {
    const made = program
      .command(command)
      .description(description)
      .option('--name <name>', 'instance to talk to (default: name of the working directory)')
      .option('--control <path>', 'its control socket, if that is elsewhere')
      .option('--config <path|none>', 'config file with its name, if that is elsewhere')
      .exitOverride(refuse(`graceful-run ${command} --help`))
      .configureOutput(OUTPUT);
    return made;
  };
  add('reload', 'replace the workers by new ones; exit 0 when those serve, 1 when they failed')
    .option('--no-wait', 'do not wait for the outcome')
    .action((options: ClientOptions) => found({ kind: 'client', command: 'reload', options }));
  add('status', 'show workers, sockets and the last reload')
    .option('--json', 'for programs')
    .action((options: ClientOptions) => found({ kind: 'client', command: 'status', options }));
  add('stop', 'stop gracefully, and wait for the end')
    .option('--now', 'do not let the workers finish')
    .action((options: ClientOptions) => found({ kind: 'client', command: 'stop', options }));
  add('scale', 'change the number of workers, and wait until they are ready')
    .argument('<n>', 'workers per generation')
    .action((size: string, options: ClientOptions) =>
      found({ kind: 'client', command: 'scale', options, size }),
    );
}

/** Help and version; what is wrong is told by whoever called. */
const OUTPUT = { writeOut: (text: string) => write('stdout', text), writeErr: () => {} };

const TIMES = 'Times: 500ms, 30s, 5m; a bare number is seconds';

/** Without how a value that nobody would write is kept inside. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(/(?:default: true|preset: ""), /, '');
}

function afterHelp(): string {
  const signals = SIGNALS.map(
    ({ signals: names, meaning }) =>
      `  ${names
        .map((name) => name.slice(3))
        .join(', ')
        .padEnd(20)} ${meaning}`,
  );
  return `
${TIMES}. Each option may also come from
the environment: --drain-timeout from GRACEFUL_RUN_DRAIN_TIMEOUT, and so on; or,
as drainTimeout, from a config file.

Signals:
${signals.join('\n')}

Exit status: 0 stopped as asked, 1 the first workers failed, 2 usage,
126 command not executable, 127 command not found.

Examples:
  graceful-run -- node app.js
  graceful-run dev -- node app.js
  graceful-run --listen :8080 --workers 4 -- node app.js
  graceful-run --listen web=unix:/run/app.sock --ready fd -- ./server
  graceful-run reload
  graceful-run unit --install --user www -- node app.js`;
}
