// `http:<url>`: a 2xx from a URL that only the new worker answers.
import type { RequestOptions as HttpsOptions } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { describeError } from '../errors.js';
import { type Candidate, probe, type StartProbe } from './probe.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;
const ANSWER_LIMIT_MS = 2000;

/** `url` may contain `{{generation}}` and `{{worker}}`; `socketPath` as well. */
export function httpProbe(url: string, socketPath: string | undefined): StartProbe {
  return (candidate, verdict) => {
    const controller = new AbortController();
    const target = fill(url, candidate);
    const path = socketPath === undefined ? undefined : fill(socketPath, candidate);
    verdict.note(`${target} was never asked`);
    void poll(target, path, controller.signal, verdict.note).then((ok) => ok && verdict.ready());
    return probe({ stop: () => controller.abort() });
  };
}

function fill(text: string, { generation, slot }: Candidate): string {
  return text
    .replaceAll('{{generation}}', String(generation))
    .replaceAll('{{worker}}', String(slot));
}

async function poll(
  url: string,
  socketPath: string | undefined,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<boolean> {
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const status = await statusOf(url, socketPath, signal);
      if (status >= 200 && status < 300) return true;
      note(`${url} answered ${status}`);
    } catch (error) {
      note(`${url}: ${describeError(error)}`);
    }
    await wait(pause, undefined, { signal }).catch(() => {});
  }
  return false;
}

async function statusOf(
  url: string,
  socketPath: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const options: HttpsOptions = {
    agent: false,
    signal,
    timeout: ANSWER_LIMIT_MS,
    // It is our own worker, by an address that its certificate cannot name.
    rejectUnauthorized: false,
  };
  if (socketPath !== undefined) options.socketPath = socketPath;
  // TLS is a megabyte of the master, and most have no use for it.
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
