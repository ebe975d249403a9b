// What load clients ask `hammer-app.mjs` for, with the answer that must come.
import { randomBytes } from 'node:crypto';
import type { Exchange } from './connection.js';

/**
 * `fast` and `slow` (500 ms) name themselves in the URL and want it back; `echo` sends 16 to 64 KiB and
 * wants each byte back; `trickle` does so with a pause in the middle of the upload.
 */
export type RequestKind = 'fast' | 'slow' | 'echo' | 'trickle';

const TRICKLE_PAUSE_MS = 200;
const KIB = 1024;
const bodies = [16, 32, 48, 64].map((size) => randomBytes(size * KIB));
/** Built once: putting 64 KiB together for each request would cost more than sending them. */
const posts = new Map(
  [true, false].map((keepAlive) => [
    keepAlive,
    bodies.map((body) => Buffer.concat([head('POST /echo', keepAlive, body.length), body])),
  ]),
);

/** The `n`th request of a client. */
export function makeRequest(kind: RequestKind, n: number, keepAlive: boolean): Exchange {
  if (kind === 'fast' || kind === 'slow') {
    const url = `/${kind}?${n}`;
    const parts = [head(`GET ${url}`, keepAlive)];
    return { parts, pauseMs: 0, expected: Buffer.from(url, 'latin1') };
  }
  const expected = bodies[n % bodies.length] as Buffer;
  const whole = posts.get(keepAlive)?.[n % bodies.length] as Buffer;
  const half = whole.length >> 1;
  const parts = kind === 'echo' ? [whole] : [whole.subarray(0, half), whole.subarray(half)];
  return { parts, pauseMs: TRICKLE_PAUSE_MS, expected };
}

function head(request: string, keepAlive: boolean, length?: number): Buffer {
  const headers = [`${request} HTTP/1.1`, 'Host: load'];
  if (!keepAlive) headers.push('Connection: close');
  if (length !== undefined) headers.push(`Content-Length: ${length}`);
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n`, 'latin1');
}
