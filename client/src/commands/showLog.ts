import type { App } from '../app.ts';

/** "Show Log": the output channel, whose level the user sets there. */
export function registerShowLog(app: App): void {
  app.command('patchpoint.showLog', () => app.log.show());
}
