// Reloads when a file changes: watches what the workers loaded, or what the user named, and tells the core.
import { basename, isAbsolute, relative, resolve } from 'node:path';
import type { Event } from '../core/events.js';
import type { StepRecord } from '../core/step-record.js';
import { realPath } from '../linux/paths.js';
import { inPackage } from '../package-root.js';
import type { RunOptions } from '../run-options.js';
import { filesOfMessage, REPORT_MODULES } from './module-reports.js';

/** Files of graceful-run that Node reports with those of the app: the preload. */
const OURS = ['dist/src/', 'native-free-shims/'].map(inPackage);

const POLL_INTERVAL_MS = 250;

export type ReloadOnChange = NonNullable<Awaited<ReturnType<typeof openReloadOnChange>>>;

/** Null where nothing is to be watched: no code is loaded for it. `onTrouble` gets one line for the log. */
export async function openReloadOnChange(
  options: RunOptions,
  tell: (event: Event) => void,
  onTrouble: (text: string) => void,
) {
  const { watch, cwd, envFiles } = options;
  if (watch === null) return null;
  const [{ createWatcher }, { createReloadLoopGuard }] = await Promise.all([
    import('./watched-files.js'),
    import('./reload-loop-guard.js'),
  ]);
  // The lines about a reload must not cause the next one, as in `dev ... > out.txt`.
  const outputs = new Set(['/proc/self/fd/1', '/proc/self/fd/2'].map(realPath));
  const loaded = new Set<string>();
  const scripts = new Set<string>();
  let isReported = true;
  let newest = 0;
  let beganAt = 0;
  const guard = createReloadLoopGuard({
    cwd,
    isLoaded: (file) => loaded.has(file),
    reload(files) {
      // The working directory itself may be a link that leads elsewhere now.
      const names = files.map((file) => relative(cwd, file) || basename(file));
      tell({ type: 'filesChanged', files: names });
    },
    onTrouble,
  });
  const watcher = await createWatcher({
    cwd,
    paths: watch.paths,
    ignore: watch.ignore,
    pollMs: watch.poll ? POLL_INTERVAL_MS : 0,
    always: ['package.json', ...envFiles].map((path) => resolve(cwd, path)),
    onChange(paths) {
      const others = paths.filter((path) => !outputs.has(realPath(path)));
      if (others.length > 0) guard.onChange(others);
    },
    onTrouble,
  });

  function onServing(): void {
    guard.onStarted();
    if (loaded.size === 0) watcher.watchTree(Date.now());
    else if (isReported) watcher.stopTree();
  }

  /** Watches everything until a generation serves: the file to be repaired need not have been reported. */
  function onFailure(): void {
    guard.onStarted();
    // A repair may have been saved before this. Scripts in ignored directories, as dist, count as well.
    watcher.watchTree(beganAt, [...scripts]);
  }

  return {
    /** For the environment of each worker. */
    env: watch.paths.length === 0 ? REPORT_MODULES : {},
    /** The main script of a worker as Node has it: absolute, perhaps without its ending. */
    onScript(script: string | null): void {
      if (script !== null && isAbsolute(script)) scripts.add(script);
    },
    /** A message of a worker over IPC; true when Node sent it, which the app then knows nothing of. */
    onMessage(message: unknown): boolean {
      const files = filesOfMessage(message);
      for (const file of files ?? []) {
        if (OURS.some((directory) => file.startsWith(directory))) continue;
        loaded.add(file);
        watcher.watchLoaded(file);
      }
      return files !== null;
    },
    /** The workers do not report all that they load: the working directory is watched instead. */
    watchEverything(): void {
      isReported = false;
      watcher.watchTree(Date.now());
    },
    /** A worker of this generation is being spawned. */
    onSpawn(generation: number): void {
      if (generation <= newest) return;
      newest = generation;
      beganAt = Date.now();
      guard.onStart();
    },
    /** Whether a generation serves or failed decides what is watched. */
    observe({ notices }: Pick<StepRecord, 'notices'>): void {
      for (const { type } of notices) {
        if (type === 'rolledOut') onServing();
        if (type === 'rolledBack') onFailure();
      }
    },
    /** What is watched, for people. */
    describe: () => watcher.describe(),
    /** Nothing is told to the core after this. */
    close: watcher.close,
  };
}
