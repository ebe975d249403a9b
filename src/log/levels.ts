// The words of --log-level and --log-format, apart from the library behind them: reading a command line
// should not load a logger.
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ['auto', 'json', 'pretty', 'journal'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
