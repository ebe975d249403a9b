// The log of the master: one line for each transition, on stderr. Lines are held back during the start, because loading
// pino takes a quarter of the start of Node, and the first worker must not wait for it.
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

interface HeldLine {
  readonly at: number;
  readonly method: MethodName;
  readonly fields: object;
  readonly text: string;
}

/** Lines are held back no longer than this. */
const MAX_HOLD_MS = 500;

export function createLog(level: LogLevel, format: LogFormat, env: NodeJS.ProcessEnv): Log {
  const held: HeldLine[] = [];
  let logger: ReturnType<typeof openPino> | null = null;
  let writtenAt: number | null = null;
  const timer = setTimeout(open, MAX_HOLD_MS).unref();

  function open(): void {
    if (logger) return;
    clearTimeout(timer);
    logger = openPino(level, format, env, () => writtenAt ?? Date.now());
    for (const { at, method, fields, text } of held.splice(0)) {
      writtenAt = at;
      logger[method](fields, text);
    }
    writtenAt = null;
  }

  const methodNamed = (method: MethodName): LogMethod => {
    return (first: object | string, second?: string) => {
      const [fields, text] = typeof first === 'string' ? [{}, first] : [first, second ?? ''];
      if (logger) return logger[method](fields, text);
      held.push({ at: Date.now(), method, fields, text });
      // The process may be about to end.
      if (method === 'error') open();
    };
  };

  return {
    debug: methodNamed('debug'),
    info: methodNamed('info'),
    warn: methodNamed('warn'),
    error: methodNamed('error'),
    isLevelEnabled: (asked) => LOG_LEVELS.indexOf(asked) >= LOG_LEVELS.indexOf(level),
    open,
  };
}
