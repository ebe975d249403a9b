// The entry of the command: a client command, a unit for systemd, or a master. Only this file ends the process.
import { readFileSync } from 'node:fs';
import { EXIT, StartError, UsageError } from '../errors.js';
import { isJournal, withPriority } from '../log/journal-format.js';
import { inPackage } from '../package-root.js';
import { withOrigins } from './option-sources.js';
import { parseCommandLine, type RunInvocation } from './parse-command-line.js';
import { type ProcessContext, toRunOptions } from './resolve-options.js';
import { allWritten, printError } from './stdio.js';

/** Runs the command line and exits with its status. */
export async function main(argv: readonly string[]): Promise<void> {
  // Emitted when nothing is left to wait for: everything else that is waited for keeps the process.
  process.once('beforeExit', () => {
    process.exitCode = reportFailure(new StartError('a promise in the config file never settles'));
  });
  process.exitCode = await runCommandLine(argv).catch(reportFailure);
  await allWritten();
  // What is still open, such as sockets of a master or a timer of a config module, must not keep the process.
  process.exit();
}

async function runCommandLine(argv: readonly string[]): Promise<number> {
  const { env } = process;
  const context = { env, uid: process.getuid?.() ?? 0, version: ownVersion() };
  const invocation = await parseCommandLine(argv, context.version, env);
  switch (invocation.kind) {
    case 'done':
      return EXIT.ok;
    case 'client': {
      const { runClient } = await import('./client-commands.js');
      return runClient(invocation, env, context.uid);
    }
    case 'unit': {
      const { runUnit } = await import('./unit-command.js');
      return runUnit(invocation, context);
    }
    case 'run':
      return runMaster(invocation, context);
    default:
      return invocation satisfies never;
  }
}

async function runMaster(invocation: RunInvocation, context: ProcessContext): Promise<number> {
  const options = withOrigins(invocation.origins, () => toRunOptions(invocation, context));
  const [{ run }, { createLog }] = await Promise.all([
    import('../master/compose.js'),
    import('../log/logger.js'),
  ]);
  const log = createLog(options.logLevel, options.logFormat, context.env);
  return run(options, log).finally(log.open);
}

/** Prints what went wrong, and returns the exit status. */
function reportFailure(error: unknown): number {
  if (error instanceof UsageError || error instanceof StartError) {
    const { message, hint } = error;
    const text = `graceful-run: ${message}${hint ? ` (${hint})` : ''}`;
    const inJournal = isJournal(process.stderr.fd, process.env);
    printError(inJournal ? withPriority(text) : text);
    return error instanceof UsageError ? EXIT.usage : error.exitCode;
  }
  // A bug. The master ends, because without its workers it would only keep running.
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failure;
}

function ownVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8'));
  return manifest.version;
}
