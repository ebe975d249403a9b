// `http:<url>`: the worker answers a URL of its own with a 2xx status.
import type { RequestOptions as HttpsOptions } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { describeError } from '../errors.js';
import type { ProbeCallbacks, ProbeTarget, StartProbe } from './probe.js';

const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 250;
const ANSWER_TIMEOUT_MS = 2000;

/**
 * Asks `url` until it answers with a 2xx status; through the unix socket `socketPath` unless that is undefined.
 * Both may contain `{{generation}}` and `{{worker}}`.
 */
export function httpProbe(url: string, socketPath: string | undefined): StartProbe {
  return (target, callbacks) => {
    const controller = new AbortController();
    const path = socketPath && fillIn(socketPath, target);
    void poll(fillIn(url, target), path, controller.signal, callbacks);
    return { stop: () => controller.abort() };
  };
}

function fillIn(text: string, { generation, slot }: ProbeTarget): string {
  return text
    .replaceAll('{{generation}}', String(generation))
    .replaceAll('{{worker}}', String(slot));
}

async function poll(
  url: string,
  socketPath: string | undefined,
  signal: AbortSignal,
  { ready, note }: ProbeCallbacks,
): Promise<void> {
  note(`${url} was never asked`);
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    try {
      const status = await statusOf(url, socketPath, signal);
      if (status >= 200 && status < 300) return ready();
      note(`${url} answered ${status}`);
    } catch (error) {
      note(`${url}: ${describeError(error)}`);
    }
    await wait(pause, undefined, { signal }).catch(() => {});
  }
}

async function statusOf(
  url: string,
  socketPath: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const options: HttpsOptions = {
    ...{ agent: false, signal, timeout: ANSWER_TIMEOUT_MS },
    ...(socketPath !== undefined && { socketPath }),
    // The worker is ours, and its certificate cannot name the address at which we reach it.
    rejectUnauthorized: false,
  };
  // Loaded only when needed: TLS costs the master a megabyte of memory.
  const { request: send } = await (url.startsWith('https:')
    ? import('node:https')
    : import('node:http'));
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 2s')));
    request.once('error', reject);
    request.end();
  });
}
