// What the ways to the service manager have in common.
import type { Message } from './message.js';

export type Transport = 'fd' | 'ffi' | 'tool' | 'none';

/** `full`: the receiver has not read what came before; try again. An Error: lost, and why. */
export type Outcome = 'sent' | 'full' | Error;

export interface Way {
  readonly transport: Transport;
  /** True when descriptors can be sent along. */
  readonly passesFds: boolean;
  /** Called for one message at a time. Never throws, never rejects. */
  deliver(message: Message): Outcome | Promise<Outcome>;
}
