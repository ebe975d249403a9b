// The errors that a user can cause or meet: how they end the program, and how they read. A bug has no class here: it
// stays a plain error and is shown with its stack.
import { getSystemErrorMap, inspect } from 'node:util';

/** The documented exit statuses of the command. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  noInstance: 3,
  notExecutable: 126,
  notFound: 127,
} as const;

/** The command line is wrong. It is found before anything starts, and shown as one line with a hint. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The command line is right, but nothing can be started: a port is in use, a permission is missing. It is shown as one
 * line with a hint.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly hint: string | undefined;
  readonly exitCode: number;
  /** The code of the system error behind it, such as `EADDRINUSE`; undefined if there is none. */
  readonly code: string | undefined;

  constructor(
    message: string,
    hint?: string,
    { exitCode = EXIT.failure, cause }: { exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.hint = hint;
    this.exitCode = exitCode;
    this.code = codeOf(cause);
  }
}

/**
 * Describes anything that was thrown in one line, without a stack. A system error reads `EADDRINUSE: address already in
 * use`, without the system call and the address, which the caller adds. The negative error numbers that the handles of
 * libuv return are understood too.
 */
export function describeError(error: unknown): string {
  if (typeof error === 'number') return describeNumber(error, null) ?? `error ${error}`;
  if (!(error instanceof Error))
    return firstLine(typeof error === 'string' ? error : inspect(error));
  // Connecting to a name with several addresses fails with one error for each of them.
  if (error instanceof AggregateError && error.errors.length > 0) {
    return describeError(error.errors[0]);
  }
  const { code, errno } = error as NodeJS.ErrnoException;
  const known = typeof errno === 'number' ? describeNumber(errno, code ?? null) : null;
  return known ?? (firstLine(error.message) || code || error.name);
}

/** The error code of Node or of the system that `error` carries, also as an error number of libuv. */
function codeOf(error: unknown): string | undefined {
  if (typeof error === 'number') return getSystemErrorMap().get(error)?.[0];
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function describeNumber(errno: number, code: string | null): string | null {
  const known = getSystemErrorMap().get(errno);
  return known ? `${code ?? known[0]}: ${known[1]}` : null;
}

function firstLine(text: string): string {
  return text.trim().split(/\s*\n/, 1)[0] ?? '';
}
