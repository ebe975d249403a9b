// Joins the hand that watches files to the workers that loaded them, and to the core.
import { isAbsolute, resolve } from 'node:path';
import type { Event } from '../core/events.js';
import type { StepRecord } from '../core/step-record.js';
import { inPackage } from '../package-root.js';
import type { RunOptions } from '../run-options.js';
import { describeFailure } from '../text/failure-text.js';
import { createHeldChanges } from './held-changes.js';
import { importedBy, meantBy } from './imports.js';
import { filesNamedIn, pathOf } from './named-files.js';
import type { Watch } from './watcher.js';

/** Makes Node report each file that it loads as a message over IPC, as it does for `node --watch`. */
const REPORT = { WATCH_REPORT_DEPENDENCIES: '1' };

/** The preload is reported as well, and named in stacks. */
const OURS = ['dist/src/', 'native-free-shims/'].map(inPackage);

/** Milliseconds between two looks at a file, where the kernel is not asked. */
const POLL_MS = 250;

export interface Watching {
  /** For the environment of each worker. */
  readonly env: NodeJS.ProcessEnv;
  /** The main script of a worker, as Node has it: perhaps without its ending. */
  runs(script: string | null): void;
  /** What a worker says; true when it was said by Node and is none of the app's business. */
  heard(message: unknown): boolean;
  /** Which files the app is made of cannot be known: the whole tree is watched instead. */
  cannotTell(): void;
  /** A worker of it is being spawned. */
  began(generation: number): void;
  observe(record: Pick<StepRecord, 'notices'>): void;
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
  const { paths } = watch;
  const { createWatch } = await import('./watcher.js');
  const seen = new Set<string>();
  const scripts = new Set<string>();
  /** Whatever is reported: it is not all. */
  let isBlind = false;
  /** The newest generation, and when it began, in milliseconds since 1970. */
  let newest = { generation: 0, began: 0 };
  let isTree = watch.paths.length > 0;
  const poll = watch.poll ? POLL_MS : 0;
  const changes = createHeldChanges({
    ...{ cwd, poll, trouble },
    isLoaded: (file) => seen.has(file),
    pass: (files) => tell({ type: 'filesChanged', files }),
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

  function leaveTree(): void {
    isTree = false;
    hand.leaveTree();
  }

  /** What is to be repaired may have been repaired meanwhile: nobody has watched it. */
  function watchWhatFailed(reason: string, output: readonly string[]): void {
    const named = [...scripts, ...filesNamedIn(reason, output, cwd)].flatMap(meantBy);
    for (const file of [...named, ...importedBy([...seen, ...named])]) {
      if (!isOurs(file)) hand.loaded(file, newest.began);
    }
  }

  function rolledOut(): void {
    changes.ended();
    hand.clearSuspects();
    if (seen.size === 0) watchTree();
    else if (isTree && !isBlind && paths.length === 0) leaveTree();
  }

  function rolledBack(reason: string): void {
    changes.ended();
    if (seen.size === 0) watchTree();
    if (paths.length === 0) watchWhatFailed(reason, []);
  }

  return {
    env: paths.length === 0 ? REPORT : {},
    runs(script) {
      if (script !== null && isAbsolute(script)) scripts.add(script);
    },
    heard(message) {
      const files = filesIn(message);
      if (files === null) return false;
      for (const file of files) {
        if (isOurs(file)) continue;
        seen.add(file);
        hand.loaded(file);
      }
      return true;
    },
    cannotTell() {
      isBlind = true;
      watchTree();
    },
    began(generation) {
      changes.began(generation);
      if (generation > newest.generation) newest = { generation, began: Date.now() };
    },
    observe({ notices }) {
      for (const notice of notices) {
        if (notice.type === 'rolledOut') rolledOut();
        if (notice.type === 'rolledBack') rolledBack(describeFailure(notice.failure));
      }
    },
    describe: () => hand.describe(),
    close() {
      changes.close();
      return hand.close();
    },
  };
}

function isOurs(file: string): boolean {
  return OURS.some((directory) => file.startsWith(directory));
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
