// The interface of each means to send messages to the service manager.
import type { Message } from './message.js';

export type TransportName = 'fd' | 'tool' | 'none';

/** `full`: the receiver has not read the messages before this one; try again. An Error: lost, and why. */
export type Outcome = 'sent' | 'full' | Error;

export interface Transport {
  readonly name: TransportName;
  /** True when descriptors can be sent along. */
  readonly passesFds: boolean;
  /** Called for one message at a time. Never throws, never rejects. */
  deliver(message: Message): Outcome | Promise<Outcome>;
}
