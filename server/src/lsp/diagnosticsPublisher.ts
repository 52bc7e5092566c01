import type { Diagnostic } from 'vscode-languageserver';
import { ResponseError } from 'vscode-languageserver';
import { diagnostics } from '../features/diagnostics.ts';
import { forEachYielding } from './progress.ts';
import { fileLookup, runRequest } from './requestWrapper.ts';
import { type ServerState, uriOf } from './serverState.ts';
import { toDiagnostic } from './toProto.ts';

/** Quiet time after a keystroke before a document is checked again. */
const debounceMs = 200;

export interface DiagnosticsPublisher {
  /** Checks a document soon; `now` is for a document that was just opened. */
  readonly schedule: (path: string, when: 'now' | 'soon') => void;
  readonly scheduleAll: () => void;
  /** Removes what was published for a document. */
  readonly clear: (path: string) => void;
  readonly dispose: () => void;
}

/** Publishes the findings of open documents, each with the version that it was made from. */
export function createDiagnosticsPublisher(server: ServerState): DiagnosticsPublisher {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const publish = async (path: string): Promise<void> => {
    const version = server.documents.version(path);
    if (version === null) return;
    const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
    const found = await runRequest<readonly Diagnostic[]>(server, { method: 'diagnostics', path, token }, [], (ctx) => {
      if (!server.settings.value.diagnosticsEnabled) return [];
      return diagnostics(ctx, path)
        .filter((finding) => finding.path === path && !isDisabled(server, finding.rule))
        .flatMap((finding) => toDiagnostic(finding, fileLookup(server)) ?? []);
    });
    // Changed meanwhile: the change has scheduled the next check.
    if (found instanceof ResponseError || server.documents.version(path) !== version) return;
    await server.connection.sendDiagnostics({ uri: uriOf(server, path), version, diagnostics: [...found] });
  };

  const stop = (path: string): void => {
    clearTimeout(timers.get(path));
    timers.delete(path);
  };
  const schedule = (path: string, when: 'now' | 'soon'): void => {
    stop(path);
    const run = (): void => {
      timers.delete(path);
      publish(path).catch((error: unknown) =>
        server.logger.error('diagnostics failed', { path, error: String(error) }),
      );
    };
    timers.set(path, setTimeout(run, when === 'now' ? 0 : debounceMs));
  };
  return {
    schedule,
    scheduleAll: () => {
      const items = server.documents.paths();
      for (const path of items) stop(path);
      forEachYielding(server, { title: 'Patchpoint: checking open files', items }, publish).catch((error: unknown) =>
        server.logger.error('diagnostics failed', { error: String(error) }),
      );
    },
    clear: (path) => {
      stop(path);
      void server.connection.sendDiagnostics({ uri: uriOf(server, path), diagnostics: [] });
    },
    dispose: () => {
      for (const path of timers.keys()) stop(path);
    },
  };
}

function isDisabled(server: ServerState, rule: string): boolean {
  return server.settings.value.disabledRules.some((pattern) => rule === pattern || rule.startsWith(`${pattern}.`));
}
