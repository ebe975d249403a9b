// One turn of the step: a private copy of the fleet that the facts and the rules may change.
import type { Action, Fleet, Policy, Worker } from './fleet.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type DraftWorker = Mutable<Worker>;
export type Draft = Omit<Mutable<Fleet>, 'workers'> & { workers: DraftWorker[] };

export interface Turn {
  readonly fleet: Draft;
  readonly actions: Action[];
  readonly now: number;
  readonly policy: Policy;
}

export function beginTurn(fleet: Fleet, now: number, policy: Policy): Turn {
  const workers = fleet.workers.map((worker) => ({ ...worker }));
  return { fleet: { ...fleet, workers }, actions: [], now, policy };
}

export function reply(
  turn: Turn,
  requests: readonly number[],
  verdict: { ok: boolean; generation: number; reason: string | null },
): void {
  for (const request of requests) turn.actions.push({ type: 'reply', request, ...verdict });
}

export function refuse(turn: Turn, requests: readonly number[], reason: string): void {
  reply(turn, requests, { ok: false, generation: turn.fleet.serving, reason });
}
