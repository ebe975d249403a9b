// What a load is told, and what it tells, between the bench and its load process.
import type { Endpoint } from '../../helpers/load/connection.js';
import type { First } from './asker.js';
import type { Records } from './records.js';

export const SHAPES = ['keep-alive', 'a connection each', 'mix'] as const;
/** `mix`: every second request on a kept connection, the others on one each. */
export type Shape = (typeof SHAPES)[number];

export interface LoadSpec {
  readonly endpoint: Endpoint;
  readonly shape: Shape;
  /** Requests a second, whatever the answers do; or so many clients, each asking when it was answered. */
  readonly pace: { readonly rate: number } | { readonly clients: number };
  /** Ends by itself after so long; else when it is told to. */
  readonly forMs?: number;
}

/** Whether the nth request goes over a kept connection. */
export function keeps(shape: Shape, nth: number): boolean {
  return shape === 'mix' ? nth % 2 === 0 : shape === 'keep-alive';
}

/** A load that runs. */
export interface Client {
  /** Begins no further request, and resolves when none is under way. */
  stop(): Promise<void>;
}

/** Silence of the server, and waiting for a connection, that counts as a timeout. */
export const LIMIT_MS = 5000;

export type ToLoad = { readonly kind: 'run'; readonly spec: LoadSpec } | { readonly kind: 'stop' };
export type FromLoad =
  | { readonly kind: 'first'; readonly first: First }
  | { readonly kind: 'ended'; readonly records: Records }
  /** The load is worth nothing: the client itself has failed. */
  | { readonly kind: 'failed'; readonly why: string };
