// Requests from the control socket: each becomes an event and is answered when the core replies.

import type { ControlReply } from '../control/protocol.js';
import type { Handler } from '../control/server.js';
import type { Event } from '../core/fleet.js';
import type { StatusReport } from '../status/report-types.js';

export interface Desk {
  readonly handler: Handler;
  /** The core's answer to a request. */
  answer(request: number, reply: ControlReply): void;
}

export function createDesk(
  tell: (event: Event) => void,
  status: () => Promise<StatusReport>,
): Desk {
  const takeStatus = oneAtATime(status);
  const waiting = new Map<number, (reply: ControlReply) => void>();
  let last = 0;

  const ask = (event: Event, reply: (reply: ControlReply) => void) => {
    waiting.set(last, reply);
    tell(event);
  };

  return {
    answer(request, reply) {
      waiting.get(request)?.(reply);
      waiting.delete(request);
    },

    handler(request, reply) {
      last += 1;
      switch (request.command) {
        case 'status':
          return void takeStatus().then(
            (report) => reply({ ok: true, status: report }),
            (error: unknown) => reply({ ok: false, reason: String(error) }),
          );
        case 'reload':
          if (request.wait) return ask({ type: 'reload', request: last }, reply);
          tell({ type: 'reload' });
          return reply({ ok: true });
        case 'stop':
          return ask({ type: 'stop', request: last, now: request.now }, reply);
        case 'scale':
          return ask({ type: 'scale', size: request.size, request: last }, reply);
        default:
          request satisfies never;
      }
    },
  };
}

/**
 * Reading what the kernel knows of connections takes a while on a busy machine. Whoever asks meanwhile shares
 * the next answer with all others who do: however many ask, and none gets an answer older than the question.
 */
function oneAtATime<T>(take: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const run = (): Promise<T> => {
    next = null;
    const mine = take().finally(() => {
      running = null;
    });
    running = mine;
    return mine;
  };
  return () => {
    if (!running) return run();
    next ??= running.then(run, run);
    return next;
  };
}
