// Parsers for the values of options. Pure.
import { constants } from 'node:os';
import { UsageError } from '../errors.js';
import type { Ready } from '../readiness/choose-probe.js';
import { nearest } from '../text/suggest.js';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** 24 days: a longer timeout would overflow the 31 bits of setTimeout, which then fires at once. */
const LONGEST_MS = 24 * 24 * 3_600_000;
/** A busy machine delays signs of life; with a shorter time a healthy worker would be replaced. */
const SHORTEST_WATCHDOG_MS = 1000;
const MOST_WORKERS = 1024;
/** The address on which Node itself opens its debugger. */
export const DEFAULT_INSPECT_ADDRESS = { host: '127.0.0.1', port: 9229 };
const READY_CHOICES = ['auto', 'notify', 'ipc', 'fd', 'http:<url>', 'after:<time>'];

const SAME_FOR_ALL_GENERATIONS =
  'does not tell the new worker from the old one: it must contain {{generation}}';

const REFUSED: Readonly<Record<string, string>> = {
  SIGKILL: 'gives a worker no chance to finish; it is sent anyway after --kill-timeout',
  SIGSTOP: 'only freezes a worker, which then never exits',
};

/**
 * Parses a time such as `500ms`, `30s`, `5m` or `1.5h` into milliseconds; a bare number is seconds. `what` is the option,
 * for the message. Throws UsageError for anything else, and for more than 24 days.
 */
export function parseDuration(text: string, what: string): number {
  const [, amount, unit] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
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
export function parseCount(text: string, what: string, least = 0): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
  const advice = least === 0 ? 'write a whole number; 0 is no limit' : `write ${least} or more`;
  throw new UsageError(`${what} '${text}': ${advice}`);
}

/**
 * Parses a signal written as `TERM`, `SIGTERM`, `term` or `15`. Throws UsageError for a signal that does not exist, and for
 * KILL and STOP, which a worker cannot handle.
 */
export function parseSignal(text: string, what = '--stop-signal'): NodeJS.Signals {
  const known = Object.keys(constants.signals) as NodeJS.Signals[];
  const word = text.trim().toUpperCase();
  const name = `SIG${word.replace(/^SIG/, '')}`;
  const signal = known.find((candidate) =>
    /^\d+$/.test(word) ? constants.signals[candidate] === Number(word) : candidate === name,
  );
  if (signal === undefined) {
    // Without the common prefix, which would make all of them look near.
    const choices = known.map((candidate) => candidate.slice('SIG'.length));
    const guess = nearest(name.slice('SIG'.length), choices);
    const advice = guess ? `did you mean ${guess}?` : 'write TERM, SIGTERM or 15, for example';
    throw new UsageError(`${what}: there is no signal '${text}'; ${advice}`);
  }
  const reason = REFUSED[signal];
  if (reason !== undefined) throw new UsageError(`${what}: ${signal} ${reason}`);
  return signal;
}

/** Parses a number of workers, 1 to 1024; `max` is `parallelism`. Throws UsageError. */
export function parseWorkers(text: string, parallelism: number, what = '--workers'): number {
  const word = text.trim();
  if (word === 'max') return Math.min(Math.max(1, parallelism), MOST_WORKERS);
  const count = /^\d+$/.test(word) ? Number(word) : 0;
  if (count >= 1 && count <= MOST_WORKERS) return count;
  throw new UsageError(
    `${what}: '${text}' is not a number of workers; write 1 to ${MOST_WORKERS}, or max (${parallelism} here)`,
  );
}

/** Parses `auto`, `notify`, `ipc`, `fd`, `http:<url>` or `after:<time>`. Throws UsageError that names the choices. */
export function parseReady(text: string, what = '--ready'): Ready {
  const word = text.trim();
  const plain = (['auto', 'notify', 'ipc', 'fd'] as const).find((how) => how === word);
  if (plain) return { how: plain };
  if (word.startsWith('http:') || word.startsWith('https:')) return parseHttp(word, what);
  if (word.startsWith('after:')) {
    return { how: 'after', ms: parseDuration(word.slice('after:'.length), `${what} after`) };
  }
  const guess = nearest(word, ['auto', 'notify', 'ipc', 'fd', 'http', 'after']);
  const choices = `write ${READY_CHOICES.slice(0, -1).join(', ')} or ${READY_CHOICES.at(-1)}`;
  const meant = READY_CHOICES.find((choice) => guess !== null && choice.startsWith(guess));
  const advice = meant ? `did you mean ${meant}? ${choices}` : choices;
  throw new UsageError(`${what}: '${text}' is not a way to become ready; ${advice}`);
}

/** Parses `http://host/path`, which is the choice and the URL in one, and `http:https://host/path`. */
function parseHttp(word: string, what: string): Ready {
  const url = /^https?:\/\//.test(word) ? word : word.slice('http:'.length);
  const refuse = (problem: string): never => {
    throw new UsageError(
      `${what}: '${word}' ${problem}; write http://127.0.0.1:3000/health/{{generation}} or http://unix:/run/app-{{generation}}.sock:/health`,
    );
  };
  const unknown = /\{\{(?!(?:generation|worker)\}\}).*?(?:\}\}|$)/.exec(url);
  if (unknown) refuse(`contains ${unknown[0]}; there are only {{generation}} and {{worker}}`);
  const [, scheme, socketPath, path] = /^(https?):\/\/unix:([./].*?)(?::(\/.*))?$/.exec(url) ?? [];
  const plain = socketPath === undefined ? url : `${scheme}://localhost${path ?? '/'}`;
  // A placeholder stands for a number, also in a port: `http://127.0.0.1:300{{worker}}/`.
  const sample = plain.replaceAll(/\{\{\w+\}\}/g, '1');
  // URL would parse `http:/health` as the host `health`.
  if (!/^https?:\/\/[^/?#]/.test(sample) || !URL.canParse(sample))
    refuse('does not contain a usable URL');
  if (!url.includes('{{generation}}')) refuse(SAME_FOR_ALL_GENERATIONS);
  return socketPath === undefined
    ? { how: 'http', url: plain }
    : { how: 'http', url: plain, socketPath };
}

/** Parses `9230`, `0.0.0.0:9230` or `[::1]:9230`. Throws UsageError. */
export function parseInspectPort(
  text: string,
  what = '--inspect-port',
): { host: string; port: number } {
  const [, v6, name, digits] =
    /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/i.exec(text.trim()) ?? [];
  const port = Number(digits ?? Number.NaN);
  if (port <= 65_535) return { host: v6 ?? name ?? DEFAULT_INSPECT_ADDRESS.host, port };
  throw new UsageError(`${what}: '${text}' is not a port; write 9230 or 127.0.0.1:9230`);
}

/** Parses one of several words. Throws UsageError that names all of them, and the one that was probably meant. */
export function parseChoice<T extends string>(
  text: string,
  choices: readonly T[],
  what: string,
): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const meant = nearest(text, choices);
  const list = choices.join(', ');
  throw new UsageError(
    `${what} '${text}': ${meant ? `did you mean ${meant}? ` : ''}choose from ${list}`,
  );
}
