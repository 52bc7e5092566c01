import type { RemoteConsole } from 'vscode-languageserver';
import type { Logger } from '../base/logger.ts';

type Data = Readonly<Record<string, unknown>>;

/** Most recent errors that are kept for a bug report. */
const keptErrors = 20;

export interface ConnectionLogger extends Logger {
  readonly lastErrors: () => readonly string[];
}

/** A logger that writes to the client's log channel, whose level the user sets there. */
export function createConnectionLogger(console: RemoteConsole): ConnectionLogger {
  const errors: string[] = [];
  const line = (message: string, data?: Data): string => (data ? `${message} ${JSON.stringify(data)}` : message);
  return {
    error: (message, data) => {
      errors.push(line(message, data));
      if (errors.length > keptErrors) errors.shift();
      console.error(line(message, data));
    },
    warn: (message, data) => console.warn(line(message, data)),
    info: (message, data) => console.info(line(message, data)),
    debug: (message, data) => console.debug(line(message, data)),
    lastErrors: () => errors,
  };
}
