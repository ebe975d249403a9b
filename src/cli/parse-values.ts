// Parsers for the values of options. Pure.
import { availableParallelism, constants } from 'node:os';
import { MAX_WORKERS } from '../core/policy.js';
import { UsageError } from '../errors.js';
import type { Ready } from '../readiness/choose-probe.js';
import type { InspectAddress } from '../run-options.js';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** 24 days: a longer timeout would overflow the 31 bits of setTimeout, which then fires at once. */
const LONGEST_MS = 24 * 24 * 3_600_000;
/** A busy machine delays signs of life; with a shorter time a healthy worker would be replaced. */
const SHORTEST_WATCHDOG_MS = 1000;
/** The address on which Node itself opens its debugger. */
export const DEFAULT_INSPECT_ADDRESS: InspectAddress = { host: '127.0.0.1', port: 9229 };

/**
 * Parses a time such as `500ms`, `30s`, `5m` or `1.5h` into milliseconds; a bare number is seconds. `what` is the option,
 * for the message. Throws UsageError for anything else, and for more than 24 days.
 */
export function parseDuration(text: string, what: string): number {
  const [, amount, unit] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) {
    throw new UsageError(
      `${what}: '${text}' is not a time; write 500ms, 30s, 5m or 1h (a bare number is seconds)`,
    );
  }
  const ms = Math.round(Number(amount) * (MILLISECONDS[unit ?? 's'] ?? 0));
  if (ms > LONGEST_MS) {
    throw new UsageError(`${what}: '${text}' is too long; the longest time is 576h (24 days)`);
  }
  return ms;
}

/** Parses a watchdog time into milliseconds: 0, or at least a second. Throws UsageError. */
export function parseWatchdog(text: string, what: string): number {
  const ms = parseDuration(text, what);
  if (ms === 0 || ms >= SHORTEST_WATCHDOG_MS) return ms;
  throw new UsageError(`${what} '${text}': write 0 or at least 1s; a busy machine would look hung`);
}

/** Parses a whole number of at most six digits, at least `least`. Throws UsageError. */
export function parseCount(text: string, what: string, least: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError(`${what} '${text}': write a whole number, ${least} or more`);
}

/**
 * Parses a signal written as `TERM`, `SIGTERM`, `term` or `15`. Throws UsageError for a signal that does not exist, and for
 * KILL and STOP, which a worker cannot handle.
 */
export function parseSignal(text: string, what: string): NodeJS.Signals {
  const word = text.toUpperCase();
  const known = Object.keys(constants.signals) as NodeJS.Signals[];
  const signal = known.find((name) =>
    [name, name.slice('SIG'.length), String(constants.signals[name])].includes(word),
  );
  if (signal === undefined) {
    throw new UsageError(`${what}: there is no signal '${text}'; write TERM, SIGTERM or 15`);
  }
  if (signal !== 'SIGKILL' && signal !== 'SIGSTOP') return signal;
  throw new UsageError(
    `${what}: a worker cannot handle ${signal}; SIGKILL is sent anyway after --kill-timeout`,
  );
}

/** Parses a number of workers, 1 to 1024; `max` is one for each CPU. Throws UsageError. */
export function parseWorkers(text: string, what: string): number {
  const cpus = availableParallelism();
  const count = text === 'max' ? Math.min(cpus, MAX_WORKERS) : Number(text);
  if (/^(\d+|max)$/.test(text) && count >= 1 && count <= MAX_WORKERS) return count;
  throw new UsageError(
    `${what}: '${text}' is not a number of workers; write 1 to ${MAX_WORKERS}, or max (${cpus} here)`,
  );
}

/** Parses `auto`, `notify`, `ipc`, `fd`, `http:<url>` or `after:<time>`. Throws UsageError that names the choices. */
export function parseReady(text: string, what: string): Ready {
  const plain = (['auto', 'notify', 'ipc', 'fd'] as const).find((how) => how === text);
  if (plain) return { how: plain };
  if (/^https?:/.test(text)) return parseHttp(text, what);
  if (text.startsWith('after:')) {
    return { how: 'after', ms: parseDuration(text.slice('after:'.length), `${what} after`) };
  }
  throw new UsageError(
    `${what}: '${text}' is not a way to become ready; write auto, notify, ipc, fd, http:<url> or after:<time>`,
  );
}

/** Parses `http://host/path`, which is the choice and the URL in one, and `http:https://host/path`. */
function parseHttp(text: string, what: string): Ready {
  const url = /^https?:\/\//.test(text) ? text : text.slice('http:'.length);
  const [, scheme, socketPath, path] = /^(https?):\/\/unix:([./].*?)(?::(\/.*))?$/.exec(url) ?? [];
  const plain = socketPath === undefined ? url : `${scheme}://localhost${path ?? '/'}`;
  const problem = problemWithUrl(url, plain);
  if (problem !== null) {
    throw new UsageError(
      `${what}: '${text}' ${problem}; write http://127.0.0.1:3000/health/{{generation}} or http://unix:/run/app-{{generation}}.sock:/health`,
    );
  }
  return { how: 'http', url: plain, ...(socketPath !== undefined && { socketPath }) };
}

/** `plain` is the URL without the path of a socket. */
function problemWithUrl(url: string, plain: string): string | null {
  const [unknown] = /\{\{(?!(?:generation|worker)\}\}).*?(?:\}\}|$)/.exec(url) ?? [];
  if (unknown) return `contains ${unknown}; there are only {{generation}} and {{worker}}`;
  // A placeholder stands for a number, also in a port: `http://127.0.0.1:300{{worker}}/`.
  const sample = plain.replaceAll(/\{\{\w+\}\}/g, '1');
  // URL would parse `http:/health` as the host `health`.
  const isUsable = /^https?:\/\/[^/?#]/.test(sample) && URL.canParse(sample);
  if (!isUsable) return 'does not contain a usable URL';
  if (url.includes('{{generation}}')) return null;
  return 'does not tell the new worker from the old one: it must contain {{generation}}';
}

/** Parses `9230`, `0.0.0.0:9230` or `[::1]:9230`. Throws UsageError. */
export function parseInspectPort(text: string, what: string): InspectAddress {
  const [, v6, name, digits] =
    /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits ?? Number.NaN);
  if (port <= 65_535) return { host: v6 ?? name ?? DEFAULT_INSPECT_ADDRESS.host, port };
  throw new UsageError(`${what}: '${text}' is not a port; write 9230 or 127.0.0.1:9230`);
}

/** Parses one of several words. Throws UsageError that names all of them. */
export function parseChoice<T extends string>(
  text: string,
  choices: readonly T[],
  what: string,
): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`${what} '${text}': choose from ${choices.join(', ')}`);
}
