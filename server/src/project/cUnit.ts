import { type Cancellation, throwIfCancelled } from '../base/cancellation.ts';
import { LineIndex, type TextRange } from '../base/text.ts';
import type { Tracer } from '../base/tracer.ts';
import { BodyCache, readFacts } from '../syntax/c/cFacts.ts';
import type { CFacts } from '../syntax/c/cModel.ts';
import type { CParser } from '../syntax/c/cParser.ts';
import { ExpandedText } from '../syntax/c/expandedText.ts';
import type { CppInclude, CppIssue, CppMacro, CppMacroUse } from '../syntax/cpp/model.ts';
import { type CppCache, type CppHost, withLines } from '../syntax/cpp/preprocessor.ts';
import type { CompileContext } from './compileContext.ts';
import { type CReading, readC } from './cReading.ts';
import type { KernelTree } from './kernelTree.ts';

/** A `.c` file, or a header read as if it were one, as one object of the build compiles it. */
export interface CUnit extends CFacts {
  readonly path: string;
  /** `null` when the file is in no kernel tree. */
  readonly tree: KernelTree | null;
  readonly context: CompileContext | null;
  /** The file that was compiled: the file itself, or one that includes it. */
  readonly within: string;
  /** The file as it is written. */
  readonly text: string;
  readonly lines: LineIndex;
  /** Ranges that conditionals removed. */
  readonly inactive: readonly TextRange[];
  /** All macros at the end of the file. */
  readonly macros: ReadonlyMap<string, CppMacro>;
  /** Includes of the file itself, and those of other files that were not found. */
  readonly includes: readonly CppInclude[];
  /** Every file that was read, the file itself first. */
  readonly files: readonly string[];
  readonly expanded: ExpandedText;
  readonly macroUses: readonly CppMacroUse[];
  readonly issues: readonly CppIssue[];
}

/** Which of the things that a file becomes is meant; `null` leaves it to the tree. */
export interface CUnitChoice {
  /** Object or variant (`nvhe`). */
  readonly object: string | null;
  /** A file that includes it, in whose light it is read: macros and conditionals as they are there. */
  readonly within: string | null;
}

/** What units are made from: the workspace's documents, files and trees. */
export interface CUnitSources {
  readonly textOf: (path: string) => string | undefined;
  readonly lineIndexOf: (path: string) => LineIndex | undefined;
  readonly treeFor: (path: string) => KernelTree | null;
  readonly hostFor: (tree: KernelTree | null) => CppHost;
  /** Grows with every change of a document, a file or a setting. */
  readonly changes: () => number;
  readonly tracer: Tracer;
}

interface KeptUnit {
  readonly unit: CUnit;
  /** Texts of the unit's files, as the objects the host gave. */
  readonly texts: readonly ({ readonly text: string } | undefined)[];
  changes: number;
}

const maxUnits = 200;
/** Expanded text that is kept in all; a unit counts as so many characters more. */
const maxCharacters = 3_000_000;
const unitCostCharacters = 4000;
/** Main files of which the tokens are kept. */
const maxMains = 3;

/**
 * The C files that were read last. Invariant: a unit is given out again only while every file it was made from is
 * unchanged; the number of units and their text are bounded.
 */
export class CUnits {
  readonly #sources: CUnitSources;
  readonly #cpp: CppCache;
  readonly #kept = new Map<string, KeptUnit>();
  readonly #bodies = new BodyCache();
  readonly #mains = new Set<string>();
  #characters = 0;

  constructor(sources: CUnitSources, cpp: CppCache) {
    this.#sources = sources;
    this.#cpp = cpp;
  }

  /** Throws only `CancelledError`. */
  unit(
    path: string,
    tree: KernelTree | null,
    parser: CParser,
    { object, within }: CUnitChoice,
    cancellation: Cancellation,
  ): CUnit | null {
    const { textOf, hostFor, tracer, changes } = this.#sources;
    const text = textOf(path);
    if (text === undefined) return null;
    const key = `${path}\0${object ?? ''}\0${within ?? ''}`;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      if (known.changes === changes() || this.#isCurrent(known, text, tree)) {
        this.#kept.delete(key);
        this.#kept.set(key, known);
        known.changes = changes();
        return known.unit;
      }
      this.#forget(key);
    }
    throwIfCancelled(cancellation);
    const host = hostFor(tree);
    const unit = tracer.span('cUnit', () => {
      const input = { path, text, tree, object, within, host, cache: this.#cpp };
      const reading = tracer.span('preprocess', () => readC(input));
      return this.#make(path, text, tree, reading, parser);
    });
    const texts = unit.files.map((file) => host.readFile(file));
    this.#rememberMain(unit.within);
    this.#kept.set(key, { unit, texts, changes: changes() });
    this.#characters += sizeOf(unit);
    for (const oldest of this.#kept.keys()) {
      if (oldest === key || (this.#kept.size <= maxUnits && this.#characters <= maxCharacters)) break;
      this.#forget(oldest);
    }
    return unit;
  }

  /** A header compiled as part of another unit's object; not kept. `null` when it cannot be read. */
  headerLike(path: string, like: CUnit, parser: CParser, cancellation: Cancellation): CUnit | null {
    const text = this.#sources.textOf(path);
    if (text === undefined) return null;
    throwIfCancelled(cancellation);
    const { tracer, hostFor } = this.#sources;
    const host = hostFor(like.tree);
    return tracer.span('cUnit', () => {
      const { tree, context } = like;
      const input = { path, text, tree, object: null, context, within: null, host, cache: this.#cpp };
      return this.#make(path, text, like.tree, readC(input), parser);
    });
  }

  /** Files whose kept units were made from a file. */
  unitsReading(file: string): readonly string[] {
    const found = new Set<string>();
    for (const { unit } of this.#kept.values()) if (unit.files.includes(file)) found.add(unit.path);
    return [...found];
  }

  /** Forgets units with an include that was not found: the file may exist now. */
  forgetMissing(): void {
    for (const [key, { unit }] of this.#kept) {
      if (unit.includes.some((include) => include.resolved === null)) this.#forget(key);
    }
  }

  #make(
    path: string,
    text: string,
    tree: KernelTree | null,
    { cpp, context, within }: CReading,
    parser: CParser,
  ): CUnit {
    const expanded = new ExpandedText(path, cpp.lines, cpp.uses);
    const lines = new LineIndex(text);
    const { uses } = expanded;
    const facts = this.#sources.tracer.span('cFacts', () =>
      readFacts({ expanded, text, lines, uses, parser, bodies: this.#bodies }),
    );
    const { files, inactive, issues } = cpp;
    const kept = withLines(cpp, [], [], files);
    return {
      ...facts,
      path,
      tree,
      context,
      within,
      text,
      lines,
      inactive,
      get macros() {
        return kept.macros;
      },
      includes: cpp.includes.filter((include) => include.file === path || include.resolved === null),
      files,
      expanded,
      macroUses: uses,
      issues,
    };
  }

  /** Tokens of a main file are only needed again for an edit of it. */
  #rememberMain(path: string): void {
    if (!path.endsWith('.c')) return;
    this.#mains.delete(path);
    this.#mains.add(path);
    for (const oldest of this.#mains) {
      if (this.#mains.size <= maxMains) break;
      this.#mains.delete(oldest);
      this.#cpp.forget(oldest, 'c');
    }
  }

  #isCurrent({ unit, texts }: KeptUnit, text: string, tree: KernelTree | null): boolean {
    if (unit.text !== text || unit.tree !== tree) return false;
    const host = this.#sources.hostFor(tree);
    return texts.every((before, nth) => {
      const now = host.readFile(unit.files[nth] ?? '');
      return now === before || now?.text === before?.text;
    });
  }

  #forget(key: string): void {
    const known = this.#kept.get(key);
    if (known === undefined) return;
    this.#kept.delete(key);
    this.#characters -= sizeOf(known.unit);
  }
}

function sizeOf(unit: CUnit): number {
  return unit.expanded.text.length + unitCostCharacters;
}
