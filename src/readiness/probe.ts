// What every way of proving readiness has in common.
import type { Readable } from 'node:stream';
import type { WorkerMessage } from '../ipc-protocol.js';

/** The worker that is to prove itself. */
export interface Candidate {
  readonly generation: number;
  readonly slot: number;
  readonly readyPipe: Readable | null;
  /** Sockets on which it has to listen to be as good as its predecessors. */
  readonly expected: readonly {
    readonly id: number;
    /** Given or inherited: demanded whatever else proves readiness. */
    readonly given: boolean;
    readonly text: string;
  }[];
}

export interface Verdict {
  ready(): void;
  /** Why it is not ready yet; for the reason, should it never be. */
  note(text: string): void;
}

/** One worker's proof in progress. `stop` ends it; after that nothing is reported. */
export interface Probe {
  heard(message: WorkerMessage): void;
  said(message: unknown): void;
  /** READY=1 on its NOTIFY_SOCKET. */
  notified(): void;
  stop(): void;
}

export type StartProbe = (candidate: Candidate, verdict: Verdict) => Probe;

/** A probe that needs only some of the members. */
export function probe(members: Partial<Probe>): Probe {
  return { heard() {}, said() {}, notified() {}, stop() {}, ...members };
}

/** Its worker is ready, leaving or gone: nothing more is to be proven. */
export function endProbe(probes: Map<number, Probe>, worker: number): void {
  probes.get(worker)?.stop();
  probes.delete(worker);
}
