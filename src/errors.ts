// The errors a user can cause or meet, how they end the program, and how they read. Bugs are not here:
// they stay plain errors with a stack.
import { getSystemErrorMap, inspect } from 'node:util';

/** Exit statuses, as documented for the command. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  noInstance: 3,
  notExecutable: 126,
  notFound: 127,
} as const;

/** The command line cannot be understood. Found before anything starts; shown as one line and a hint. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The command line is right but the machine says no, before anything runs: a port taken, a permission. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, exitCode: number = EXIT.failure) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/**
 * One line for whatever was thrown, without a stack. A system error reads `EADDRINUSE: address already
 * in use`: the caller knows what was tried on what, and says that better than libuv. The negative
 * numbers that libuv's handles return are understood as well.
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

/** The choice that was probably meant by a mistyped word; null when none comes near. */
export function nearest(word: string, choices: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | null = null;
  let least = limit + 1;
  for (const choice of choices) {
    const distance = editDistance(word.toLowerCase(), choice.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    best = choice;
  }
  return best;
}

function describeNumber(errno: number, code: string | null): string | null {
  const known = getSystemErrorMap().get(errno);
  return known ? `${code ?? known[0]}: ${known[1]}` : null;
}

function firstLine(text: string): string {
  return text.trim().split(/\s*\n/, 1)[0] ?? '';
}

/** Letters to insert, delete, replace or swap with their neighbour to turn one word into the other. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  const at = (cells: readonly number[], column: number) =>
    cells[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next.push(
        Math.min(
          at(row, j - 1) + (same ? 0 : 1),
          at(row, j) + 1,
          at(next, j - 1) + 1,
          swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return at(row, to.length);
}
