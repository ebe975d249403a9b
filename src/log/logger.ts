// The master's own log: one line a transition, on stderr, written before what follows from it is done. But not at
// the start: to load the library takes as long as a quarter of a Node boot, and the first worker goes before.
import { LOG_LEVELS, type LogFormat, type LogLevel } from './levels.js';
import { assertInstalled, openLog } from './pino-logger.js';

/** Of pino, as far as it is used here. */
interface Method {
  (text: string): void;
  (fields: object, text: string): void;
}

export interface Log {
  readonly debug: Method;
  readonly info: Method;
  readonly warn: Method;
  readonly error: Method;
  isLevelEnabled(level: LogLevel): boolean;
  /** Writes what was kept back, and all else at once from now on. */
  open(): void;
}

/** What is kept back has waited no longer than that, in milliseconds. */
const LATEST = 500;

export function createLog(level: LogLevel, format: LogFormat): Log {
  type Word = 'debug' | 'info' | 'warn' | 'error';
  type Line = readonly [at: number, word: Word, fields: object, text: string];
  assertInstalled();
  const kept: Line[] = [];
  let logger: ReturnType<typeof openLog> | null = null;
  let writingAt: number | null = null;
  const timer = setTimeout(open, LATEST).unref();

  function open(): void {
    if (logger) return;
    clearTimeout(timer);
    logger = openLog(level, format, () => writingAt ?? Date.now());
    for (const [at, word, fields, text] of kept.splice(0)) {
      writingAt = at;
      logger[word](fields, text);
    }
    writingAt = null;
  }

  const method = (word: Word): Method => {
    return (first: object | string, second?: string) => {
      const [fields, text] = typeof first === 'string' ? [{}, first] : [first, second ?? ''];
      if (logger) return logger[word](fields, text);
      kept.push([Date.now(), word, fields, text]);
      // Whoever says that may be about to end.
      if (word === 'error') open();
    };
  };

  return {
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    isLevelEnabled: (asked) => LOG_LEVELS.indexOf(asked) >= LOG_LEVELS.indexOf(level),
    open,
  };
}
