// pino and what it writes to. Loaded by require(), in the very turn in which the log is opened: what was said
// before is written then, also when the next thing that happens is an exit.
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type { DestinationStream, Logger } from 'pino';
import { wantsColours } from '../text/colors.js';
import { isJournal, journalStream } from './journal-format.js';
import type { LogFormat } from './levels.js';

const STDERR = 2;

const require = createRequire(import.meta.url);

/** Throws when the library is not there: better now than when there is something to say. */
export function assertInstalled(): void {
  require.resolve('pino');
}

/** Synchronous: the last line before an exit is the one that matters. `now`: milliseconds since 1970. */
export function openLog(level: string, format: LogFormat, now: () => number): Logger {
  const { pino } = require('pino') as typeof import('pino');
  const base = { name: 'graceful-run', pid: process.pid };
  const stream = streamFor(format === 'auto' ? suitable() : format);
  const timestamp = () => `,"time":"${new Date(now()).toISOString()}"`;
  return pino({ level, base, timestamp }, stream);
}

function suitable(): Exclude<LogFormat, 'auto'> {
  if (isatty(STDERR)) return 'pretty';
  return isJournal(STDERR, process.env) ? 'journal' : 'json';
}

function streamFor(format: Exclude<LogFormat, 'auto'>): DestinationStream {
  if (format === 'pretty') return prettyStream();
  const plain = plainStream();
  return format === 'json' ? plain : journalStream((text) => void plain.write(text));
}

function plainStream(): DestinationStream {
  const { destination } = require('pino') as typeof import('pino');
  const stream = destination({ dest: STDERR, sync: true });
  // A log that nobody reads any more must not end what it logs.
  stream.on('error', () => {});
  return stream;
}

function prettyStream(): DestinationStream {
  const { PinoPretty } = require('pino-pretty') as typeof import('pino-pretty');
  const stream = PinoPretty({
    colorize: wantsColours(process.env, isatty(STDERR)),
    destination: STDERR,
    sync: true,
    ignore: 'pid,hostname,name,census,generation,worker,workerPid,reason,durationMs,status,event',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{msg}{if census} | {census}{end}',
  });
  stream.on('error', () => {});
  return stream;
}
