import type { KernelTree } from '../project/kernelTree.ts';
import type { NameDefinition, NameIndex } from '../project/nameIndex.ts';
import { hasNoTraceSites } from './built.ts';
import { type FunctionClass, type NoinstrSections, noinstrSections } from './classes.ts';
import { blankComments, declarationHead } from './declarationHead.ts';
import type { Outside, OutsideFunction } from './resolve.ts';

/** What the rest of a tree says about functions, as far as its index of names and the texts at hand tell. */
export interface TreeKnowledge extends Outside {
  readonly sections: NoinstrSections;
  readonly index: NameIndex | null;
  textOf(path: string): string | undefined;
  /** Class of a function by where it is defined: of a `static` one too. */
  classIn(path: string, name: string): FunctionClass | null;
  isNokprobe(name: string, ownText: string): boolean;
  /** Where a function is defined in C; `null` where the index has none. */
  definitionOf(name: string): NameDefinition | null;
  keyOf(name: string): StaticKey | null;
}

/** A static key's definition. */
export interface StaticKey {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  /** Nobody toggles it once the kernel runs. */
  readonly readOnly: boolean;
  readonly definer: string;
}

/** Other architectures and programs of the tree are not part of this kernel. */
const foreign = /^\/?(arch\/(?!arm64\/)|tools\/|scripts\/|samples\/|Documentation\/|usr\/)|\/nvhe\//;

export function openTreeKnowledge(
  tree: KernelTree,
  index: NameIndex | null,
  textOf: (path: string) => string | undefined,
): TreeKnowledge {
  const sections = noinstrSections(tree);
  const known = new Map<string, Omit<OutsideFunction, 'noreturn'> | null>();
  const kprobesWord = readKprobesWord(tree, textOf);
  const definitionsOf = (name: string): readonly NameDefinition[] => {
    if (index === null) return [];
    const all = index
      .definitionsOf(name)
      .filter((one) => !one.isDeclaration && !foreign.test(one.path.slice(tree.root.length)));
    const native = all.filter((one) => one.path.startsWith(`${tree.root}/arch/arm64/`));
    return native.length > 0 ? native : all;
  };
  const look = (name: string): Omit<OutsideFunction, 'noreturn'> | null => {
    const found = definitionsOf(name)
      .filter((one) => !one.isStatic && (one.kind === 'function' || one.kind === 'asm-symbol'))
      .flatMap((one) => readDefinition(one) ?? []);
    const [first] = found;
    if (first === undefined) return inlineOfHeader(name);
    if (found.every((one) => one.class === first.class)) return first;
    const strong = found.filter((one) => !one.weak);
    return strong.length === 1 ? (strong[0] ?? null) : null;
  };
  /** A plain inline function of the kernel's headers, for a file that does not include them. */
  const inlineOfHeader = (name: string): Omit<OutsideFunction, 'noreturn'> | null => {
    const all = definitionsOf(name);
    const [one] = all;
    if (one?.kind !== 'inline-function' || all.some(({ kind, path }) => kind !== one.kind || !path.endsWith('.h')))
      return null;
    const heads = all.map(({ path, offset }) => declarationHead(textOf(path) ?? '', offset).before);
    const isPlain = heads.every((head) => /\binline\b/.test(head) && !/always_inline/.test(head));
    return isPlain ? { class: 'inline', file: one.path, line: one.line, notrace: true } : null;
  };
  const readDefinition = (
    one: NameDefinition,
  ): (Omit<OutsideFunction, 'noreturn'> & { readonly weak: boolean }) | null => {
    const text = textOf(one.path);
    if (text === undefined) return null;
    const { path, line } = one;
    if (one.kind === 'asm-symbol') {
      const section = assemblySection(text, one.offset);
      return { class: sections.has(section) ? 'noinstr' : 'assembly', file: path, line, notrace: true, weak: false };
    }
    if (one.madeBy !== null) return null;
    const { before, after } = declarationHead(text, one.offset);
    const words = `${before} ${after}`;
    const isNoinstr = noinstrWords(sections).test(words) || prototypeIsNoinstr(one);
    return {
      class: isNoinstr ? 'noinstr' : 'plain',
      file: path,
      line,
      notrace:
        /\bnotrace\b/.test(words) ||
        (kprobesWord.notrace && /\b__kprobes\b/.test(words)) ||
        (one.path.endsWith('.c') && hasNoTraceSites(tree, one.path)),
      weak: /\b__weak\b/.test(words),
    };
  };
  const prototypeIsNoinstr = (definition: NameDefinition): boolean => {
    if (index === null) return false;
    return index.definitionsOf(definition.name).some((one) => {
      if (!one.isDeclaration || one === definition || foreign.test(one.path.slice(tree.root.length))) return false;
      const text = textOf(one.path);
      if (text === undefined) return false;
      const { before, after } = declarationHead(text, one.offset);
      return noinstrWords(sections).test(`${before} ${after}`);
    });
  };
  return {
    sections,
    index,
    textOf,
    functionNamed: (called) => {
      let found = known.get(called);
      if (found === undefined) {
        found = look(called);
        known.set(called, found);
      }
      return found;
    },
    isKernelHeader: (path) =>
      index?.state === 'ready' &&
      (path.startsWith(`${tree.root}/include/`) || path.startsWith(`${tree.root}/arch/arm64/include/`)),
    classIn: (path, called) => {
      const all = index?.definitionsOf(called).filter((one) => !one.isDeclaration) ?? [];
      const one = all.find((definition) => definition.path === path) ?? (all.length === 1 ? all[0] : undefined);
      const text = one === undefined ? undefined : textOf(one.path);
      if (one === undefined || text === undefined) return null;
      const found = readDefinition(one);
      if (found === null || found.class !== 'plain') return found?.class ?? null;
      const { before } = declarationHead(text, one.offset);
      return /\b__always_inline\b/.test(before) ? 'always-inline' : /\binline\b/.test(before) ? 'inline' : 'plain';
    },
    definitionOf: (called) => definitionsOf(called).find((one) => one.kind === 'function') ?? null,
    isNokprobe: (called, ownText) => {
      const mark = new RegExp(`\\bNOKPROBE(?:_SYMBOL)?\\(\\s*${called}\\s*\\)`);
      if (mark.test(ownText)) return true;
      const definition = definitionsOf(called)[0];
      const text = definition === undefined ? undefined : textOf(definition.path);
      if (definition === undefined || text === undefined) return false;
      const { before } = declarationHead(text, definition.offset);
      return mark.test(text) || (kprobesWord.nokprobe && /\b__kprobes\b/.test(before));
    },
    keyOf: (key) => {
      const definition = definitionsOf(key).find(
        (one) => one.kind === 'static-key' || (one.kind === 'variable' && !one.isStatic),
      );
      const text = definition === undefined ? undefined : textOf(definition.path);
      if (definition === undefined || text === undefined) return null;
      return readKey(text, definition);
    },
  };
}

/** What `__kprobes` says in this tree and configuration: `include/asm-generic/kprobes.h`, `notrace` too in 6.12, not in 6.1. */
function readKprobesWord(
  tree: KernelTree,
  textOf: (path: string) => string | undefined,
): { readonly notrace: boolean; readonly nokprobe: boolean } {
  if (tree.config.value('KPROBES') !== 'y') return { notrace: false, nokprobe: false };
  const header = textOf(`${tree.root}/include/asm-generic/kprobes.h`) ?? '';
  return { notrace: /^#\s*define\s+__kprobes\s+notrace\b/m.test(header), nokprobe: true };
}

const wordsOf = new WeakMap<NoinstrSections, RegExp>();

/** Words that put a function into a noinstr section: those of the kernel, and the sections by name. */
function noinstrWords(sections: NoinstrSections): RegExp {
  let words = wordsOf.get(sections);
  if (words === undefined) {
    const cpuidle = sections.has('.cpuidle.text') ? '|\\b__cpuidle\\b' : '';
    const names = sections.names.map((one) => one.replace(/\./g, '\\.')).join('|');
    words = new RegExp(`\\bnoinstr\\b|\\b__noinstr_section\\b${cpuidle}|"(${names})"`);
    wordsOf.set(sections, words);
  }
  return words;
}

/** Section in force at a place of an assembly source, as its own directives say. */
function assemblySection(text: string, offset: number): string {
  const stack: string[] = [];
  let section = '.text';
  let previous = '.text';
  const directives = blankComments(text.slice(0, offset)).matchAll(
    /^[ \t]*(?:\.(section|pushsection)[ \t]+"?([.\w]+)"?|\.(popsection|previous|text|data|bss)\b|(__INIT|__HEAD|__REF|__FINIT|__EXIT)\b)/gm,
  );
  for (const [, opens, named, word, macro] of directives) {
    const before = section;
    if (opens === 'pushsection') stack.push(section);
    if (opens !== undefined) section = named ?? section;
    else if (word === 'popsection') section = stack.pop() ?? section;
    else if (word === 'previous') section = previous;
    else if (word !== undefined) section = `.${word}`;
    else if (macro !== undefined) section = macro === '__FINIT' ? previous : '.init.text';
    previous = before;
  }
  return section;
}

function readKey(text: string, { path, offset, length, line, madeBy }: NameDefinition): StaticKey {
  const lineStart = text.lastIndexOf('\n', offset) + 1;
  const end = text.indexOf(';', offset);
  const statement = text.slice(lineStart, end < 0 ? offset + 200 : end);
  const readOnly =
    /_RO\b/.test(statement) || /\b__ro_after_init\b/.test(statement) || /\b__initconst\b/.test(statement);
  const definer = /\b(DEFINE_STATIC_KEY\w*)/.exec(statement)?.[1] ?? madeBy ?? 'struct static_key';
  return { path, offset, length, line, readOnly, definer };
}
