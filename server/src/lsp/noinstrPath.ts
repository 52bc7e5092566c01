import { type CancellationToken, ResponseError } from 'vscode-languageserver';
import type { Finding } from '../features/diagnostics.ts';
import { type FindingPath, findingPath, pathText, stepWords } from '../features/noinstr/findingPath.ts';
import { functionReport } from '../features/noinstr/functionReport.ts';
import { noinstrFindings } from '../features/noinstr/noinstrFindings.ts';
import { displayIn, notOpen, policyOf } from './noinstrRequest.ts';
import type { ClientRequests, Position } from './protocol.ts';
import { type Answer, type DocumentAt, fileLookup, requestOn } from './requestWrapper.ts';
import type { ServerState } from './serverState.ts';
import { toOffset, toRange } from './toProto.ts';

interface Target {
  readonly uri: string;
  readonly position: Position;
  /** `null`: any finding on the line. */
  readonly rule: string | null;
}

type Text = { readonly title: string; readonly text: string } | { readonly problem: string };

/** How a finding of the noinstr rules comes about, with places as the client spells them. */
export async function noinstrPath(
  server: ServerState,
  target: Target,
  token: CancellationToken,
): Answer<ClientRequests['patchpoint/noinstrPath']['result']> {
  const found = await pathTo(server, target, token);
  if (found instanceof ResponseError || 'problem' in found) return found;
  const lookup = fileLookup(server);
  const { name, rule, message } = found;
  const steps = found.steps.flatMap(({ path, offset, length, level, text, after }) => {
    const place = lookup(path);
    if (place === undefined) return [];
    const range = toRange(place.file.lines, { start: offset, end: offset + length });
    return [{ text, description: stepWords(after), level, place: { uri: place.uri, range } }];
  });
  return { name, rule, message, steps, problem: null };
}

/** The same as text, for clients without a view of trees. */
export async function noinstrPathText(server: ServerState, target: Target, token: CancellationToken): Answer<Text> {
  const found = await pathTo(server, target, token);
  if (found instanceof ResponseError || 'problem' in found) return found;
  const text = `${found.message} [${found.rule}]\n\n${pathText(found, displayIn(server, server.host.toPath(target.uri)))}`;
  return { title: `path in ${found.name}`, text };
}

/** Everything that is known of the noinstr function at a position. */
export async function noinstrReport(
  server: ServerState,
  { uri, position }: Pick<Target, 'uri' | 'position'>,
  token: CancellationToken,
): Answer<Text> {
  const request = { method: 'patchpoint.server.noinstrReport', uri, token };
  return await requestOn<Text>(server, request, notOpen, ({ ctx, path, ...file }) => {
    const offset = toOffset(file, position);
    const report = functionReport(ctx, path, offset, policyOf(server, path), displayIn(server, path));
    return report ?? { problem: 'there is no noinstr function here' };
  });
}

async function pathTo(
  server: ServerState,
  target: Target,
  token: CancellationToken,
): Answer<FindingPath | { readonly problem: string }> {
  const request = { method: 'patchpoint/noinstrPath', uri: target.uri, token };
  return await requestOn<FindingPath | { readonly problem: string }>(server, request, notOpen, (at) =>
    find(server, at, target),
  );
}

function find(
  server: ServerState,
  { ctx, path }: DocumentAt,
  { position, rule }: Target,
): FindingPath | { readonly problem: string } {
  const policy = policyOf(server, path);
  const isIt = (one: Finding): boolean =>
    one.path === path && one.line === position.line + 1 && (rule === null || one.rule === rule);
  const findings = noinstrFindings(ctx, path, policy).filter(isIt);
  const exact = findings.filter((one) => one.column === position.character + 1);
  for (const finding of [...exact, ...findings]) {
    const found = findingPath(ctx, path, finding, policy);
    if (found !== null) return found;
  }
  return {
    problem:
      findings.length === 0
        ? 'there is no finding on noinstr code on this line'
        : 'this finding is no matter of a path: it is about a declaration, a key or a callback',
  };
}
