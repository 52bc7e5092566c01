// Over 400 lines: documents, trees, analyses and C units share one notion of what has changed.
import { type Cancellation, neverCancelled } from '../base/cancellation.ts';
import type { Logger } from '../base/logger.ts';
import { normalizePath, relativePath } from '../base/path.ts';
import { finish, type Steps } from '../base/steps.ts';
import { LineIndex } from '../base/text.ts';
import { noTracer, spanSteps, type Tracer } from '../base/tracer.ts';
import type { CParser } from '../syntax/c/cParser.ts';
import type { CppOptions } from '../syntax/cpp/model.ts';
import { CppCache, type CppHost, preprocess } from '../syntax/cpp/preprocessor.ts';
import { StatementCache } from '../syntax/gas/statement.ts';
import { type AssemblyAnalysis, analyzeAssembly } from './assemblyAnalysis.ts';
import type { CompileContext } from './compileContext.ts';
import { type CUnit, CUnits } from './cUnit.ts';
import type { DefconfigCache } from './defconfig.ts';
import type { FileSource } from './fileSource.ts';
import { InlineScopes } from './inlineScope.ts';
import { findKernelRoot, type KernelTree, openKernelTree } from './kernelTree.ts';
import { type TranslationUnit, TranslationUnits, type UnitReading } from './translationUnit.ts';

/** What a user can say about where things are; `null` leaves it to discovery. Paths are absolute. */
export interface WorkspaceSettings {
  readonly buildDirectory: string | null;
  readonly configFile: string | null;
  readonly kernelRoot: string | null;
}

export interface WorkspaceOptions {
  readonly files: FileSource;
  readonly logger: Logger;
  readonly settings: WorkspaceSettings;
  /** Parser of C, when it is loaded already; `setCParser` brings it later. */
  readonly cParser?: CParser | null;
  /** Told what takes how long. */
  readonly tracer?: Tracer | null;
}

interface Document {
  readonly text: string;
  readonly version: number;
}

interface FileText {
  readonly stamp: number | undefined;
  readonly file: { readonly text: string };
  checkedAt: number;
}

interface KeptAnalysis {
  readonly analysis: AssemblyAnalysis;
  /** Texts it was made from, by path. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  /** Value of the change counter when it was last known to be current. */
  readonly changes: number;
}

interface OpenTree {
  readonly tree: KernelTree;
  /** Stamps of the tree's markers when it was opened. */
  readonly stamp: string;
}

const plainOptions: CppOptions = { language: 'asm', includePaths: [], forcedIncludes: [], defines: [] };

/** How long a file's stamp is trusted before it is looked at again, in milliseconds. */
const trustMs = 1000;
const maxAnalyses = 24;

/**
 * The documents that the editor holds over the files on disk, the kernel trees they belong to, and the analyses
 * made of them. Invariant: an analysis is reused only while every file it was made from is unchanged.
 */
export class Workspace {
  readonly #files: FileSource;
  readonly #logger: Logger;
  readonly #tracer: Tracer;
  readonly #open = new Map<string, Document>();
  readonly #texts = new Map<string, FileText>();
  readonly #lineIndexes = new WeakMap<object, LineIndex>();
  readonly #trees = new Map<string, OpenTree>();
  readonly #defconfigs: DefconfigCache = new Map();
  readonly #roots = new Map<string, string | null>();
  readonly #analyses = new Map<string, KeptAnalysis>();
  readonly #cpp = new CppCache();
  readonly #cUnits: CUnits;
  /** Headers of C, read for their directives or as a whole: their texts, names and macros are the same. */
  readonly #cCpp = new CppCache();
  readonly #translationUnits = new TranslationUnits(this.#cCpp);
  readonly #inlineScopes: InlineScopes;
  #cParser: CParser | null;
  readonly #statements = new StatementCache();
  #settings: WorkspaceSettings;
  #folderSettings: ReadonlyMap<string, WorkspaceSettings> = new Map();
  /** Grows with every change of a document, a file or a setting. */
  #changes = 0;
  #checkedAt = 0;

  constructor(options: WorkspaceOptions) {
    this.#files = options.files;
    this.#logger = options.logger;
    this.#tracer = options.tracer ?? noTracer;
    this.#settings = options.settings;
    this.#cParser = options.cParser ?? null;
    const sources = {
      textOf: (path: string) => this.textOf(path),
      lineIndexOf: (path: string) => this.lineIndexOf(path),
      treeFor: (path: string) => this.treeFor(path),
      hostFor: (tree: KernelTree | null) => this.#hostFor(tree),
      changes: () => this.#changes,
      tracer: this.#tracer,
    };
    this.#cUnits = new CUnits(sources, this.#cCpp);
    this.#inlineScopes = new InlineScopes({
      textOf: (path) => this.#hostFor(this.treeFor(path)).readFile(path)?.text,
      headerUnit: (path, like, cancellation) =>
        this.#cParser === null ? null : this.#cUnits.headerLike(path, like, this.#cParser, cancellation),
      headerInside: (path, unit) => this.cUnit(path, neverCancelled, unit.context?.object ?? null, unit.path),
      wholeOf: (unit) => this.translationUnit(unit.within, unit.context, 'plain')?.cpp ?? null,
      changes: () => this.#changes,
    });
  }

  /** Brings the parser of C: without it `cUnit` has no answers. */
  setCParser(parser: CParser): void {
    this.#cParser = parser;
    this.#changes++;
  }

  get cParser(): CParser | null {
    return this.#cParser;
  }

  /**
   * A `.c` file or a header as its configuration compiles it; as `object` when it becomes several, as `within` includes
   * it. `null` when it cannot be read, is no C of this architecture, or the parser is not loaded. Throws only
   * `CancelledError`.
   */
  cUnit(
    path: string,
    cancellation: Cancellation = neverCancelled,
    object: string | null = null,
    within: string | null = null,
  ): CUnit | null {
    const file = normalizePath(path);
    if (this.#cParser === null || !/\.[ch]$/.test(file)) return null;
    this.#expireTexts();
    const tree = this.treeFor(file);
    if (tree !== null && isForeign(tree, file) && !isCompiled(tree, file)) return null;
    return this.#cUnits.unit(file, tree, this.#cParser, { object, within }, cancellation);
  }

  /**
   * A C file with the text of all it includes, compiled as `like` says; not kept. `null` when it cannot be read or is no
   * C.
   */
  translationUnit(
    path: string,
    like: CompileContext | null = null,
    reading: UnitReading = 'once',
  ): TranslationUnit | null {
    return finish(this.readingUnit(path, like, reading));
  }

  /** The same in steps. */
  *readingUnit(
    path: string,
    like: CompileContext | null = null,
    reading: UnitReading = 'once',
  ): Steps<TranslationUnit | null> {
    const file = normalizePath(path);
    const text = /\.[ch]$/.test(file) ? this.textOf(file) : undefined;
    if (text === undefined) return null;
    this.#expireTexts();
    const tree = this.treeFor(file);
    const steps = this.#translationUnits.read(file, text, tree, this.#hostFor(tree), like, reading);
    return yield* spanSteps(this.#tracer, 'translationUnit', steps);
  }

  /** Inline functions and types that the headers of C units give them. */
  get inlineScopes(): InlineScopes {
    return this.#inlineScopes;
  }

  /** Grows with every change of a document, a file or a setting: what was worked out before may be out of date. */
  get changes(): number {
    return this.#changes;
  }

  get openPaths(): readonly string[] {
    return [...this.#open.keys()];
  }

  openDocument(path: string, text: string, version: number): void {
    this.changeDocument(path, text, version);
  }

  changeDocument(path: string, text: string, version: number): void {
    this.#open.set(normalizePath(path), { text, version });
    this.#changes++;
  }

  closeDocument(path: string): void {
    this.#open.delete(normalizePath(path));
    this.#changes++;
  }

  /** Open documents, other than the file itself, that were analyzed with the file's text. */
  dependentsOf(path: string): readonly string[] {
    const file = normalizePath(path);
    const found = new Set<string>();
    for (const { analysis, texts } of this.#analyses.values()) {
      if (analysis.path !== file && this.#open.has(analysis.path) && texts.has(file)) found.add(analysis.path);
    }
    for (const unit of this.#cUnits.unitsReading(file)) {
      if (unit !== file && this.#open.has(unit)) found.add(unit);
    }
    return [...found];
  }

  /** Files that changed on disk. A tree is opened anew when one of the files it was read from is among them. */
  invalidate(paths: readonly string[]): void {
    const changed = new Set(paths.map(normalizePath));
    for (const path of changed) this.#texts.delete(path);
    for (const [key, { tree }] of this.#trees) {
      if (tree.dependencies.some((dependency) => changed.has(dependency))) this.#trees.delete(key);
    }
    this.#roots.clear();
    // A file that was missing may exist now.
    this.#cUnits.forgetMissing();
    for (const [key, kept] of this.#analyses) {
      if (kept.analysis.cpp.includes.some((include) => include.resolved === null)) this.#analyses.delete(key);
    }
    this.#changes++;
  }

  /** Puts settings in force; `folders` has those of folders that differ, for the files below each. */
  updateSettings(settings: WorkspaceSettings, folders: ReadonlyMap<string, WorkspaceSettings> = new Map()): void {
    const before = JSON.stringify([this.#settings, ...this.#folderSettings]);
    this.#settings = settings;
    this.#folderSettings = folders;
    if (before === JSON.stringify([settings, ...folders])) return;
    this.#trees.clear();
    this.#roots.clear();
    this.#changes++;
  }

  /** Text of an open document, else of the file; `undefined` when there is none. */
  textOf(path: string): string | undefined {
    return this.#textObject(normalizePath(path))?.text;
  }

  lineIndexOf(path: string): LineIndex | undefined {
    const object = this.#textObject(normalizePath(path));
    return object === undefined ? undefined : this.#indexOf(object);
  }

  #lineOf(object: { readonly text: string } | undefined, line: number): string | undefined {
    if (object === undefined) return undefined;
    const { start, end } = this.#indexOf(object).lineRange(line, object.text);
    return object.text.slice(start, end);
  }

  #indexOf(object: { readonly text: string }): LineIndex {
    let index = this.#lineIndexes.get(object);
    if (index === undefined) {
      index = new LineIndex(object.text);
      this.#lineIndexes.set(object, index);
    }
    return index;
  }

  /** The kernel tree that holds the path, or `null`. */
  treeFor(path: string): KernelTree | null {
    const file = normalizePath(path);
    const settings = this.#settingsFor(file);
    const root = this.#rootOf(file, settings);
    if (root === null) return null;
    const { buildDirectory, configFile } = settings;
    const key = JSON.stringify([root, buildDirectory, configFile]);
    const known = this.#trees.get(key);
    if (known !== undefined) return known.tree;
    const tree = this.#tracer.span('openKernelTree', () =>
      openKernelTree(this.#files, root, {
        buildDir: buildDirectory ?? undefined,
        configFile: configFile ?? undefined,
        defconfigCache: this.#defconfigs,
        logger: this.#logger,
      }),
    );
    this.#trees.set(key, { tree, stamp: this.#stampOf(tree) });
    return tree;
  }

  /** Settings of the innermost folder that has its own, else the common ones. */
  #settingsFor(path: string): WorkspaceSettings {
    let best = '';
    for (const folder of this.#folderSettings.keys()) {
      if (folder.length > best.length && (path === folder || path.startsWith(`${folder}/`))) best = folder;
    }
    return this.#folderSettings.get(best) ?? this.#settings;
  }

  #stampOf(tree: KernelTree): string {
    return tree.markers.map((path) => this.#files.stamp(path) ?? '-').join(' ');
  }

  /** Trees that are open now, in the order they were opened. */
  get trees(): readonly KernelTree[] {
    return [...this.#trees.values()].map(({ tree }) => tree);
  }

  /**
   * Analysis of a `.S` file or a header as its plain object, or as `object` when the file becomes several.
   * `null` when the file cannot be read or holds no assembly of this architecture. Throws only `CancelledError`.
   */
  assembly(
    path: string,
    cancellation: Cancellation = neverCancelled,
    object: string | null = null,
  ): AssemblyAnalysis | null {
    const file = normalizePath(path);
    const text = this.textOf(file);
    if (text === undefined || !holdsAssembly(file, text)) return null;
    const key = `${file}\0${object ?? ''}`;
    this.#expireTexts();
    const known = this.#analyses.get(key);
    if (known !== undefined && (known.changes === this.#changes || this.#isCurrent(known, text))) {
      this.#remember(key, known.analysis, known.texts);
      return known.analysis;
    }
    const tree = this.treeFor(file);
    if (tree !== null && isForeign(tree, file)) return null;
    const contexts = this.#tracer.span('compileContexts', () => tree?.compileContexts(file) ?? []);
    const context = contexts.find((one) => one.object === object || one.variant === object) ?? contexts[0] ?? null;
    const analysis = this.#analyze(file, text, tree, context, cancellation);
    const host = this.#hostFor(tree);
    const texts = new Map(analysis.cpp.files.map((read) => [read, host.readFile(read)?.text]));
    this.#remember(key, analysis, texts);
    return analysis;
  }

  #analyze(
    file: string,
    text: string,
    tree: KernelTree | null,
    context: CompileContext | null,
    cancellation: Cancellation,
  ): AssemblyAnalysis {
    const options: CppOptions = {
      ...(context?.options ?? plainOptions),
      language: 'asm',
      // The kernel's build maps its own path away (-fmacro-prefix-map), wherever the tree lies.
      ...(tree === null ? {} : { filePrefixes: [{ from: `${tree.root}/`, to: '' }] }),
    };
    const host = this.#hostFor(tree);
    const cpp = this.#tracer.span('preprocess', () => preprocess(file, text, options, host, this.#cpp));
    return analyzeAssembly({
      path: file,
      text,
      tree,
      context,
      cpp,
      statements: this.#statements,
      cancellation,
      tracer: this.#tracer,
      readLine: (from, line) => this.#lineOf(host.readFile(from), line),
    });
  }

  /**
   * Analyses a file once more as if a character had been typed, and forgets the result: the first keystroke then
   * finds its caches filled and the code compiled. Throws only `CancelledError`.
   */
  rehearse(path: string, cancellation: Cancellation = neverCancelled): void {
    const file = normalizePath(path);
    const text = this.textOf(file);
    const kept = this.#analyses.get(`${file}\0`);
    if (text === undefined || kept === undefined) return;
    const { tree, context } = kept.analysis;
    this.#analyze(file, `${text}\n`, tree, context, cancellation).openExpansions();
  }

  #remember(key: string, analysis: AssemblyAnalysis, texts: ReadonlyMap<string, string | undefined>): void {
    this.#analyses.delete(key);
    this.#analyses.set(key, { analysis, texts, changes: this.#changes });
    if (this.#analyses.size > maxAnalyses) {
      const oldest = this.#analyses.keys().next().value;
      if (oldest !== undefined) this.#analyses.delete(oldest);
    }
  }

  /** Whether all that the analysis was made from is still the same, although something changed somewhere. */
  #isCurrent(kept: KeptAnalysis, text: string): boolean {
    const { analysis, texts } = kept;
    if (analysis.text !== text || analysis.tree !== this.treeFor(analysis.path)) return false;
    const host = this.#hostFor(analysis.tree);
    for (const [file, before] of texts) if (host.readFile(file)?.text !== before) return false;
    return true;
  }

  #hostFor(tree: KernelTree | null): CppHost {
    return {
      readFile: (path) => {
        const own = this.#textObject(path);
        if (own !== undefined) return own;
        const virtual = tree?.virtualFile(path);
        return virtual === undefined ? undefined : virtualText(virtual);
      },
      exists: (path) => this.#open.has(path) || (tree?.files ?? this.#files).kindOf(path) === 'file',
    };
  }

  #textObject(path: string): { readonly text: string } | undefined {
    const open = this.#open.get(path);
    if (open !== undefined) return open;
    const now = Date.now();
    const known = this.#texts.get(path);
    if (known !== undefined && now - known.checkedAt < trustMs) return known.file;
    const stamp = this.#files.stamp(path);
    if (known !== undefined && known.stamp === stamp) {
      known.checkedAt = now;
      return known.file;
    }
    const text = this.#files.readText(path);
    if (text === undefined) {
      this.#texts.delete(path);
      return undefined;
    }
    const file = { text };
    this.#texts.set(path, { stamp, file, checkedAt: now });
    return file;
  }

  /** Lets a file or a build that changed without a notification be seen: at most once in `trustMs`. */
  #expireTexts(): void {
    const now = Date.now();
    if (now - this.#checkedAt < trustMs) return;
    this.#checkedAt = now;
    for (const [path, known] of this.#texts) {
      if (this.#files.stamp(path) !== known.stamp) {
        this.#texts.delete(path);
        this.#changes++;
      } else known.checkedAt = now;
    }
    for (const [key, { tree, stamp }] of this.#trees) {
      if (this.#stampOf(tree) === stamp) continue;
      this.#trees.delete(key);
      this.#changes++;
    }
  }

  #rootOf(path: string, settings: WorkspaceSettings): string | null {
    if (settings.kernelRoot !== null) return settings.kernelRoot;
    const directory = path.slice(0, path.lastIndexOf('/'));
    let root = this.#roots.get(directory);
    if (root === undefined) {
      root = findKernelRoot(this.#files, path);
      this.#roots.set(directory, root);
    }
    return root;
  }
}

/** `.S` files that are no linker scripts, and headers that define macros of the assembler; the rest of a header is C. */
function holdsAssembly(path: string, text: string): boolean {
  return (/\.[sS]$/.test(path) && !path.endsWith('.lds.S')) || (path.endsWith('.h') && /^[ \t]*\.macro\b/m.test(text));
}

/** Sources of another architecture in the same tree: their dialects of assembly are not ours. */
function isForeign(tree: KernelTree, path: string): boolean {
  return /^arch\/(?!arm64\/)[^/]+\//.test(relativePath(tree.root, path));
}

/** A makefile of this architecture names its object (`arch/arm64/xen` takes sources of `arch/arm`). */
function isCompiled(tree: KernelTree, path: string): boolean {
  const evidence = path.endsWith('.c') ? tree.cCompileContexts(path)[0]?.evidence : undefined;
  return evidence?.kind === 'cmd' || evidence?.notes.some((note) => note.startsWith('no makefile')) === false;
}

const virtualTexts = new Map<string, { readonly text: string }>();

/** One object per distinct text, so that caches by identity see the same header twice as the same. */
function virtualText(text: string): { readonly text: string } {
  let object = virtualTexts.get(text);
  if (object === undefined) {
    if (virtualTexts.size > 200) virtualTexts.clear();
    object = { text };
    virtualTexts.set(text, object);
  }
  return object;
}
