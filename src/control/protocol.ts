// The messages between the client commands and the master: one line of JSON for each request and each reply.
import type { FailureCause } from '../core/failure.js';
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
export const MAX_WORKERS = 1024;

/** The request in a line, or what is wrong with it. */
export function parseRequest(line: string): ControlRequest | string {
  const value = parseJson(line);
  if (value === undefined) return 'not JSON';
  if (!isObject(value)) return 'not an object';
  const { command, wait, now, size } = value;
  switch (command) {
    case 'reload':
      return { command, wait: wait !== false };
    case 'status':
      return { command };
    case 'stop':
      return { command, now: now === true };
    case 'scale':
      return isWorkerCount(size)
        ? { command, size }
        : `size must be a whole number from 1 to ${MAX_WORKERS}`;
    default:
      return `unknown command ${JSON.stringify(command)?.slice(0, 40) ?? '(none)'}`;
  }
}

/**
 * The reply in a line, or null if something else than a master has answered. The fields are not checked: masters of other
 * versions may add some, and change none.
 */
export function parseReply(line: string): ControlReply | null {
  const value = parseJson(line);
  return isObject(value) && typeof value.ok === 'boolean'
    ? (value as unknown as ControlReply)
    : null;
}

/** Undefined if the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isWorkerCount = (size: unknown): size is number =>
  Number.isInteger(size) && Number(size) >= 1 && Number(size) <= MAX_WORKERS;
