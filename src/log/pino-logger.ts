// Opens pino on stderr. It is loaded by require(), which is synchronous: the lines held back are written even if the next
// thing that happens is the exit of the process.
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type { DestinationStream, Logger } from 'pino';
import { wantsColors } from '../text/colors.js';
import { isJournal, journalStream } from './journal-format.js';
import type { LogFormat } from './levels.js';

const STDERR = 2;

const require = createRequire(import.meta.url);

/**
 * Opens the log. Writes are synchronous, because the last line before an exit is the most important one. `now` gives the
 * time of the line in milliseconds since 1970.
 */
export function openPino(
  level: string,
  format: LogFormat,
  env: NodeJS.ProcessEnv,
  now: () => number,
): Logger {
  const { pino } = require('pino') as typeof import('pino');
  const base = { name: 'graceful-run', pid: process.pid };
  const timestamp = () => `,"time":"${new Date(now()).toISOString()}"`;
  return pino({ level, base, timestamp }, openStream(format, env));
}

function openStream(format: LogFormat, env: NodeJS.ProcessEnv): DestinationStream {
  switch (format) {
    case 'auto': {
      if (isatty(STDERR)) return openStream('pretty', env);
      return openStream(isJournal(STDERR, env) ? 'journal' : 'json', env);
    }
    case 'pretty':
      return prettyStream(env);
    case 'json':
      return jsonStream();
    case 'journal': {
      const stream = jsonStream();
      return journalStream((text) => void stream.write(text));
    }
    default:
      return format satisfies never;
  }
}

function jsonStream(): DestinationStream {
  const { destination } = require('pino') as typeof import('pino');
  const stream = destination({ dest: STDERR, sync: true });
  // The master must survive the end of the process that reads its log.
  stream.on('error', () => {});
  return stream;
}

function prettyStream(env: NodeJS.ProcessEnv): DestinationStream {
  const { PinoPretty } = require('pino-pretty') as typeof import('pino-pretty');
  const stream = PinoPretty({
    colorize: wantsColors(env, isatty(STDERR)),
    destination: STDERR,
    sync: true,
    ignore: 'pid,hostname,name,census,generation,worker,workerPid,reason,durationMs,status,event',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{msg}{if census} | {census}{end}',
  });
  stream.on('error', () => {});
  return stream;
}
