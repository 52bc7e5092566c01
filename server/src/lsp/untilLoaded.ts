import type { ServerState } from './serverState.ts';

/** Rounds of loading files after which a host that cannot read synchronously gives up. */
const maxLoadRounds = 200;

/**
 * Runs `step` until no file that it asked for is missing: once where files are always at hand, else again after each
 * loading, one caller after the other. `step` gives false to end early.
 */
export async function untilLoaded(server: ServerState, step: () => boolean): Promise<void> {
  const rounds = async (): Promise<void> => {
    for (let round = 0; step(); round++) {
      const loaded = round < maxLoadRounds ? await server.host.loadWanted?.() : undefined;
      if (loaded === undefined || loaded.length === 0) return;
      server.workspace.invalidate(loaded);
    }
  };
  await (server.host.inTurn?.(rounds) ?? rounds());
}
