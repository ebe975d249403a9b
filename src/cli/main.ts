// The entry: a client command, a unit for systemd, or a master. The only place that ends the process.
import { readFileSync } from 'node:fs';
import { EXIT, StartError, UsageError } from '../errors.js';
import { isJournal, withPriority } from '../log/journal-format.js';
import { inPackage } from '../package-root.js';
import { parseCommandLine } from './commands.js';
import { allWritten, write } from './stdio.js';

/** Of pino's levels. */
const ERROR = 50;

const output = {
  out: (text: string) => write('stdout', `${text}\n`),
  err: (text: string) => write('stderr', `${text}\n`),
};

/** Runs the command line and exits with its status. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await statusOf(argv);
  await allWritten();
  // Sockets and children of a master, and what a config module keeps open, must not keep what is finished.
  process.exit();
}

async function statusOf(argv: readonly string[]): Promise<number> {
  try {
    return await dispatch(argv);
  } catch (error) {
    if (error instanceof UsageError) {
      complain(error);
      return EXIT.usage;
    }
    if (error instanceof StartError) {
      complain(error);
      return error.exitCode;
    }
    // A bug. Unhandled it would be taken for one in a part, and a master without workers would live on.
    output.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT.failure;
  }
}

function complain({ message, hint }: UsageError | StartError): void {
  const text = `graceful-run: ${message}${hint ? ` (${hint})` : ''}`;
  output.err(isJournal(process.stderr.fd, process.env) ? withPriority(text, ERROR) : text);
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const version = ownVersion();
  const invocation = await parseCommandLine(argv, version);
  const uid = process.getuid?.() ?? 0;
  switch (invocation.kind) {
    case 'done':
      return EXIT.ok;
    case 'client': {
      const { runClient } = await import('./client-commands.js');
      return runClient(invocation, process.env, uid, output);
    }
    case 'unit': {
      const { runUnit } = await import('./unit-command.js');
      return runUnit(invocation, { env: process.env, uid, version }, output);
    }
    case 'run': {
      const [{ keepFootprintSmall }, { toRunOptions }, { blaming }, { run }, { createLog }] =
        await Promise.all([
          import('./small-footprint.js'),
          import('./resolve-options.js'),
          import('./option-sources.js'),
          import('../master/compose.js'),
          import('../log/logger.js'),
        ]);
      const { raw, words, config, origins, dev } = invocation;
      const around = { env: process.env, uid, version, dev };
      const options = blaming(origins, () => toRunOptions(raw, words, around, config));
      keepFootprintSmall();
      const log = createLog(options.logLevel, options.logFormat);
      return run(options, log).finally(log.open);
    }
    default:
      return invocation satisfies never;
  }
}

function ownVersion(): string {
  const text = readFileSync(inPackage('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
