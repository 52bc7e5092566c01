import { dirname } from '../../base/path.ts';
import { finish, type Steps } from '../../base/steps.ts';
import { callbackFindings } from '../../noinstr/callbackFindings.ts';
import { keyFindings } from '../../noinstr/keyFindings.ts';
import type { PlacedFinding } from '../../noinstr/place.ts';
import type { Unit } from '../../noinstr/unit.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { noinstrAsmFindings, vectorBranches, vectorTargets } from './asmFindings.ts';
import { describeNoinstr } from './describeNoinstr.ts';
import { grouped } from './grouped.ts';
import { dropNoinstrFile, keepNoinstrFile } from './noinstrFile.ts';
import { fileConcernsNoinstr, type OpenNoinstr, openingNoinstr } from './openNoinstr.ts';
import { toFindings } from './toFindings.ts';

/**
 * Findings of the noinstr rules in a `.c`, `.h` or `.S` file, in order of place. A finding may stand in another file,
 * where a shared helper makes it. Throws only `CancelledError`.
 */
export function noinstrFindings(ctx: FeatureContext, path: string, policy: Policy = 'context'): readonly Finding[] {
  return checkSource(ctx, path, policy, true).findings;
}

/** The same for a file that is open in an editor: its lenses, hovers and marks show what the check came to. */
export function checkShown(ctx: FeatureContext, path: string, policy: Policy): readonly Finding[] {
  return finish(checkingShown(ctx, path, policy));
}

/** The same in steps. */
export function* checkingShown(ctx: FeatureContext, path: string, policy: Policy): Steps<readonly Finding[]> {
  const { findings, open } = yield* checkingSource(ctx, path, policy, true);
  yield;
  const shown = open === null ? null : describeNoinstr(ctx, open, findings);
  if (shown === null) dropNoinstrFile(ctx.workspace, path);
  else keepNoinstrFile(ctx.workspace, shown);
  return findings;
}

/** Who else stores into a hook, and what takes the place of a weak function, is known once the whole tree was read. */
function needsWholeTree({ rule, severity, subject }: PlacedFinding, unit: Unit): boolean {
  if (rule === 'noinstr.indirect-call') return severity !== 'error';
  return unit.functionOf(subject)?.declared.attributes.some(({ name }) => name === 'weak') ?? false;
}

/** What a check of one source gave, and the files that it was read from. */
export interface CheckedSource {
  readonly findings: readonly Finding[];
  readonly files: readonly string[];
  readonly open: OpenNoinstr | null;
}

/** The findings of a file with what they depend on. `keep`: views of the file can use the analysis. Throws only `CancelledError`. */
export function checkSource(ctx: FeatureContext, path: string, policy: Policy, keep: boolean): CheckedSource {
  return finish(checkingSource(ctx, path, policy, keep));
}

/** The same in steps. What changes in between may be seen before or after the change. */
export function* checkingSource(
  ctx: FeatureContext,
  path: string,
  policy: Policy,
  keep: boolean,
): Steps<CheckedSource> {
  if (path.endsWith('.S')) return { findings: noinstrAsmFindings(ctx, path), files: [path], open: null };
  const concerns = (text: string, tree: KernelTree): boolean => {
    if (fileConcernsNoinstr(ctx.workspace, path, text)) return true;
    if (!path.endsWith('.c') || !path.startsWith(`${tree.root}/arch/arm64/`)) return false;
    // What the vectors branch to must be noinstr, whether the file knows of it or not.
    return [...vectorBranches(ctx, dirname(path), tree).keys()].some((name) =>
      new RegExp(`\\b${name}\\s*\\(`).test(text),
    );
  };
  const open = yield* openingNoinstr(ctx.workspace, path, policy, concerns, keep);
  if (open === null) return { findings: [], files: [path], open };
  const { analysis, knowledge, tree } = open;
  const { unit } = analysis;
  yield;
  const isPartial = nameIndexOf(ctx.workspace, tree).state === 'building';
  const sure = isPartial ? analysis.findings.filter((one) => !needsWholeTree(one, unit)) : analysis.findings;
  const placed = [...sure, ...keyFindings(analysis, knowledge)];
  yield;
  placed.push(...callbackFindings(path, unit.text, unit, knowledge));
  yield;
  const vectors = vectorTargets(ctx, unit, tree);
  const mustBeNoinstr = new Set(vectors.map((one) => one.caller));
  const told = placed.filter((one) => !missesAttribute.has(one.rule) || !mustBeNoinstr.has(one.caller));
  yield;
  return { findings: toFindings(ctx, grouped([...told, ...vectors])), files: unit.files, open };
}

/** Rules that say of a function's text that `noinstr` is missing: one finding at its name is enough. */
const missesAttribute: ReadonlySet<string> = new Set([
  'noinstr.context-switch-outside-noinstr',
  'noinstr.region-outside-noinstr',
]);
