// The log of the master: one line for each transition, on stderr. Lines are held back during the start, because loading
// pino takes a quarter of the start of Node, and the first worker must not wait for it.
import type { Logger } from 'pino';
import { LOG_LEVELS, type LogFormat, type LogLevel } from './levels.js';
import { openPino } from './pino-logger.js';

/** The methods of pino, as far as they are used here. */
interface LogMethod {
  (text: string): void;
  (fields: object, text: string): void;
}

type MethodName = 'debug' | 'info' | 'warn' | 'error';

export interface Log extends Readonly<Record<MethodName, LogMethod>> {
  isLevelEnabled(level: LogLevel): boolean;
  /** Writes the lines held back; from now on each line is written at once. */
  open(): void;
}

/** Lines are held back no longer than this. */
const MAX_HOLD_MS = 500;

export function createLog(level: LogLevel, format: LogFormat, env: NodeJS.ProcessEnv): Log {
  const held: ((logger: Logger) => void)[] = [];
  let logger: Logger | null = null;
  setTimeout(open, MAX_HOLD_MS).unref();

  function open(): void {
    logger ??= openPino(level, format, env);
    for (const write of held.splice(0)) write(logger);
  }

  const isLevelEnabled = (asked: LogLevel) =>
    LOG_LEVELS.indexOf(asked) >= LOG_LEVELS.indexOf(level);

  const methodNamed = (method: MethodName): LogMethod => {
    return (first: object | string, second?: string) => {
      if (!isLevelEnabled(method)) return;
      const [fields, text] = typeof first === 'string' ? [{}, first] : [first, second ?? ''];
      const line = { time: new Date().toISOString(), ...fields };
      held.push((to) => to[method](line, text));
      // After an error the process may be about to end.
      if (logger || method === 'error') open();
    };
  };

  return {
    debug: methodNamed('debug'),
    info: methodNamed('info'),
    warn: methodNamed('warn'),
    error: methodNamed('error'),
    isLevelEnabled,
    open,
  };
}
