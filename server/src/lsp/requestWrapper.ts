import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { CancelledError } from '../base/cancellation.ts';
import { noTracer } from '../base/tracer.ts';
import type { FeatureContext } from '../features/featureContext.ts';
import { featureContext, type ServerState, uriOf } from './serverState.ts';
import type { FileLookup, TextLines } from './toProto.ts';
import { untilLoaded } from './untilLoaded.ts';

/** A document as a request finds it. */
export interface DocumentAt extends TextLines {
  readonly ctx: FeatureContext;
  readonly path: string;
  /** As the client spells it. */
  readonly uri: string;
}

/** What a handler gives to `vscode-languageserver`; an error there is an answer, not an exception. */
export type Answer<R> = Promise<R | ResponseError<void>>;

/**
 * Runs one request: lets cancellations in first, measures, catches, logs, and answers with `empty` when the
 * work failed, so that one broken feature stops neither the others nor the server. An answer for a document
 * that changed meanwhile is dropped with `ContentModified`.
 */
export async function runRequest<R>(
  server: ServerState,
  request: { readonly method: string; readonly path: string | null; readonly token: CancellationToken },
  empty: R,
  work: (ctx: FeatureContext) => R,
): Answer<R> {
  const { method, path, token } = request;
  const tracer = server.host.tracer ?? noTracer;
  const startedMs = server.host.nowMs();
  const version = path === null ? null : server.documents.version(path);
  const stale = (): boolean => path !== null && server.documents.version(path) !== version;
  const log = (outcome: string): void =>
    server.logger.debug(`${method} ${outcome}`, {
      ...(path === null ? {} : { path, version }),
      ms: Math.round((server.host.nowMs() - startedMs) * 10) / 10,
    });
  const answered = server.sliced.requested();
  try {
    await server.host.pause();
    let result = empty;
    await untilLoaded(server, () => {
      if (token.isCancellationRequested) throw new CancelledError();
      if (stale()) return false;
      result = tracer.span(method, () => work(featureContext(server, path, token)));
      return true;
    });
    if (stale()) {
      log('dropped, the document has changed');
      return new ResponseError(LSPErrorCodes.ContentModified, 'the document has changed');
    }
    log('done');
    return result;
  } catch (error) {
    if (error instanceof CancelledError) {
      log('cancelled');
      return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    }
    server.logger.error(`${method} failed`, {
      path,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    return empty;
  } finally {
    answered();
  }
}

/** The handler of a request on one document; a document that is none of ours gets `empty`. */
export function documentRequest<P extends { readonly textDocument: { readonly uri: string } }, R>(
  server: ServerState,
  method: string,
  empty: R,
  work: (document: DocumentAt, params: P) => R,
): (params: P, token: CancellationToken) => Answer<R> {
  return async (params, token) =>
    await requestOn(server, { method, uri: params.textDocument.uri, token }, empty, (document) =>
      work(document, params),
    );
}

/** The same for a document that is named elsewhere in the parameters. */
export async function requestOn<R>(
  server: ServerState,
  request: { readonly method: string; readonly uri: string; readonly token: CancellationToken },
  empty: R,
  work: (document: DocumentAt) => R,
): Answer<R> {
  const { method, uri, token } = request;
  const path = server.host.toPath(uri);
  if (path === null) return empty;
  server.lastUri = uri;
  return await runRequest(server, { method, path, token }, empty, (ctx) => {
    const file = textLines(server, path);
    return file ? work({ ...file, ctx, path, uri }) : empty;
  });
}

/** Text and lines of a file, from the editor or from disk. */
function textLines(server: ServerState, path: string): TextLines | undefined {
  const text = server.workspace.textOf(path);
  const lines = server.workspace.lineIndexOf(path);
  return text === undefined || lines === undefined ? undefined : { text, lines };
}

export function fileLookup(server: ServerState): FileLookup {
  return (path) => {
    const file = textLines(server, path);
    return file && { uri: uriOf(server, path), file };
  };
}
