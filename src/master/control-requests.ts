// Requests from the control socket. Each but `status` becomes an event, and the core decides what it is answered.

import type { ControlReply } from '../control/protocol.js';
import type { Handler } from '../control/server.js';
import type { MasterCommand } from '../core/commands.js';
import type { MasterEvent } from '../core/events.js';
import { describeError } from '../errors.js';
import type { StatusReport } from '../status/report-types.js';
import { describeFailure, describeRefusal, describeStopping } from '../text/failure-text.js';

type Reply = Extract<MasterCommand, { type: 'reply' }>;

export type ControlRequests = ReturnType<typeof createControlRequests>;

export function createControlRequests(
  dispatch: (event: MasterEvent) => void,
  takeStatus: () => Promise<StatusReport>,
) {
  const waiting = new Map<number, (reply: ControlReply) => void>();
  let lastRequest = 0;

  return {
    /** Sends the core's answer. `output`: the last lines of the worker that failed. */
    answer(reply: Reply, serving: number | null, output: readonly string[]): void {
      waiting.get(reply.request)?.(toControlReply(reply, serving, output));
      waiting.delete(reply.request);
    },

    handle(request: Parameters<Handler>[0], send: Parameters<Handler>[1]): void {
      if (request.command === 'status') {
        takeStatus().then(
          (report) => send({ ok: true, status: report }),
          (error: unknown) => send({ ok: false, reason: describeError(error) }),
        );
        return;
      }
      lastRequest += 1;
      waiting.set(lastRequest, send);
      switch (request.command) {
        case 'reload':
          return dispatch({ type: 'reload', request: lastRequest, wait: request.wait });
        case 'stop':
          return dispatch({ type: 'stop', request: lastRequest, now: request.now });
        case 'scale':
          return dispatch({ type: 'scale', request: lastRequest, workers: request.size });
        default:
          request satisfies never;
      }
    },
  };
}

function toControlReply(
  { outcome, generation }: Reply,
  serving: number | null,
  output: readonly string[],
): ControlReply {
  const about = {
    ...(generation !== null && { generation }),
    ...(serving !== null && { serving }),
  };
  switch (outcome.type) {
    case 'accepted':
    case 'done':
      return { ok: true, ...about };
    case 'refused':
      return { ok: false, refused: true, reason: describeRefusal(outcome.refusal), ...about };
    case 'cancelled':
      return { ok: false, cancelled: true, reason: describeStopping(outcome.reason), ...about };
    case 'failed': {
      const { failure } = outcome;
      const reason = describeFailure(failure);
      const cause = failure.cause.type;
      return { ok: false, reason, cause, ...about, ...(output.length > 0 && { output }) };
    }
  }
}
