// Releases that cannot serve, and how the log of a master has to state the failure.
import type { Expected } from './release.js';

export interface BrokenRelease extends Expected {
  readonly what: string;
  /** In fixtures/broken; null: the file of the app is missing. */
  readonly file: string | null;
  /** Only the start timeout ends it. */
  readonly hangs?: true;
}

/** Options for releases that hang; a working one is ready within this time on a busy machine as well. */
export const SHORT_START = ['--start-timeout', '4s'];

export const BROKEN_RELEASES: readonly BrokenRelease[] = [
  {
    what: 'never listens',
    file: 'never-listens.mjs',
    cause: 'startTimeout',
    reason: /: it never listened on any address$/,
    hangs: true,
  },
  {
    what: 'blocks its event loop',
    file: 'blocks-event-loop.mjs',
    cause: 'startTimeout',
    reason: /: it never listened on any address$/,
    hangs: true,
  },
  {
    what: 'throws at import',
    file: 'throws-at-import.mjs',
    cause: 'exited',
    ending: { type: 'status', status: 1 },
    reason:
      /: Error: no such setting: DATABASE_URL\n +at readSettings \(.*throws-at-import\.mjs:3:\d+\)\n/,
  },
  {
    what: 'has a syntax error (CommonJS)',
    file: 'syntax-error.cjs',
    cause: 'exited',
    ending: { type: 'status', status: 1 },
    reason: /: .*syntax-error\.cjs:3\nconst options = \{;\n +\^\nSyntaxError: Unexpected token/,
  },
  {
    what: 'has a syntax error (ESM)',
    file: 'syntax-error.mjs',
    cause: 'exited',
    ending: { type: 'status', status: 1 },
    reason:
      /: SyntaxError: Unexpected token ';' \(file and line are in the output of the worker\)$/,
  },
  {
    what: 'exits with status 0 before it listens',
    file: 'exits-0.mjs',
    cause: 'exited',
    ending: { type: 'status', status: 0 },
  },
  {
    what: 'exits with status 1',
    file: 'exits-1.mjs',
    cause: 'exited',
    ending: { type: 'status', status: 1 },
  },
  {
    what: 'rejects a promise that nobody handles',
    file: 'rejects-unhandled.mjs',
    cause: 'exited',
    ending: { type: 'status', status: 1 },
    reason: /: Error: no route to the database\n +at connect \(.*rejects-unhandled\.mjs:3:\d+\)/,
  },
  {
    what: 'is missing',
    file: null,
    cause: 'exited',
    ending: { type: 'status', status: 1 },
    reason: /: Error: Cannot find module '.*app\.js'\n/,
  },
];
