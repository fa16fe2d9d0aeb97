import pino from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One event: a fixed message and its facts. Facts are serialised as JSON, so nothing a client sends breaks a line. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Lines of JSON on standard output. Written at once: what was logged before a crash is there after it. */
export function createLogger(): Log {
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ sync: true }));
  return (level, message, fields = {}) => logger[level](fields, message);
}
