import type { KernelTree } from '../project/kernelTree.ts';

/** What can happen inside a function. Everything but `noinstr` and `always-inline` can be instrumented. */
export type FunctionClass =
  /** In a section of the noinstr range: neither traced nor probed nor sanitized. */
  | 'noinstr'
  /** Part of its caller, with the caller's class. */
  | 'always-inline'
  /** May be part of its caller or a function of its own in ordinary text. */
  | 'inline'
  /** Assembly in ordinary text: no trace site, no sanitizer code. */
  | 'assembly'
  | 'plain';

/** Sections that a tree links into the ranges which no tracer, probe or sanitizer touches. */
export interface NoinstrSections {
  has(section: string): boolean;
  readonly names: readonly string[];
}

const known = new WeakMap<KernelTree, NoinstrSections>();
const always: readonly string[] = ['.noinstr.text', '.entry.text', '.entry.tramp.text'];

/**
 * Sections of a tree's noinstr range. Read from `include/asm-generic/vmlinux.lds.h:NOINSTR_TEXT`, between
 * `__noinstr_text_start` and `__noinstr_text_end` (6.1 has `.noinstr.text` alone there, 6.12 `.cpuidle.text` too);
 * `.entry.text` counts everywhere (`arch_populate_kprobe_blacklist`). Without a tree: 6.12's.
 */
export function noinstrSections(tree: KernelTree | null): NoinstrSections {
  if (tree === null) return sectionsOf([...always, '.cpuidle.text']);
  let sections = known.get(tree);
  if (sections === undefined) {
    const text = tree.files.readText(`${tree.root}/include/asm-generic/vmlinux.lds.h`);
    sections = sectionsOf([...always, ...(text === undefined ? ['.cpuidle.text'] : linkedSections(text))]);
    known.set(tree, sections);
  }
  return sections;
}

function sectionsOf(names: readonly string[]): NoinstrSections {
  const set = new Set(names);
  return { has: (section) => set.has(section), names: [...set] };
}

/** Input sections that a linker script header puts between the marks of the noinstr range. */
function linkedSections(text: string): string[] {
  const from = text.indexOf('__noinstr_text_start');
  const to = text.indexOf('__noinstr_text_end', from);
  if (from < 0 || to < 0) return [];
  return [...text.slice(from, to).matchAll(/\*\(\s*([.\w]+)\s*\)/g)].map((match) => match[1] ?? '');
}
