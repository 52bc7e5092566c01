import { dirname } from '../../base/path.ts';
import { type AsmBranch, asmBranches } from '../../noinstr/asmTargets.ts';
import { type CallbackUse, callbackFindings } from '../../noinstr/callbackFindings.ts';
import { noinstrSections } from '../../noinstr/classes.ts';
import type { PlacedFinding } from '../../noinstr/place.ts';
import { openTreeKnowledge, type TreeKnowledge } from '../../noinstr/treeKnowledge.ts';
import { outermostPlace, type Unit } from '../../noinstr/unit.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { NameDefinition } from '../../project/nameIndex.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { toFindings } from './toFindings.ts';

/** Findings in a `.S` file: branches out of protected sections, and callbacks. Throws only `CancelledError`. */
export function noinstrAsmFindings(ctx: FeatureContext, path: string): readonly Finding[] {
  const { workspace } = ctx;
  if (!asmConcernsNoinstr(ctx, path)) return [];
  const text = workspace.textOf(path);
  const analysis = workspace.assembly(path, ctx.cancellation);
  const tree = analysis?.tree ?? null;
  if (analysis === null || tree === null || text === undefined) return [];
  const index = nameIndexOf(workspace, tree);
  const knowledge = openTreeKnowledge(tree, index, (file) => workspace.textOf(file) ?? tree.virtualFile(file));
  const findings: PlacedFinding[] = [...callbackFindings(path, text, null, knowledge, madeUses(ctx, analysis))];
  for (const branch of asmBranches(analysis)) {
    const { section, targetSection } = branch;
    if (!knowledge.sections.has(section) || (targetSection !== null && knowledge.sections.has(targetSection))) continue;
    findings.push(...branchFindings(ctx, branch, knowledge));
  }
  return toFindings(ctx, findings);
}

/** Whether an assembly source has code in a protected section, or text that a callback patches. */
export function asmConcernsNoinstr(ctx: FeatureContext, path: string): boolean {
  if (!path.endsWith('.S') || path.includes('/nvhe/')) return false;
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null || analysis.tree === null) return false;
  const sections = noinstrSections(analysis.tree);
  return (
    analysis.sites.some((site) => site.callback !== null) ||
    asmBranches(analysis).some((branch) => sections.has(branch.section))
  );
}

/** Callbacks of the alternatives that a file's macros make, where the outermost of them is used. */
function madeUses(ctx: FeatureContext, { sites }: AssemblyAnalysis): CallbackUse[] {
  return sites.flatMap(({ callback, file, line }) => {
    const lines = ctx.workspace.lineIndexOf(file);
    const text = ctx.workspace.textOf(file);
    if (callback === null || !/^\w+$/.test(callback) || lines === undefined || text === undefined) return [];
    const { start, end } = lines.lineRange(line, text);
    const written = text.slice(start, end).indexOf(callback);
    const blanks = text.slice(start, end).search(/\S/);
    return [{ name: callback, path: file, offset: start + Math.max(0, written < 0 ? blanks : written) }];
  });
}

function branchFindings(ctx: FeatureContext, branch: AsmBranch, knowledge: TreeKnowledge): PlacedFinding[] {
  const outside = knowledge.functionNamed(branch.target);
  if (outside === null || outside.class === 'noinstr' || outside.file === null) return [];
  const isAssembly = outside.class === 'assembly';
  if (isAssembly && isProbeFree(branch.target, knowledge.textOf(outside.file))) return [];
  const lines = ctx.workspace.lineIndexOf(branch.file);
  const text = ctx.workspace.textOf(branch.file);
  const definition = knowledge.definitionOf(branch.target) ?? symbolOf(branch.target, knowledge);
  if (lines === undefined || text === undefined || definition === null) return [];
  const start = lines.lineStart(branch.line);
  const { end } = lines.lineRange(branch.line, text);
  const content = text.slice(start, end);
  const at = Math.max(0, content.indexOf(branch.target));
  const word = content.includes(branch.target) ? branch.target.length : content.trimEnd().length;
  const place = { file: branch.file, offset: start + at, length: Math.max(1, word) };
  const target = { file: definition.path, offset: definition.offset, length: definition.length };
  const about = { caller: branch.target, subject: branch.target, replacement: null, finding: null };
  if (isAssembly) {
    return [
      {
        ...place,
        ...about,
        rule: 'noinstr.asm-calls-instrumentable',
        severity: 'information',
        message: `noinstr assembly branches to ${branch.target}, assembly in ordinary text that can be probed; say NOKPROBE(${branch.target}) there, or move it`,
        related: [{ ...target, message: `${branch.target} is defined here` }],
      },
    ];
  }
  if (branch.section === '.entry.text') {
    return [
      {
        ...target,
        ...about,
        rule: 'noinstr.vector-target-instrumentable',
        severity: 'error',
        message: vectorText(branch.target, branch),
        related: [{ ...place, message: 'called here' }],
      },
    ];
  }
  return [
    {
      ...place,
      ...about,
      rule: 'noinstr.asm-calls-instrumentable',
      severity: 'error',
      message: `noinstr assembly branches to ${branch.target}(), which can be instrumented; make it noinstr`,
      related: [{ ...target, message: `${branch.target} is defined here` }],
    },
  ];
}

/** The definition of a symbol of assembly. */
function symbolOf(name: string, knowledge: TreeKnowledge): NameDefinition | null {
  return knowledge.index?.definitionsOf(name).find((one) => one.kind === 'asm-symbol') ?? null;
}

/** The file of a symbol keeps probes away from it: `NOKPROBE()` of `asm/assembler.h`. */
function isProbeFree(name: string, text: string | undefined): boolean {
  return text === undefined || new RegExp(`\\b(NOKPROBE|_ASM_NOKPROBE)\\(\\s*${name}\\s*\\)`).test(text);
}

interface KnownVectors {
  readonly changes: number;
  readonly indexVersion: number;
  readonly branches: ReadonlyMap<string, AsmBranch>;
}

const known = new WeakMap<KernelTree, Map<string, KnownVectors>>();

/** Branches out of the vectors by target: from the sources of a folder and from those of arm64 that the index has. */
export function vectorBranches(ctx: FeatureContext, folder: string, tree: KernelTree): ReadonlyMap<string, AsmBranch> {
  const { changes } = ctx.workspace;
  const index = nameIndexOf(ctx.workspace, tree);
  const indexVersion = index.version;
  let byFolder = known.get(tree);
  if (byFolder === undefined) {
    byFolder = new Map();
    known.set(tree, byFolder);
  }
  const before = byFolder.get(folder);
  if (before?.changes === changes && before.indexVersion === indexVersion) return before.branches;
  const branches = new Map<string, AsmBranch>();
  const listed = [folder, `${tree.root}/arch/arm64/kernel`].flatMap((one) => vectorFiles(ctx, one, tree));
  const native = index.paths.filter((path) => path.startsWith(`${tree.root}/arch/arm64/`) && hasVectors(ctx, path));
  for (const path of new Set([...listed, ...native])) {
    for (const branch of branchesOf(ctx, path)) if (!branches.has(branch.target)) branches.set(branch.target, branch);
  }
  byFolder.set(folder, { changes, indexVersion, branches });
  return branches;
}

function branchesOf(ctx: FeatureContext, path: string): readonly AsmBranch[] {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return [];
  return asmBranches(analysis).filter((branch) => branch.section === '.entry.text');
}

/** C functions of a unit that the vectors branch to and that are not noinstr: the same finding, from the other side. */
export function vectorTargets(ctx: FeatureContext, unit: Unit, tree: KernelTree): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  // Another architecture's functions may have the same names.
  if (/^arch\/(?!arm64\/)/.test(unit.path.slice(tree.root.length + 1))) return findings;
  for (const [target, branch] of vectorBranches(ctx, dirname(unit.path), tree)) {
    const fn = unit.functionOf(target);
    if (fn === null || fn.class === 'noinstr' || fn.declared.isStatic || !unit.isOwn(fn.nameToken)) continue;
    const { file, offset } = outermostPlace(fn.nameToken);
    const lines = ctx.workspace.lineIndexOf(branch.file);
    const call = lines === undefined ? [] : [{ file: branch.file, offset: lines.lineStart(branch.line), length: 1 }];
    findings.push({
      file,
      offset,
      length: target.length,
      rule: 'noinstr.vector-target-instrumentable',
      severity: 'error',
      message: vectorText(target, branch),
      caller: target,
      subject: target,
      related: call.map((place) => ({ ...place, message: 'called here' })),
      replacement: null,
      finding: null,
    });
  }
  return findings;
}

function vectorText(target: string, branch: AsmBranch): string {
  const file = branch.file.slice(branch.file.lastIndexOf('/') + 1);
  return `${target} is called from the exception vectors (${file}:${branch.line}) and must be noinstr`;
}

/** Sources of a folder with code in the section of the vectors. */
function vectorFiles(ctx: FeatureContext, folder: string, tree: KernelTree): string[] {
  return tree.files
    .list(folder)
    .filter(({ kind }) => kind === 'file')
    .map(({ name }) => `${folder}/${name}`)
    .filter((path) => hasVectors(ctx, path));
}

function hasVectors(ctx: FeatureContext, path: string): boolean {
  if (!path.endsWith('.S') || path.endsWith('.lds.S') || path.includes('/nvhe/')) return false;
  return /entry\.text/.test(ctx.workspace.textOf(path) ?? '');
}
