// What the client commands and the master say to each other: a line of JSON each. Pure.
import type { StatusReport } from '../status/report-types.js';

export type ControlRequest =
  | { readonly command: 'reload'; readonly wait: boolean }
  | { readonly command: 'status' }
  | { readonly command: 'stop'; readonly now: boolean }
  | { readonly command: 'scale'; readonly size: number };

export interface ControlReply {
  readonly ok: boolean;
  /** Why not. */
  readonly reason?: string;
  /** The generation that the answer is about. */
  readonly generation?: number;
  /** The generation that serves now. */
  readonly serving?: number;
  readonly status?: StatusReport;
  /** The last lines of the worker that failed, where the master reads them. */
  readonly output?: readonly string[];
}

/** Longest line that is read: a request is short, and a stranger must not fill the memory. */
export const LONGEST_LINE = 64 * 1024;
export const LARGEST_SIZE = 1024;

/** The request in a line, or what is wrong with it. */
export function parseRequest(line: string): ControlRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  if (typeof value !== 'object' || value === null) return 'not an object';
  const { command, wait, now, size } = value as Record<string, unknown>;
  switch (command) {
    case 'reload':
      return { command, wait: wait !== false };
    case 'status':
      return { command };
    case 'stop':
      return { command, now: now === true };
    case 'scale':
      return isSize(size)
        ? { command, size }
        : `size must be a whole number from 1 to ${LARGEST_SIZE}`;
    default:
      return `unknown command ${JSON.stringify(command)?.slice(0, 40) ?? '(none)'}`;
  }
}

function isSize(size: unknown): size is number {
  return Number.isInteger(size) && Number(size) >= 1 && Number(size) <= LARGEST_SIZE;
}
