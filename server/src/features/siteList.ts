import { relativePath } from '../base/path.ts';
import { hexWord } from '../isa/hexWord.ts';
import type { ArmPlace } from '../kernel/c/cSite.ts';
import type { AlternativeSite, ChainFrame, StreamInsn } from '../kernel/patchSite.ts';
import { streamIn, streamWhenSet } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { constructConfig } from './constructText.ts';
import type { FeatureContext } from './featureContext.ts';
import { questionFor } from './siteStates.ts';

/** One instruction of a stream; `word` is 8 lower-case hexadecimal digits, `null` with `reason` where source cannot tell. */
export interface SiteInsn {
  readonly text: string;
  /** How it is written, where `text` is a bare `.inst`; else `null`. */
  readonly written: string | null;
  readonly word: string | null;
  readonly reason: string | null;
  /** `CALL26 symbol+0x0` when the linker completes the word. */
  readonly relocation: string | null;
  readonly origin: { readonly file: string; readonly line: number };
}

/** One object of `patchpoint sites`. */
export interface SiteRecord {
  readonly kind: 'alternative' | 'callback-alternative' | 'jump' | 'static-call' | 'ftrace';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly construct: string;
  readonly trigger: {
    /** Of alternatives; absent for the other kinds. */
    readonly cpucap?: string | null;
    /** `boot`: patched by apply_boot_alternatives; `system`: by apply_alternatives_all; `null` when the tree does not say. */
    readonly scope?: 'boot' | 'system' | null;
    readonly config?: string | null;
    readonly callback?: string | null;
    /** Of jumps: the key as the linker names it (`symbol+0xOFFSET`), as the source does, and what kind of object holds it. */
    readonly key?: string | null;
    readonly keyName?: string | null;
    readonly keyKind?: 'key' | 'tracepoint' | 'dynamic-debug' | 'lsm-hook';
    readonly branch?: 'likely' | 'unlikely' | null;
    readonly initial?: boolean | null;
    /** Of static calls: the function that the key holds as linked; `null` for none, or with `targetReason`. */
    readonly call?: string;
    readonly target?: string | null;
    readonly targetReason?: string | null;
  };
  readonly unpatched: readonly SiteInsn[];
  /** Stream once the cpucap is set, or in the chosen state; `null` with `patchedReason` when it is not known. */
  readonly patched: readonly SiteInsn[] | null;
  readonly patchedReason: string | null;
  /** Out-of-line sequence as linked, before the kernel's fix-up; empty for callbacks. */
  readonly replacement: readonly SiteInsn[];
  readonly evidence: 'source' | 'object';
  readonly chain: readonly ChainFrame[];
  readonly issues: readonly string[];
  /** Where the construct itself is written. */
  readonly written: { readonly file: string; readonly line: number; readonly endLine: number };
  /** Of C: the function around the site, and how many equal ones its place makes. */
  readonly function?: string;
  readonly count?: number;
  /** Of jumps: where the branch goes, and the blocks that the test chooses between. */
  readonly target?: {
    readonly label: string | null;
    readonly inLine: ArmPlace | null;
    readonly outOfLine: ArmPlace | null;
  };
  /** Inline functions on the way that the compiler may keep as functions of their own; the site is then in those. */
  readonly ifInlined?: readonly string[];
  /** Earlier function whose code the compiler takes for this one (`-fipa-icf`): listed in its line and at the function. */
  readonly foldedInto?: string;
  /** Why this configuration emits nothing for it. */
  readonly removed?: string;
  /** Object of the build, its section and the site's offset in it (`0x…`, `null` when unknowable). */
  readonly object: string | null;
  readonly section: string;
  readonly offset: string | null;
  /** Bytes of the record in `.altinstructions` and of the replacement out of line. */
  readonly bytes: { readonly inline: number | null; readonly record: number; readonly replacement: number | null };
}

/** Bytes of one `struct alt_instr`. */
export const recordBytes = 12;

export interface SiteListOptions {
  /** Sites in the bodies of the file's own macros, once each, instead of every expansion. */
  readonly definitions: boolean;
  /** Show `patched` as the context's machine state leaves it, not as it is once the cpucap is set. */
  readonly inState?: boolean;
  /** Object to list when the file becomes several (`nvhe`, or the object's path). */
  readonly object?: string | null;
}

/** Sites of one file in the order of the object's `.altinstructions`. Throws only `CancelledError`. */
export function siteRecords(ctx: FeatureContext, path: string, options: SiteListOptions): readonly SiteRecord[] {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation, options.object ?? null);
  if (analysis === null) return [];
  if (!options.definitions) return analysis.sites.map((site) => siteRecord(ctx, analysis, site, options));
  const own = analysis.sites.filter((site) => site.chain.length === 0 && site.written.file === analysis.path);
  const inMacros = analysis.openExpansions().flatMap(({ sites }) =>
    // The first step of the chain is the macro itself.
    sites.filter((site) => site.chain.length <= 1 && site.written.file === analysis.path),
  );
  return [...own, ...inMacros]
    .sort((left, right) => left.written.openLine - right.written.openLine)
    .map((site) =>
      siteRecord(
        ctx,
        analysis,
        { ...site, line: site.written.openLine, endLine: site.written.endLine, chain: [] },
        options,
      ),
    );
}

/** An instruction as records give it; `name` gives a path as results print it. */
export function siteInsn(one: StreamInsn, name: (file: string) => string): SiteInsn {
  return {
    text: one.text,
    written: one.written,
    word: one.word === null ? null : hexWord(one.word),
    reason: one.wordReason,
    relocation: one.relocation,
    origin: { file: name(one.file), line: one.line },
  };
}

function siteRecord(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  site: AlternativeSite,
  options: SiteListOptions,
): SiteRecord {
  const { tree } = analysis;
  const name = (file: string): string => (tree === null ? file : relativePath(tree.root, file));
  const meaning = site.cpucap.name === null ? null : (tree?.cpucapMeaning(site.cpucap.name).meaning ?? null);
  const scope =
    meaning === null || meaning.patchedBy === null
      ? null
      : meaning.patchedBy === 'apply_boot_alternatives'
        ? 'boot'
        : 'system';
  const stream = options.inState === true ? streamIn(site, questionFor(tree, ctx.state)) : streamWhenSet(site);
  const insn = (one: StreamInsn): SiteInsn => siteInsn(one, name);
  return {
    kind: site.kind,
    file: name(site.file),
    line: site.line,
    column: columnOf(ctx, site),
    endLine: site.endLine,
    construct: site.construct,
    trigger: {
      cpucap: site.cpucap.name ?? (site.cpucap.text === '' ? null : site.cpucap.text),
      scope,
      ...(site.kind === 'callback-alternative'
        ? { callback: site.callback }
        : { config: constructConfig(ctx.workspace, site) }),
    },
    unpatched: site.original.map(insn),
    patched: stream.known ? stream.insns.map(insn) : null,
    patchedReason: stream.known ? null : stream.reason,
    replacement: site.replacement.map(insn),
    evidence: 'source',
    chain: site.chain.map((frame) => ({ ...frame, file: name(frame.file) })),
    issues: [
      ...site.issues,
      ...site.conditions.map((condition) => `only when ${condition}`),
      ...(stream.known ? stream.notes : []),
    ],
    written: { file: name(site.written.file), line: site.written.openLine, endLine: site.written.endLine },
    object: analysis.context?.object ?? null,
    section: site.section,
    offset: site.offsetBytes === null ? null : `0x${site.offsetBytes.toString(16)}`,
    bytes: { inline: site.origLenBytes, record: recordBytes, replacement: site.altLenBytes },
  };
}

function columnOf(ctx: FeatureContext, site: AlternativeSite): number {
  const text = ctx.workspace.textOf(site.file);
  const lines = ctx.workspace.lineIndexOf(site.file);
  if (text === undefined || lines === undefined) return 1;
  const { start, end } = lines.lineRange(site.line, text);
  const content = text.slice(start, end);
  return content.length - content.trimStart().length + 1;
}
