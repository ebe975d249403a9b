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
 * Opens the log; the caller adds the time to each line. Writes are synchronous, because the last line before an exit is
 * the most important one.
 */
export function openPino(level: string, format: LogFormat, env: NodeJS.ProcessEnv): Logger {
  const { pino, destination } = require('pino') as typeof import('pino');
  const wanted = format === 'auto' ? detectFormat(env) : format;
  const stream =
    wanted === 'pretty' ? prettyStream(env) : destination({ dest: STDERR, sync: true });
  // The master must survive the end of the process that reads its log.
  stream.on('error', () => {});
  const lines: DestinationStream =
    wanted === 'journal' ? journalStream((text) => void stream.write(text)) : stream;
  const base = { name: 'graceful-run', pid: process.pid };
  return pino({ level, base, timestamp: false }, lines);
}

function detectFormat(env: NodeJS.ProcessEnv): LogFormat {
  if (isatty(STDERR)) return 'pretty';
  return isJournal(STDERR, env) ? 'journal' : 'json';
}

function prettyStream(env: NodeJS.ProcessEnv) {
  const { PinoPretty } = require('pino-pretty') as typeof import('pino-pretty');
  return PinoPretty({
    colorize: wantsColors(env, isatty(STDERR)),
    destination: STDERR,
    sync: true,
    ignore: 'pid,hostname,name,census,generation,worker,workerPid,reason,durationMs,status,event',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{msg}{if census} | {census}{end}',
  });
}
