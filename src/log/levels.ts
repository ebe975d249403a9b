// The values of --log-level and --log-format, in a file of their own so that the command line does not load pino.
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ['auto', 'json', 'pretty', 'journal'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];
