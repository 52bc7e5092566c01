import type { CSite } from '../../kernel/c/cSite.ts';
import type { StreamInsn } from '../../kernel/patchSite.ts';
import { streamLine, streamSize } from '../streamText.ts';
import type { CFile } from './cFile.ts';
import { decides, linkedStream, otherStream } from './siteOutcome.ts';

/** What a site hangs on, in one word: the key, the cpucap, the static call. */
export function triggerLabel(site: CSite): string {
  if (site.jump !== null) return site.jump.key ?? 'key';
  if (site.alternative !== null) return site.alternative.cpucap.text;
  return site.staticCall?.call ?? site.construct;
}

/** A stream for a line of code: directives of the assembler left out, a branch to a label of the `asm` as `b`. */
export function streamLabel(site: CSite, stream: readonly StreamInsn[]): string {
  const answers = site.jump !== null || (site.alternative !== null && decides(site.alternative));
  if (answers && /^b\s/.test(stream[0]?.text ?? '')) return 'b';
  return streamLine(stream.filter((insn) => !insn.text.startsWith('.arch')));
}

/** Both states of a site in a few characters: `nop ⇄ b`, `4 insns ⇄ 1 insn`. */
export function bothLabel(site: CSite): string {
  const linked = linkedStream(site);
  if (site.staticCall !== null) return streamSize(linked);
  const other = otherStream(site);
  const callback = site.alternative?.callback ?? null;
  if (other === null) return `${size(site, linked)} ⇄ ${callback ?? 'not known'}`;
  return `${size(site, linked)} ⇄ ${size(site, other)}`;
}

function size(site: CSite, stream: readonly StreamInsn[]): string {
  const [only] = stream;
  if (stream.length === 1 && only !== undefined) {
    const label = streamLabel(site, stream);
    if (label.length <= 5) return label;
  }
  return streamSize(stream);
}

/** Macros and inline functions behind which a test is no longer what the line is about. */
const nearJump = 6;
const nearAlternative = 3;

/**
 * A site that the reader wrote as one, or that decides what runs: a test of a key or a cpucap, a static call, an `asm`
 * of this file. Sites of another function of the file, which is called there and told itself, sites deep in the helpers of headers (atomics, per-CPU data) and what is made for tracing and logging
 * are not: there is one in every other line.
 */
export function isTold(file: CFile, site: CSite): boolean {
  if (site.removed !== null || isOfCallee(file, site)) return false;
  if (site.jump !== null) return site.jump.owner === 'key' && site.chain.length <= nearJump;
  if (site.staticCall !== null) return site.chain.length <= nearAlternative;
  if (site.alternative !== null && decides(site.alternative)) return site.chain.length <= nearAlternative;
  return site.written.file === site.path && site.chain.every(({ file }) => file === site.path);
}

/** A test that the configuration removes and that the line is about. */
export function isToldRemoved(file: CFile, site: CSite): boolean {
  return site.removed !== null && site.chain.length <= nearAlternative && !isOfCallee(file, site);
}

/** A site of a function of the same file that is called at the place. */
export function isOfCallee(file: CFile, { chain }: CSite): boolean {
  const [first] = chain;
  return first !== undefined && chain.length > 1 && functionNames(file).has(first.name);
}

const names = new WeakMap<CFile['functions'], ReadonlySet<string>>();

function functionNames({ functions }: CFile): ReadonlySet<string> {
  const known = names.get(functions) ?? new Set(functions.map(({ name }) => name));
  names.set(functions, known);
  return known;
}
