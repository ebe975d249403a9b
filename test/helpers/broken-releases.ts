// Releases that cannot serve, and how a supervisor has to put it.
export interface BrokenRelease {
  readonly what: string;
  /** In fixtures/broken; null: the file of the app is missing. */
  readonly file: string | null;
  readonly reason: RegExp;
  /** Only the start timeout ends it. */
  readonly hangs?: true;
}

/** For releases that hang. Long enough for a working one on a busy machine. */
export const PATIENCE = ['--start-timeout', '4s'];

export const BROKEN_RELEASES: readonly BrokenRelease[] = [
  {
    what: 'never listens',
    file: 'never-listens.mjs',
    reason: /was not ready within 4s: it never listened on any address$/m,
    hangs: true,
  },
  {
    what: 'blocks its event loop',
    file: 'blocks-event-loop.mjs',
    reason: /was not ready within 4s: it never listened on any address$/m,
    hangs: true,
  },
  {
    what: 'throws at import',
    file: 'throws-at-import.mjs',
    reason:
      /exited with status 1 before it was ready: Error: no such setting: DATABASE_URL\n +at readSettings \(.*throws-at-import\.mjs:3:\d+\)\n/,
  },
  {
    what: 'has a syntax error (CommonJS)',
    file: 'syntax-error.cjs',
    reason:
      /exited with status 1 before it was ready: .*syntax-error\.cjs:3\nconst options = \{;\n +\^\nSyntaxError: Unexpected token/,
  },
  {
    what: 'has a syntax error (ESM)',
    file: 'syntax-error.mjs',
    reason:
      /exited with status 1 before it was ready: SyntaxError: Unexpected token ';' \(file and line are in the output of the worker\)$/m,
  },
  {
    what: 'exits with status 0 before it listens',
    file: 'exits-0.mjs',
    reason: /exited with status 0 before it was ready$/m,
  },
  {
    what: 'exits with status 1',
    file: 'exits-1.mjs',
    reason: /exited with status 1 before it was ready$/m,
  },
  {
    what: 'rejects a promise that nobody handles',
    file: 'rejects-unhandled.mjs',
    reason:
      /exited with status 1 before it was ready: Error: no route to the database\n +at connect \(.*rejects-unhandled\.mjs:3:\d+\)/,
  },
  {
    what: 'is missing',
    file: null,
    reason: /exited with status 1 before it was ready: Error: Cannot find module '.*app\.js'\n/,
  },
];
