// What the values of options mean. Text in, data out; touches nothing.
import { constants } from 'node:os';
import { UsageError } from '../errors.js';
import type { Ready } from '../readiness/choose-probe.js';
import { nearest } from '../text/suggest.js';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
// setTimeout holds 31 bits of milliseconds and fires at once when given more.
const LONGEST = 24 * 24 * 3_600_000;
const MOST_WORKERS = 1024;
const INSPECT = { host: '127.0.0.1', port: 9229 };
const READY_CHOICES = ['auto', 'notify', 'ipc', 'fd', 'http:<url>', 'after:<time>'];

const ANSWERED_BY_OLD =
  'does not tell the new worker from the old one: {{generation}} must be in it';

const REFUSED: Readonly<Record<string, string>> = {
  SIGKILL: 'gives a worker no chance to finish; it follows by itself after --kill-timeout',
  SIGSTOP: 'only freezes a worker, which then never leaves',
};

/**
 * Milliseconds of `500ms`, `30s`, `5m`, `1.5h`; a bare number is seconds. `what` is the option, for the
 * message. Throws UsageError for anything else, and for more than 24 days.
 */
export function parseDuration(text: string, what: string): number {
  const [, amount, unit] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) {
    throw new UsageError(
      `${what}: '${text}' is not a time; write 500ms, 30s, 5m or 1h (a bare number is seconds)`,
    );
  }
  const ms = Math.round(Number(amount) * (MILLISECONDS[unit ?? 's'] ?? 0));
  if (ms > LONGEST) {
    throw new UsageError(`${what}: '${text}' is too long; the longest time is 576h (24 days)`);
  }
  return ms;
}

/**
 * The signal meant by `TERM`, `SIGTERM`, `term` or `15`. Throws UsageError for a signal that does not
 * exist, and for KILL and STOP, which no worker can answer.
 */
export function parseSignal(text: string, what = '--stop-signal'): NodeJS.Signals {
  const known = Object.keys(constants.signals) as NodeJS.Signals[];
  const word = text.trim().toUpperCase();
  const name = `SIG${word.replace(/^SIG/, '')}`;
  const signal = known.find((one) =>
    /^\d+$/.test(word) ? constants.signals[one] === Number(word) : one === name,
  );
  if (signal === undefined) {
    // What all of them begin with would make strangers near.
    const guess = nearest(
      name.slice(3),
      known.map((one) => one.slice(3)),
    );
    const advice = guess ? `did you mean ${guess}?` : 'write TERM, SIGTERM or 15, for example';
    throw new UsageError(`${what}: there is no signal '${text}'; ${advice}`);
  }
  const reason = REFUSED[signal];
  if (reason !== undefined) throw new UsageError(`${what}: ${signal} ${reason}`);
  return signal;
}

/** A number of workers, 1 to 1024; `max` is as many as `parallelism` says. Throws UsageError. */
export function parseWorkers(text: string, parallelism: number, what = '--workers'): number {
  const word = text.trim();
  if (word === 'max') return Math.min(Math.max(1, parallelism), MOST_WORKERS);
  const count = /^\d+$/.test(word) ? Number(word) : 0;
  if (count >= 1 && count <= MOST_WORKERS) return count;
  throw new UsageError(
    `${what}: '${text}' is not a number of workers; write 1 to ${MOST_WORKERS}, or max (${parallelism} here)`,
  );
}

/** `auto`, `notify`, `ipc`, `fd`, `http:<url>` or `after:<time>`. Throws UsageError, with the choices. */
export function parseReady(text: string, what = '--ready'): Ready {
  const word = text.trim();
  const plain = (['auto', 'notify', 'ipc', 'fd'] as const).find((one) => one === word);
  if (plain) return { how: plain };
  if (word.startsWith('http:') || word.startsWith('https:')) return parseHttp(word, what);
  if (word.startsWith('after:')) {
    return { how: 'after', ms: parseDuration(word.slice('after:'.length), `${what} after`) };
  }
  const guess = nearest(word, ['auto', 'notify', 'ipc', 'fd', 'http', 'after']);
  const choices = `write ${READY_CHOICES.slice(0, -1).join(', ')} or ${READY_CHOICES.at(-1)}`;
  const meant = READY_CHOICES.find((one) => guess !== null && one.startsWith(guess));
  const advice = meant ? `did you mean ${meant}? ${choices}` : choices;
  throw new UsageError(`${what}: '${text}' is no way to become ready; ${advice}`);
}

/** Both `http://host/path`, where the url doubles as the choice, and `http:https://host/path`. */
function parseHttp(word: string, what: string): Ready {
  const url = /^https?:\/\//.test(word) ? word : word.slice('http:'.length);
  const refuse = (problem: string): never => {
    throw new UsageError(
      `${what}: '${word}' ${problem}; write http://127.0.0.1:3000/health/{{generation}} or http://unix:/run/app-{{generation}}.sock:/health`,
    );
  };
  const unknown = /\{\{(?!(?:generation|worker)\}\}).*?(?:\}\}|$)/.exec(url);
  if (unknown) refuse(`names ${unknown[0]}, but there are only {{generation}} and {{worker}}`);
  const [, scheme, socketPath, path] = /^(https?):\/\/unix:([./].*?)(?::(\/.*))?$/.exec(url) ?? [];
  const plain = socketPath === undefined ? url : `${scheme}://localhost${path ?? '/'}`;
  // A placeholder stands for a number, and is no number yet: `http://127.0.0.1:300{{worker}}/`.
  const sample = plain.replaceAll(/\{\{\w+\}\}/g, '1');
  // URL would take `http:/health` for the host `health`.
  if (!/^https?:\/\/[^/?#]/.test(sample) || !URL.canParse(sample)) refuse('holds no usable url');
  if (!url.includes('{{generation}}')) refuse(ANSWERED_BY_OLD);
  return socketPath === undefined
    ? { how: 'http', url: plain }
    : { how: 'http', url: plain, socketPath };
}

/** `9230`, `0.0.0.0:9230`, `[::1]:9230`; empty for where Node itself opens its debugger. Throws UsageError. */
export function parseInspect(text: string, what = '--inspect'): { host: string; port: number } {
  const [, v6, name, digits] =
    /^(?:(?:\[([\da-f:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/i.exec(text.trim()) ?? [];
  const port = text.trim() === '' ? INSPECT.port : Number(digits ?? Number.NaN);
  if (port <= 65_535) return { host: v6 ?? name ?? INSPECT.host, port };
  throw new UsageError(
    `${what}: '${text}' is no port; write --inspect, --inspect=9230 or --inspect=127.0.0.1:9230`,
  );
}

/** One of several words. Throws UsageError that names them, and the one that was probably meant. */
export function parseChoice<T extends string>(
  text: string,
  choices: readonly T[],
  what: string,
): T {
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  const meant = nearest(text, choices);
  const list = choices.join(', ');
  throw new UsageError(
    `${what} '${text}': ${meant ? `did you mean ${meant}? ` : ''}choose from ${list}`,
  );
}
