// The interface between the master and each method of proving that a worker is ready.
import type { Readable } from 'node:stream';
import type { FromWorker } from '../ipc-protocol.js';

/** The worker that has to prove that it is ready. */
export interface ProbeTarget {
  readonly generation: number;
  readonly slot: number;
  /** The stream behind READY_FD; null unless `--ready fd` was chosen. */
  readonly readyPipe: Readable | null;
  /** The sockets that the worker has to listen on, because its predecessors did. */
  readonly expected: readonly {
    readonly id: number;
    /** True for a given or inherited socket, which every readiness method requires; false for an adopted one. */
    readonly given: boolean;
    readonly text: string;
  }[];
}

export interface ProbeCallbacks {
  ready(): void;
  /** Why the worker is not ready yet. The last one becomes the reason if it never is. */
  note(text: string): void;
}

/**
 * The running probe of one worker. The master passes on what it receives from that worker; a method leaves out what it
 * does not need.
 */
export interface ReadinessProbe {
  /** A message of the preload. */
  onMessage?(message: FromWorker): void;
  /** A message that the app sent with `process.send()`. */
  onAppMessage?(message: unknown): void;
  /** READY=1 on the NOTIFY_SOCKET of the worker. */
  onNotifyReady?(): void;
  /** The master has given up a socket: the worker need not listen on it any more. */
  onSocketGivenUp?(socket: number): void;
  /** Ends the probe. It calls nothing afterwards. */
  stop?(): void;
}

export type StartProbe = (target: ProbeTarget, callbacks: ProbeCallbacks) => ReadinessProbe;

/** Stops and forgets the probe of a worker, if it has one: the worker is ready, retired or gone. */
export function endProbe<Id>(probes: Map<Id, ReadinessProbe>, worker: Id): void {
  probes.get(worker)?.stop?.();
  probes.delete(worker);
}
