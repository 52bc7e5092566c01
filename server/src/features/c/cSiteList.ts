import { relativePath } from '../../base/path.ts';
import type { CSite } from '../../kernel/c/cSite.ts';
import type { StreamInsn } from '../../kernel/patchSite.ts';
import { streamWhenSet } from '../../patch/patchedStream.ts';
import type { CUnit } from '../../project/cUnit.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { FeatureContext } from '../featureContext.ts';
import { recordBytes, type SiteInsn, type SiteRecord, siteInsn } from '../siteList.ts';
import { cSitesOf } from './cSites.ts';
import { linkedStream, type StateQuestion, siteOutcome } from './siteOutcome.ts';
import { stateQuestion } from './stateQuestion.ts';

export interface CSiteListOptions {
  /** Show `patched` as the context's machine state leaves it, not as the other state of the site. */
  readonly inState: boolean;
  /** Object to list when the file becomes several (`nvhe`, or the object's path). */
  readonly object: string | null;
  /** Sites too that this configuration removes. */
  readonly removed: boolean;
}

const freeRegisters = 'x0 and x1 stand for registers that the compiler chooses; nothing here is ever patched';

/** Bytes of one `struct jump_entry` (include/linux/jump_label.h with HAVE_ARCH_JUMP_LABEL_RELATIVE). */
const jumpEntryBytes = 16;

/**
 * Records of the patch sites of a C file or header in source order; empty for files that hold no C. Sites that this
 * configuration emits more than once for a place are one record with their number. Throws only `CancelledError`.
 */
export function cSiteRecords(ctx: FeatureContext, path: string, options: CSiteListOptions): readonly SiteRecord[] {
  const unit = ctx.workspace.cUnit(path, ctx.cancellation, options.object);
  if (unit === null) return [];
  const question = options.inState ? stateQuestion(ctx, unit) : null;
  return cSitesOf(ctx, path, options.object)
    .filter((site) => site.removed === null || options.removed)
    .flatMap((site) => (site.foldedInto === undefined ? [site] : [site, atFunction(site, unit)]))
    .map((site) => record(site, unit.tree, site.object ?? unit.context?.object ?? null, question));
}

function record(
  site: CSite,
  tree: KernelTree | null,
  object: string | null,
  question: StateQuestion | null,
): SiteRecord {
  const name = (file: string): string => (tree === null ? file : relativePath(tree.root, file));
  const insn = (one: StreamInsn): SiteInsn => siteInsn(one, name);
  const patched = patchedStream(site, question);
  const { alternative, jump } = site;
  return {
    kind: site.kind,
    file: name(site.path),
    line: site.line,
    column: site.column,
    endLine: site.endLine,
    construct: site.construct,
    trigger: triggerOf(site, tree),
    unpatched: linkedStream(site).map(insn),
    patched: patched.insns?.map(insn) ?? null,
    patchedReason: patched.reason,
    replacement: alternative?.replacement.map(insn) ?? [],
    evidence: 'source',
    chain: site.chain.map((frame) => ({ ...frame, file: name(frame.file) })),
    issues: [...site.issues, ...(jump?.reason ? [jump.reason] : []), ...(site.staticCall ? [freeRegisters] : [])],
    written: { file: name(site.written.file), line: site.written.line, endLine: site.written.line },
    function: site.functionName,
    count: site.count,
    ...(jump === null ? {} : { target: { label: jump.label, inLine: jump.inLine, outOfLine: jump.outOfLine } }),
    ...(site.ifInlined === undefined ? {} : { ifInlined: site.ifInlined }),
    ...(site.foldedInto === undefined ? {} : { foldedInto: site.foldedInto }),
    ...(site.removed === null ? {} : { removed: site.removed }),
    object: site.object ?? object,
    section: site.section,
    offset: null,
    bytes: bytesOf(site),
  };
}

/**
 * A site of a function whose code the compiler takes from an earlier one. What is left of the function has its own
 * line, and so have the instructions of the site in debug information.
 */
function atFunction(site: CSite, { functions }: CUnit): CSite {
  const fn = functions.find(({ name }) => name === site.functionName);
  return fn === undefined ? site : { ...site, range: fn.nameRange, line: fn.line, column: 1, endLine: fn.line };
}

function patchedStream(
  site: CSite,
  question: StateQuestion | null,
): { readonly insns: readonly StreamInsn[] | null; readonly reason: string | null } {
  if (question !== null) {
    const { stream, reason } = siteOutcome(site, question);
    return { insns: stream, reason: stream === null ? reason : null };
  }
  if (site.alternative !== null) {
    const stream = streamWhenSet(site.alternative);
    return stream.known ? { insns: stream.insns, reason: null } : { insns: null, reason: stream.reason };
  }
  if (site.jump !== null) return { insns: [site.jump.patched], reason: null };
  return { insns: linkedStream(site), reason: null };
}

function triggerOf(site: CSite, tree: KernelTree | null): SiteRecord['trigger'] {
  const { alternative, jump, staticCall } = site;
  if (jump !== null) {
    const branch = jump.branch === null ? null : jump.branch ? 'likely' : 'unlikely';
    return { key: jump.symbol ?? jump.key, keyName: jump.key, branch, initial: jump.initial, keyKind: jump.owner };
  }
  if (staticCall !== null) {
    return { call: staticCall.call, target: staticCall.target, targetReason: staticCall.targetReason };
  }
  if (alternative === null) return {};
  const { name, text } = alternative.cpucap;
  const meaning = name === null ? null : (tree?.cpucapMeaning(name).meaning ?? null);
  const by = meaning?.patchedBy ?? null;
  return {
    cpucap: name ?? (text === '' ? null : text),
    scope: by === null ? null : by === 'apply_boot_alternatives' ? 'boot' : 'system',
    ...(site.kind === 'callback-alternative' ? { callback: alternative.callback } : { config: null }),
  };
}

function bytesOf({ alternative, jump }: CSite): SiteRecord['bytes'] {
  if (alternative !== null) {
    return { inline: alternative.origLenBytes, record: recordBytes, replacement: alternative.altLenBytes };
  }
  return jump === null
    ? { inline: null, record: 0, replacement: null }
    : { inline: 4, record: jumpEntryBytes, replacement: 0 };
}
