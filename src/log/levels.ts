// The words of --log-level and --log-format, apart from the library behind them: reading a command line
// should not load a logger.
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogFormat = 'auto' | 'json' | 'pretty';
