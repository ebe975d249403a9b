// Joins the hand that watches files to the workers that loaded them, and to the core.
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeFiles } from '../core/files.js';
import type { Event } from '../core/vocabulary.js';
import { now } from '../monotonic.js';
import { inPackage } from '../package-files.js';
import { quote } from '../shell-words.js';
import { patternFor } from '../watch/rules.js';
import type { Watch } from '../watch/watch.js';
import { createEchoes } from './echoes.js';
import { importedBy } from './imports.js';
import type { RunOptions } from './run-options.js';

/** Makes Node report each file that it loads as a message over IPC, as it does for `node --watch`. */
const REPORT = { WATCH_REPORT_DEPENDENCIES: '1' };

/** The preload is reported as well. */
const OURS = inPackage('dist/src/');

/** Milliseconds between two looks at a file, where the kernel is not asked. */
const POLL_MS = 250;

export interface Watching {
  /** For the environment of each worker. */
  readonly env: NodeJS.ProcessEnv;
  /** What a worker says; true when it was said by Node and is none of the app's business. */
  heard(message: unknown): boolean;
  /** Which files the app is made of cannot be known: the whole tree is watched instead. */
  cannotTell(): void;
  /** A worker of it is being spawned. */
  began(generation: number): void;
  /** By now a generation would have said what it loaded. */
  rolledOut(): void;
  /** What it was to load may be what has to be repaired. */
  rolledBack(): void;
  /** For people. */
  describe(): string;
  close(): Promise<void>;
}

/** Null where nothing is to be watched: nothing is loaded for it. */
export async function createWatching(
  options: RunOptions,
  tell: (event: Event) => void,
  trouble: (text: string) => void,
): Promise<Watching | null> {
  const { watch, cwd, envFiles } = options;
  if (watch === null) return null;
  const { createWatch } = await import('../watch/watch.js');
  const echoes = createEchoes();
  const seen = new Set<string>();
  let isTree = watch.paths.length > 0;
  const held = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const named = new Set<string>();

  const name = (path: string) => shortest(path, cwd);

  /** What a worker loaded is nothing that it writes; of other files nobody knows. */
  function hold(files: readonly string[]): void {
    const delay = isTree ? echoes.delayOf(files, now()) : 0;
    for (const file of files) held.add(file);
    const [first = ''] = files;
    if (delay > 0 && !named.has(first)) {
      named.add(first);
      const what = describeFiles(files.map(name));
      const cure = `if the app writes it: --watch-ignore ${quote(patternFor(first, cwd))}`;
      trouble(`${what} changes at every start, which is now waited for; ${cure}`);
    }
    clearTimeout(timer);
    if (delay > 0) timer = setTimeout(pass, delay).unref();
    else pass();
  }

  function pass(): void {
    const files = [...held].map(name);
    held.clear();
    tell({ type: 'changed', files });
  }

  const hand: Watch = await createWatch(
    {
      cwd,
      paths: watch.paths,
      ignore: watch.ignore,
      poll: watch.poll ? POLL_MS : 0,
      always: ['package.json', ...envFiles].map((path) => resolve(cwd, path)),
    },
    {
      changed: hold,
      trouble,
    },
  );
  function watchTree(): void {
    isTree = true;
    hand.watchTree();
  }

  return {
    env: watch.paths.length === 0 ? REPORT : {},
    heard(message) {
      const files = filesIn(message);
      if (files === null) return false;
      for (const file of files) {
        if (file.startsWith(OURS)) continue;
        seen.add(file);
        hand.loaded(file);
      }
      return true;
    },
    cannotTell: watchTree,
    began: echoes.began,
    rolledOut() {
      echoes.ended(now());
      if (seen.size === 0) watchTree();
    },
    rolledBack() {
      echoes.ended(now());
      if (seen.size === 0) watchTree();
      if (!isTree) for (const file of importedBy(seen)) hand.loaded(file);
    },
    describe: () => hand.describe(),
    close() {
      clearTimeout(timer);
      return hand.close();
    },
  };
}

/**
 * Of a message as Node sends it, `{"watch:import": ["file:///…"]}` or `{"watch:require": ["/…"]}`. A name that
 * could not be resolved comes with all the files that were looked for: the one that is missing may be made.
 */
export function filesIn(message: unknown): string[] | null {
  if (typeof message !== 'object' || message === null) return null;
  const said = message as Record<string, unknown>;
  const names = said['watch:import'] ?? said['watch:require'];
  if (!Array.isArray(names)) return null;
  return names.map(pathOf).filter((path) => path !== null);
}

function pathOf(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  if (name.startsWith('/')) return name;
  if (!name.startsWith('file:')) return null;
  try {
    // What follows a `?` only makes another module of the same file.
    return fileURLToPath(new URL(name.replace(/[?#].*$/, '')));
  } catch {
    return null;
  }
}

/** How a file is called: from the working directory, or with its own directory where it is far away. */
function shortest(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name.startsWith(`..${sep}..`) ? join(basename(dirname(path)), basename(path)) : name;
}
