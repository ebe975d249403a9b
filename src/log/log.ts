// The master's own log: one line a transition, on stderr, written before anything else happens.
import { isatty } from 'node:tty';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { isJournal, journalStream } from './journal.js';
import type { LogFormat } from './levels.js';

const STDERR = 2;

/** Synchronous: the last line before an exit is the one that matters. */
export function createLog(level: string, format: LogFormat): Logger {
  const base = { name: 'graceful-run', pid: process.pid };
  const stream = streamFor(format === 'auto' ? suitable() : format);
  return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, stream);
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
  const stream = destination({ dest: STDERR, sync: true });
  // A log that nobody reads any more must not end what it logs.
  stream.on('error', () => {});
  return stream;
}

function prettyStream(): DestinationStream {
  const stream = PinoPretty({
    colorize: isatty(STDERR) && !process.env.NO_COLOR,
    destination: STDERR,
    sync: true,
    ignore: 'pid,hostname,name,census,generation,worker,workerPid,reason,durationMs,status,event',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{msg}{if census} | {census}{end}',
  });
  stream.on('error', () => {});
  return stream;
}
