// Joins the hand that watches files to the workers that loaded them, and to the core.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Event } from '../core/vocabulary.js';
import { inPackage } from '../package-files.js';
import type { Watch } from '../watch/watch.js';
import { createHeldChanges } from './held-changes.js';
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
  const seen = new Set<string>();
  let isTree = watch.paths.length > 0;
  const poll = watch.poll ? POLL_MS : 0;
  const changes = createHeldChanges({
    ...{ cwd, poll, trouble },
    isLoaded: (file) => seen.has(file),
    pass: (files) => tell({ type: 'changed', files }),
  });

  const hand: Watch = await createWatch(
    {
      cwd,
      paths: watch.paths,
      ignore: watch.ignore,
      poll,
      always: ['package.json', ...envFiles].map((path) => resolve(cwd, path)),
    },
    {
      changed: changes.changed,
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
    began: changes.began,
    rolledOut() {
      changes.ended();
      if (seen.size === 0) watchTree();
    },
    rolledBack() {
      changes.ended();
      if (seen.size === 0) watchTree();
      if (!isTree) for (const file of importedBy(seen)) hand.loaded(file);
    },
    describe: () => hand.describe(),
    close() {
      changes.close();
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
