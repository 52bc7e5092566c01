/** Where the engine says what it did. Passed in, never global; implementations decide where it goes. */
export interface Logger {
  error(message: string, data?: Readonly<Record<string, unknown>>): void;
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
}

const nothing = (): void => undefined;

export const silentLogger: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
