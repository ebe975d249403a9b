// The messages between the client commands and the master: one line of JSON for each request and each reply.
import type { FailureCause } from '../core/failure.js';
import { MAX_WORKERS } from '../core/policy.js';
import type { StatusReport } from '../status/report-types.js';

export type ControlRequest =
  | { readonly command: 'reload'; readonly wait: boolean }
  | { readonly command: 'status' }
  | { readonly command: 'stop'; readonly now: boolean }
  | { readonly command: 'scale'; readonly size: number };

export interface ControlReply {
  readonly ok: boolean;
  /** Why the request failed. */
  readonly reason?: string;
  /** It was not even begun. */
  readonly refused?: boolean;
  /** It was under way when the master was stopped. */
  readonly cancelled?: boolean;
  /** The kind of failure, for programs. */
  readonly cause?: FailureCause['type'];
  /** The generation that the reply is about. */
  readonly generation?: number;
  /** The generation that serves now. */
  readonly serving?: number;
  readonly status?: StatusReport;
  /** The last lines of the worker that failed, if the master reads the output of workers. */
  readonly output?: readonly string[];
}

/** Longest request line: a request is short, and a client must not fill the memory of the master. */
export const MAX_LINE_LENGTH = 64 * 1024;

/** The request in a line, or what is wrong with it. */
export function parseRequest(line: string): ControlRequest | string {
  const request = parseObject(line);
  if (request === null) return 'not a JSON object';
  const { command, wait, now, size } = request;
  switch (command) {
    case 'reload':
      return { command, wait: wait !== false };
    case 'status':
      return { command };
    case 'stop':
      return { command, now: now === true };
    case 'scale':
      if (typeof size === 'number' && Number.isInteger(size) && size >= 1 && size <= MAX_WORKERS) {
        return { command, size };
      }
      return `size must be a whole number from 1 to ${MAX_WORKERS}`;
    default:
      return 'unknown command';
  }
}

/**
 * The reply in a line, or null if something else than a master has answered. The fields are not checked: masters of other
 * versions may add some, and change none.
 */
export function parseReply(line: string): ControlReply | null {
  const reply = parseObject(line);
  return typeof reply?.ok === 'boolean' ? (reply as unknown as ControlReply) : null;
}

/** Null if the text is not an object in JSON. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
