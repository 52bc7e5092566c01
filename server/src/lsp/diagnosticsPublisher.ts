import type { Diagnostic } from 'vscode-languageserver';
import { ResponseError } from 'vscode-languageserver';
import type { Steps } from '../base/steps.ts';
import { diagnosticsHere, type Finding } from '../features/diagnostics.ts';
import type { FeatureContext } from '../features/featureContext.ts';
import { dropNoinstrFile, noinstrFile } from '../features/noinstr/noinstrFile.ts';
import { checkingShown } from '../features/noinstr/noinstrFindings.ts';
import { warmUp, warmUpRounds } from '../features/warmUp.ts';
import { loadCost } from './costRequest.ts';
import { forEachYielding } from './progress.ts';
import { changed } from './refresh.ts';
import { fileLookup, runRequest } from './requestWrapper.ts';
import { isDisabledRule, ruleLink, ruleLinks } from './ruleLinks.ts';
import { type ServerState, settingsOf, uriOf } from './serverState.ts';
import { toDiagnostic } from './toProto.ts';

/** Quiet time after a keystroke before a document is checked again. */
const debounceMs = 200;

/** Pause between rounds of the warm-up, in which requests are answered. */
const warmUpPauseMs = 60;
const warmUpKey = '<warm-up>';

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
  const links = ruleLinks(server.host.rulesDocument);
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const publish = async (path: string): Promise<void> => {
    // Lenses, hints and hovers of a C file come first: they wait for the same analysis, and these findings take longer.
    await server.c.ready(path);
    const version = server.documents.version(path);
    if (version === null) return;
    const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
    const work = { method: 'diagnostics', path, token, when: 'shown' } as const;
    const found = await server.sliced.run<readonly Diagnostic[]>(work, [], function* (ctx) {
      if (!settingsOf(server, path).diagnosticsEnabled) return [];
      return [...diagnosticsHere(ctx, path), ...(yield* noinstrHere(server, ctx, path))]
        .filter((finding) => !isDisabledRule(settingsOf(server, path).disabledRules, finding.rule))
        .flatMap(
          (finding) =>
            toDiagnostic(finding, fileLookup(server), ruleLink(server.host.rulesDocument, links, finding.rule)) ?? [],
        );
    });
    // Changed meanwhile: the change has scheduled the next check.
    if (found instanceof ResponseError || server.documents.version(path) !== version) return;
    await server.connection.sendDiagnostics({ uri: uriOf(server, path), version, diagnostics: [...found] });
    // Lenses and marks of noinstr functions come out of the same analysis.
    if (noinstrFile(server.workspace, path) !== null) changed(server, { what: 'analysis' });
    if (warmUpsLeft === warmUpRounds) warmUpSoon(path);
  };

  let warmUpsLeft = warmUpRounds;
  /** Once in the server's life, in the pauses after the first document was checked. */
  const warmUpSoon = (path: string): void => {
    if (warmUpsLeft === 0) return;
    warmUpsLeft--;
    timers.set(
      warmUpKey,
      setTimeout(() => {
        const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
        warmUpCost(server, path)
          .then(
            async () =>
              await runRequest<null>(server, { method: 'warm-up', path, token }, null, (ctx) => {
                warmUp(ctx, path);
                return null;
              }),
          )
          .then(() => warmUpSoon(path))
          .catch((error: unknown) => server.logger.error('warm-up failed', { path, error: String(error) }));
      }, warmUpPauseMs),
    );
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

/** Findings on noinstr code that stand in the file itself: what its headers have is told there. */
function* noinstrHere(server: ServerState, ctx: FeatureContext, path: string): Steps<readonly Finding[]> {
  const { noinstrPolicy } = settingsOf(server, path);
  if (noinstrPolicy === 'off') {
    dropNoinstrFile(ctx.workspace, path);
    return [];
  }
  const findings = yield* checkingShown(ctx, path, noinstrPolicy);
  return findings.filter((finding) => finding.path === path);
}

/** The tables that the first hover or lens would wait for. */
async function warmUpCost(server: ServerState, path: string): Promise<void> {
  const { costHover, lensCost } = settingsOf(server, path);
  if (costHover !== 'off' || lensCost) await loadCost(server, path);
}
