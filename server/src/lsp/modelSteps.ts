import type { CancellationToken } from 'vscode-languageserver';
import { contextOfFunction } from '../features/noinstr/contextFunction.ts';
import { scenarioSteps, scenarioTable } from '../features/noinstr/contextTable.ts';
import { modelChoices } from '../features/noinstr/modelChoices.ts';
import { type StepTable, stepText } from '../features/noinstr/stepTable.ts';
import { trampolineSteps, trampolineTable } from '../features/noinstr/trampolineTable.ts';
import { displayIn, notOpen, policyOf } from './noinstrRequest.ts';
import type { ImageProblem, ModelSteps, ModelWish } from './protocol.ts';
import { type Answer, fileLookup, requestOn } from './requestWrapper.ts';
import type { ServerState } from './serverState.ts';
import { type FileLookup, toOffset, toRange } from './toProto.ts';

type Wish<M extends ModelWish['model']> = Extract<ModelWish, { readonly model: M }>;

type Made = { readonly table: StepTable; readonly paths: readonly string[]; readonly problem: null } | ImageProblem;

/** A model step by step, with places as the client spells them. */
export async function modelSteps(
  server: ServerState,
  wish: ModelWish,
  token: CancellationToken,
): Answer<ModelSteps | ImageProblem> {
  if (wish.model === 'trampolines') return answer(trampolines(wish), () => undefined);
  if (wish.model === 'context') return answer(scenario(wish), () => undefined);
  const request = { method: 'patchpoint/modelSteps', uri: wish.uri, token };
  await server.c.ready(server.host.toPath(wish.uri));
  return await requestOn<ModelSteps | ImageProblem>(server, request, notOpen, ({ ctx, path, ...file }) => {
    const from = modelChoices().starts.find((one) => one === wish.from) ?? null;
    const { tracking, path: nPath } = wish;
    const asked = { path, name: null, offset: toOffset(file, wish.position), from, tracking, nPath };
    const found = contextOfFunction(ctx, asked, policyOf(server, path));
    if (found.kind === 'none') return { problem: found.reason };
    const made = { table: found.table, paths: found.paths, problem: null };
    return answer(made, fileLookup(server), displayIn(server, path));
  });
}

function trampolines(wish: Wish<'trampolines'>): Made {
  const protocol = modelChoices().protocols.find((one) => one.name === wish.protocol)?.name ?? 'flag+frame';
  const { steps, scenario: number } = wish;
  const found = trampolineSteps(steps === null ? { scenario: number, protocol } : { steps, protocol });
  return 'problem' in found ? found : { table: trampolineTable(found), paths: [], problem: null };
}

function scenario(wish: Wish<'context'>): Made {
  const found = scenarioSteps(wish.scenario, wish.tracking);
  return 'problem' in found ? found : { table: scenarioTable(found), paths: [], problem: null };
}

function answer(made: Made, lookup: FileLookup, display?: (path: string) => string): ModelSteps | ImageProblem {
  if (made.problem !== null) return made;
  const { rows, ...table } = made.table;
  return {
    ...table,
    steps: rows.map(({ place, ...row }) => {
      const found = place === null ? undefined : lookup(place.path);
      const range = place === null ? null : { start: place.offset, end: place.offset + place.length };
      const at =
        found === undefined || range === null ? null : { uri: found.uri, range: toRange(found.file.lines, range) };
      return { ...row, place: at };
    }),
    text: stepText(made.table, display),
    paths: made.paths,
    problem: null,
  };
}
