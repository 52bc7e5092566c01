import { neverCancelled } from '../../base/cancellation.ts';
import { dirname } from '../../base/path.ts';
import { finish, type Steps } from '../../base/steps.ts';
import { analyzingUnit, type NoinstrAnalysis } from '../../noinstr/analysis.ts';
import { isNamedCall } from '../../noinstr/calls.ts';
import { findHookTargets } from '../../noinstr/hooks/hookTargets.ts';
import { kernelWordsOf } from '../../noinstr/kernelWords.ts';
import { type Callee, resolveCallee } from '../../noinstr/resolve.ts';
import { driverFiles } from '../../noinstr/treeFiles.ts';
import { openTreeKnowledge, type TreeKnowledge } from '../../noinstr/treeKnowledge.ts';
import { openUnit, outermostPlace } from '../../noinstr/unit.ts';
import { type KeptHeaders, readingItems } from '../../noinstr/unitItems.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { completeIndex, ensureFiles, nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { NameIndex } from '../../project/nameIndex.ts';
import type { UnitReading } from '../../project/translationUnit.ts';
import type { Workspace } from '../../project/workspace.ts';
import { concernsThroughHeaders } from './headerWords.ts';

/** An analysis of a C file with what it was looked up in. */
export interface OpenNoinstr {
  readonly analysis: NoinstrAnalysis;
  readonly knowledge: TreeKnowledge;
  readonly tree: KernelTree;
}

interface Kept {
  readonly open: OpenNoinstr | null;
  readonly changes: number;
  readonly indexVersion: number;
  readonly policy: Policy;
}

const kept = new WeakMap<Workspace, Map<string, Kept>>();
const maxKept = 2;

/**
 * Words by which a file can concern these rules: it declares protected functions, marks regions, switches the context
 * or patches by callback. Without one of them a file is not read.
 */
const concerningWords =
  /\bnoinstr\b|\b__noinstr_section\b|\b__cpuidle\b|noinstr\.text|entry\.text|cpuidle\.text|\binstrumentation_(begin|end)\b|\b(user|ct_user|exception)_(enter|exit)\w*\b|\bct_(irq|nmi|idle|cpuidle)_(enter|exit)\b|\brcu_(idle|irq|nmi)_(enter|exit)\b|\bguest_(state|context)_(enter|exit)_irqoff\b|\bcontext_tracking_guest_(enter|exit)\b|\bALTERNATIVE_CB\b|\bstruct alt_instr\b|\bschedule_user\b/;

/** Whether a text has one of these words. */
export function concernsNoinstr(text: string): boolean {
  return concerningWords.test(text);
}

/** Whether a file holds such a word, or a name of a header that it includes for one. */
export function fileConcernsNoinstr(workspace: Workspace, path: string, text: string): boolean {
  if (concernsNoinstr(text)) return true;
  const tree = path.endsWith('.c') ? workspace.treeFor(path) : null;
  return tree !== null && concernsThroughHeaders(workspace, tree, path, text, concernsNoinstr);
}

/**
 * The analysis of a `.c` file or header that concerns code which must not be instrumented; `null` for any other.
 * Kept for the files looked at last, until something changes, unless `keep` says no. Throws only `CancelledError`.
 */
export function openNoinstr(
  workspace: Workspace,
  path: string,
  policy: Policy,
  concerns: (text: string, tree: KernelTree) => boolean = concernsNoinstr,
  keep = true,
): OpenNoinstr | null {
  return finish(openingNoinstr(workspace, path, policy, concerns, keep));
}

/** The same in steps. What changes in between may be seen before or after the change; nothing is kept then. */
export function* openingNoinstr(
  workspace: Workspace,
  path: string,
  policy: Policy,
  concerns: (text: string, tree: KernelTree) => boolean = concernsNoinstr,
  keep = true,
): Steps<OpenNoinstr | null> {
  const text = workspace.textOf(path);
  const tree = workspace.treeFor(path);
  if (text === undefined || tree === null || !/\.[ch]$/.test(path) || !concerns(text, tree)) return null;
  if (isElsewhere(tree, path)) return null;
  const index = nameIndexOf(workspace, tree);
  const { changes } = workspace;
  let known = kept.get(workspace);
  if (known === undefined) {
    known = new Map();
    kept.set(workspace, known);
  }
  const before = known.get(path);
  if (before?.changes === changes && before.indexVersion === index.version && before.policy === policy) {
    return before.open;
  }
  if (!keep) return yield* analyzing(workspace, tree, path, policy, 'once');
  known.delete(path);
  const open = yield* analyzing(workspace, tree, path, policy, 'again');
  known.set(path, { open, changes, indexVersion: index.version, policy });
  if (known.size > maxKept) {
    const oldest = known.keys().next().value;
    if (oldest !== undefined) known.delete(oldest);
  }
  return open;
}

/** The analysis of a file that was made last, when nothing has changed since; never makes one. */
export function keptNoinstr(workspace: Workspace, path: string): OpenNoinstr | null {
  const before = kept.get(workspace)?.get(path);
  return before?.changes === workspace.changes ? before.open : null;
}

/** What a name means that a file calls. */
export function calleeNamed({ analysis, knowledge }: OpenNoinstr, name: string): Callee {
  return resolveCallee(name, analysis.unit, knowledge, (section) => knowledge.sections.has(section));
}

/** Reads the names of the tree to the end, those of drivers with noinstr functions among them. */
export function prepareNames(workspace: Workspace, tree: KernelTree): NameIndex {
  const index = nameIndexOf(workspace, tree);
  if (index.state === 'ready') return index;
  ensureFiles(workspace, tree, driverFiles(tree));
  return completeIndex(workspace, tree, neverCancelled);
}

/** The hypervisor's own text, and programs beside the kernel: no RCU and no tracing there. */
function isElsewhere(tree: KernelTree, path: string): boolean {
  return /\/nvhe\/|^(tools|scripts|samples|Documentation)\//.test(path.slice(tree.root.length + 1));
}

const maxSiblings = 300;

/** Sources beside a file: what it calls is often there, in a folder of a driver that no index holds. */
function siblings(tree: KernelTree, path: string): string[] {
  const folder = dirname(path);
  return tree.files
    .list(folder)
    .filter(({ name, kind }) => kind === 'file' && /\.[chS]$/.test(name))
    .slice(0, maxSiblings)
    .map(({ name }) => `${folder}/${name}`);
}

/** Declarations of included files, for the files that are read again and again. */
const keptHeaders = new WeakMap<Workspace, Map<string, KeptHeaders>>();

function headersFor(workspace: Workspace, path: string): KeptHeaders {
  let known = keptHeaders.get(workspace);
  if (known === undefined) {
    known = new Map();
    keptHeaders.set(workspace, known);
  }
  const headers = known.get(path) ?? { items: null };
  known.delete(path);
  known.set(path, headers);
  const oldest = known.keys().next().value;
  if (known.size > maxKept && oldest !== undefined) known.delete(oldest);
  return headers;
}

function* analyzing(
  workspace: Workspace,
  tree: KernelTree,
  path: string,
  policy: Policy,
  reading: UnitReading,
): Steps<OpenNoinstr | null> {
  const unit = yield* workspace.readingUnit(path, null, reading);
  if (unit === null) return null;
  const textOf = (file: string): string | undefined => workspace.textOf(file) ?? tree.virtualFile(file);
  const index = ensureFiles(workspace, tree, siblings(tree, path));
  const knowledge = openTreeKnowledge(tree, index, textOf);
  const words = kernelWordsOf((inTree) => textOf(`${tree.root}/${inTree}`));
  const headers = reading === 'again' ? headersFor(workspace, path) : null;
  const items = yield* readingItems(unit.cpp.lines, headers);
  const opened = openUnit(path, unit.text, unit.cpp, knowledge.sections, isNamedCall, words, items);
  const analysis = yield* analyzingUnit({
    unit: opened,
    policy,
    outside: knowledge,
    texts: {
      textOf,
      lineOf: (token) => {
        const { file, offset } = outermostPlace(token);
        return workspace.lineIndexOf(file)?.lineAt(offset) ?? null;
      },
    },
    isNoinstrSection: (section) => knowledge.sections.has(section),
    isNokprobe: (name) => knowledge.isNokprobe(name, unit.text),
    hookTargets: (op, fn, via) => findHookTargets(op, fn, via, knowledge),
  });
  return { analysis, knowledge, tree };
}
