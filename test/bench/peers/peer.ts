// What every contestant looks like to a scenario: the same app, started, reloaded and stopped in its own way.

/** What the app does, the same for all. It reads the release, which a deployment replaces, once, when it boots. */
export interface AppOptions {
  /** Worker processes; 1 when absent. A peer that cannot have several says so by `mostWorkers`. */
  readonly workers?: number;
  /** Milliseconds that it waits before it listens; 0 when absent. */
  readonly bootMs?: number;
  /** Milliseconds before each answer; 0 when absent. */
  readonly handlerMs?: number;
}

/** A `broken` release throws while it boots. Each answer carries its release as `x-generation`. */
export interface Release {
  readonly generation: number;
  readonly broken?: boolean;
}

export interface Peer {
  /** As it stands in every table: `graceful-run`, `bare node`, `cluster`, `pm2`, ... */
  readonly name: string;
  /** What exactly is measured, in one line, for the page of results: command, version, how the app is written. */
  readonly about: string;
  readonly mostWorkers: number;
  /**
   * Its workers are threads of one process, which is then the only one, among the workers; they cannot be told apart
   * by pid, and neither killed nor weighed by themselves.
   */
  readonly threads?: true;
  /** It reloads when a file of the app is saved, and waits for that as well when its worker has died. */
  readonly watches?: true;
  /** Names of the scenarios that have it; all of them when absent. */
  readonly onlyIn?: readonly string[];
  /** Why it cannot run on this machine, in a few words; null when it can. */
  missing(): string | null;
  version(): string;
  /** Starts the app with release 1; resolves when it has answered a request and has all its workers. */
  start(app: AppOptions): Promise<Running>;
  /** Bytes on disk and packages (its own one included) that a user installs beyond Node or Perl; null when nothing. */
  installed(): { readonly bytes: number; readonly packages: number } | null;
}

export interface Running {
  readonly peer: Peer;
  readonly endpoint: { readonly host: string; readonly port: number };
  /** From the start of the command to the first answer over HTTP, in milliseconds. */
  readonly firstAnswerMs: number;
  /** Pids at this moment. `supervisor`: all that serves no requests (master, daemon, relay). */
  processes(): { readonly supervisor: readonly number[]; readonly workers: readonly number[] };
  /**
   * Puts the release in place, then asks for a reload as a user would, and resolves when the command that
   * asks has ended. The command is ended after `limitMs`: some wait for ever when the release is broken. null
   * for a peer that knows no reload.
   */
  readonly reload: ((release: Release, limitMs?: number) => Promise<CommandResult>) | null;
  /**
   * As `reload`, by the signal that a peer takes: a command has to boot before it asks. Returns when it was sent,
   * by performance.now(). null for a peer that takes none, or of which `reload` is a signal itself.
   */
  readonly signal: ((release: Release) => number) | null;
  /** Ends all its processes and waits until they are gone; resolves with false when some had to be killed. */
  stop(): Promise<boolean>;
}

/**
 * How it was asked for a reload; `restart`: it was asked nothing, but stopped and started again; `save`: nothing
 * either, it watches the files.
 */
export type AskedBy = 'signal' | 'command' | 'restart' | 'save';

export interface CommandResult {
  readonly from: AskedBy;
  /** Exit status; null when there is no command to wait for, only a signal, or when it was ended. */
  readonly status: number | null;
  /** It was ended because it had not by itself within the limit. */
  readonly timedOut?: true;
  /** When the command began, or the release was in place for one that watches, by performance.now(). */
  readonly began: number;
  readonly tookMs: number;
}
