import type { Steps } from '../../base/steps.ts';
import type { TextRange } from '../../base/text.ts';
import type { CppCache } from './cache.ts';
import { runDirective } from './directives.ts';
import { dynamicText } from './dynamicMacros.ts';
import { Expander, type ExpanderHost, type Expansion } from './expander.ts';
import { Frame } from './frame.ts';
import { type IncludeMemo, keepMemo, memoAt, Packing } from './includeMemo.ts';
import { type Asked, type CppHost, IncludeSearch } from './includeSearch.ts';
import { Directive } from './lineScan.ts';
import { type DynamicMacro, dynamicMacro, type Macro } from './macro.ts';
import type { MacroState } from './macroTable.ts';
import { MacroUses } from './macroUses.ts';
import type { CppExpansion, CppInclude, CppIssue, CppOptions } from './model.ts';
import { Output, type OutputPlace } from './output.ts';
import type { SourceFile } from './sourceFile.ts';
import { END, Flag, Kind, type Tok, Tok as Token, withFlags } from './token.ts';

/** The kernel's largest `.S` file needs a tenth of it, its largest C file all but the last. */
const defaultMaxTokens = { asm: 1_000_000, c: 4_000_000 };
const defaultMaxDepth = 200;
/** Lines of included files that are read; the kernel's C files stay below a tenth. */
const maxIncludedLines = 2_000_000;
/** An included file counts as so many lines more. */
const includeCostLines = 20;

/** Logical lines that are read before others may go on: some milliseconds at most. */
const linesAtATime = 200;

/** One run of the preprocessor: the stack of files being read and everything that was found. */
export class Run implements ExpanderHost {
  readonly options: CppOptions;
  readonly cache: CppCache;
  readonly search: IncludeSearch;
  readonly expander: Expander;
  readonly output: Output;
  readonly issues: CppIssue[] = [];
  readonly includes: CppInclude[] = [];
  readonly inactive: TextRange[] = [];
  readonly files = new Set<string>();
  readonly uses: MacroUses;
  readonly main: SourceFile;
  frame: Frame;
  /** What was read since the outermost include depends on more than the macro table; on the object's own definitions. */
  unkeepable = false;
  usesGiven = false;
  readonly #given: string;
  /** Files that are being read, the outermost first, and what comes behind the file that each of them includes. */
  readonly #includers: { readonly frame: Frame; readonly then: (() => void) | null }[] = [];
  #pendingState: MacroState | null = null;
  /** The included file's lines that are made compact as they come. */
  #pack: Packing | null = null;
  #topStart = 0;
  #topEnd = 0;
  #atStop = false;
  readonly #limits = new Set<string>();
  #includedLines = 0;
  /** Nothing more is read. */
  #stopped = false;
  readonly readsIncludedText: boolean;
  readonly #place = (tok: Tok, expansion: Expansion | null): OutputPlace => this.#outputPlace(tok, expansion);

  constructor(main: SourceFile, options: CppOptions, host: CppHost, cache: CppCache) {
    this.main = main;
    this.options = options;
    this.readsIncludedText = options.includedText !== 'none';
    this.cache = cache;
    this.search = new IncludeSearch(host, cache, options);
    const budget = options.limits?.tokens ?? defaultMaxTokens[options.language];
    this.expander = new Expander(this, cache.names, options.language, budget);
    this.output = new Output(options.language);
    this.uses = new MacroUses(this.output.lines, main.ref);
    this.frame = new Frame(main, -1, true, options.textFile == null, 0);
    this.#given = JSON.stringify(options.objectDefines ?? []);
  }

  /** State of the macro table after all that was read. */
  get state(): MacroState {
    return this.#pendingState ?? this.cache.table.state;
  }

  /** Starts from a state of the macro table; the table itself only moves when it is needed. */
  setState(state: MacroState): void {
    this.#pendingState = state;
  }

  /** Makes the table equal to the state. */
  sync(): void {
    if (this.#pendingState === null) return;
    this.cache.table.goTo(this.#pendingState);
    this.#pendingState = null;
  }

  isAsm(): boolean {
    return this.options.language === 'asm';
  }

  /** Begins with the main file; `read` does it. */
  readMain(): void {
    this.files.add(this.main.path);
    this.#open(this.frame, null);
  }

  /** Begins with definitions that are in no file. */
  readDefinitions(title: string, text: string): void {
    this.#readTop(this.cache.file(title, text, this.options.language), -1, `${title}:${text}`, new Map(), null);
  }

  /**
   * Begins with an included file, or takes what it did last time from the same state of the macro table. `then` comes
   * behind its last line.
   */
  includeFile(file: SourceFile, directory: number, level: number, then: (() => void) | null = null): void {
    if (level > 0) this.#readInclude(file, directory, level + 1, then);
    else this.#readTop(file, directory, `${directory}:${file.path}`, new Map([[file.path, file]]), then);
  }

  /**
   * Reads what was begun to its end, so many logical lines at a time. Between them other runs may use the cache; the
   * result is the same. Stops for good when the cache forgot all names meanwhile: result `false`.
   */
  *read(): Steps<boolean> {
    const { generation } = this.cache;
    while (this.#includers.length > 0 && this.#readLines()) {
      this.#pack?.some(this.output.lines);
      yield;
      if (this.cache.generation !== generation) return false;
      this.cache.claim(this);
      this.sync();
    }
    return true;
  }

  /** Lets go of the macro table, for another run. */
  park(): void {
    this.#pendingState = this.state;
  }

  #readTop(file: SourceFile, directory: number, name: string, asked: Asked, then: (() => void) | null): void {
    const key = `${this.output.padded ? '+' : '-'}${name}`;
    const before = this.state;
    const { textFile = null, compact } = this.options;
    const known = memoAt(before, key, textFile, this.#given);
    if (known !== null && this.search.holds(known.asked)) {
      this.#repeat(known);
      then?.();
      return;
    }
    this.sync();
    this.output.flush();
    const [lines, issues, includes] = [this.output.lines.length, this.issues.length, this.includes.length];
    const outer = this.search.record(asked);
    this.unkeepable = false;
    this.usesGiven = false;
    const pack = compact === undefined ? null : new Packing(lines);
    this.#pack = pack;
    this.#readInclude(file, directory, 1, () => {
      this.search.record(outer);
      this.output.flush();
      const bytes = pack?.all(this.output.lines) ?? null;
      this.#pack = null;
      if (!this.unkeepable && compact !== 'once' && (textFile === null || !asked.has(textFile))) {
        const memo: IncludeMemo = {
          after: this.state,
          asked,
          lines: this.output.lines.slice(lines),
          issues: this.issues.slice(issues),
          includes: this.includes.slice(includes),
          padded: this.output.padded,
          given: this.usesGiven ? this.#given : null,
        };
        keepMemo(this.cache, before, key, memo, bytes === null ? null : { main: this.main.path, bytes });
      }
      then?.();
    });
  }

  #repeat(memo: IncludeMemo): void {
    this.output.flush();
    for (const line of memo.lines) this.output.lines.push(line);
    this.issues.push(...memo.issues);
    this.includes.push(...memo.includes);
    for (const [path, answer] of memo.asked) if (typeof answer !== 'boolean') this.files.add(path);
    this.output.padded = memo.padded;
    this.#pendingState = memo.after;
  }

  #readInclude(file: SourceFile, directory: number, level: number, then: (() => void) | null): void {
    this.files.add(file.path);
    if (file.guard?.macro != null || this.#fact(`once ${file.path}`) !== null) {
      then?.();
      return;
    }
    this.#includedLines += file.lineCount + includeCostLines;
    if (this.#includedLines > maxIncludedLines) {
      this.stop(`more than ${maxIncludedLines} lines are included: reading stopped here`);
      then?.();
      return;
    }
    const isShown = this.readsIncludedText ? false : file.path === this.options.textFile;
    if (isShown) this.uses.shown = file.ref;
    this.#open(new Frame(file, directory, false, isShown, level), then);
  }

  /** A fact about the run that is kept in the macro table, such as `#pragma once`. */
  #fact(name: string): Macro | null {
    return this.cache.names.get(`#${name}`).macro;
  }

  setFact(name: string, value: number): void {
    const id = this.cache.names.get(`#${name}`);
    this.cache.table.set(id, dynamicMacro(id, 'fact', value));
  }

  factValue(name: string): number {
    return this.#fact(name)?.offset ?? 0;
  }

  #open(frame: Frame, then: (() => void) | null): void {
    this.#includers.push({ frame: this.frame, then });
    this.frame = frame;
    for (const at of frame.file.lines.unterminated) {
      this.issue('unterminated', 'unterminated comment', { start: at, end: at + 2 });
    }
  }

  /** Reads some lines. Result: whether there are more. */
  #readLines(): boolean {
    for (let left = linesAtATime; left > 0; left--) {
      const { frame } = this;
      const { file, line } = frame;
      if (this.#stopped || line >= file.lineCount) {
        if (!this.#close(frame)) return false;
        continue;
      }
      const directive = file.directive(line);
      frame.line = line + 1;
      if (this.isDirective(directive)) runDirective(this, frame, line, directive);
      else if (frame.isShown || this.readsIncludedText) this.#readText(frame, line);
      else frame.line = file.nextDirective(line);
    }
    return true;
  }

  /** Goes back to the including file. Result: whether there is anything left to read. */
  #close({ file, groups, isMain }: Frame): boolean {
    if (this.#pack !== null && !isMain) file.forgetTokens();
    const includer = this.#includers.pop();
    for (const group of this.#stopped ? [] : groups) {
      const start = file.start(group.line);
      this.issue('unbalanced-conditional', 'unterminated conditional: no #endif', { start, end: file.end(group.line) });
    }
    if (includer !== undefined) this.frame = includer.frame;
    includer?.then?.();
    return this.#includers.length > 0;
  }

  isDirective(directive: number): boolean {
    if (directive === Directive.none) return false;
    return directive < Directive.number || !this.isAsm();
  }

  #readText(frame: Frame, line: number): void {
    this.sync();
    const { file } = frame;
    const tokens = file.tokens(line);
    const first = tokens[0];
    if (first === undefined) return;
    const physical = file.lineNumber(line, first.offset);
    this.output.startLine(file.path, physical, file.byteColumn(first.offset, physical));
    frame.readTokens(tokens, 0);
    const { expander, output } = this;
    for (;;) {
      const tok = expander.next();
      if (tok.type === Kind.end) break;
      output.put(tok, expander.expansion, this.#place);
      if (expander.expansion === null) continue;
      // Long tokens count as many, so that the budget bounds the text too.
      expander.budget -= tok.text.length >> 5;
      if (expander.budget < 0) {
        this.limitReached('macro expansion produces too many tokens');
        expander.dropContexts();
      }
    }
  }

  next(): Tok {
    const frame = this.frame;
    const tok = frame.nextOnLine();
    if (tok !== undefined) return tok;
    const parsing = this.expander.parsingArguments;
    if (this.expander.inDirective || parsing === 0) return END;
    const { file } = frame;
    while (frame.line < file.lineCount) {
      const line = frame.line;
      const directive = file.directive(line);
      if (!this.isDirective(directive)) {
        const first = frame.enterLine(line) ?? END;
        return parsing === 2 ? withFlags(first, first.flags | Flag.previousWhite) : first;
      }
      if (parsing === 1) {
        this.#atStop = true;
        return new Token(Kind.hash, Flag.lineStart, '#', null, file.ref, file.start(line));
      }
      this.#directiveInArguments(frame, line, directive);
    }
    return END;
  }

  back(): void {
    if (this.#atStop) this.#atStop = false;
    else this.frame.back();
  }

  #directiveInArguments(frame: Frame, line: number, directive: number): void {
    const { expander } = this;
    frame.line = line + 1;
    const prevented = expander.preventExpansion;
    expander.parsingArguments = 0;
    expander.preventExpansion = 0;
    if (directive >= Directive.include && directive <= Directive.import) {
      const range = { start: frame.file.start(line), end: frame.file.end(line) };
      this.issue('bad-directive', '#include inside macro arguments', range);
    } else runDirective(this, frame, line, directive);
    expander.parsingArguments = 2;
    expander.preventExpansion = prevented;
    frame.readTokens([], 0);
  }

  dynamicText(macro: DynamicMacro, place: number, name: string): string {
    return dynamicText(this, macro, place, name);
  }

  pragmaOperator(text: string): void {
    if (this.isAsm()) return;
    const { file } = this.frame;
    const physical = file.physicalLine(this.#topStart);
    this.output.putLine(`#pragma ${text}`, file.path, physical, [], []);
    this.output.startLine(file.path, physical, 0);
  }

  argumentsWrong(name: Tok, expansion: CppExpansion | null, message: string, unterminated: boolean): void {
    let at: { readonly file: string; readonly offset: number } = { file: name.ref.path, offset: name.offset };
    for (let use = expansion; use !== null; use = use.parent) at = use;
    const { file } = this.frame;
    const offset = at.file === file.path ? at.offset : this.#topStart;
    const length = at.file === file.path && expansion === null ? name.text.length : 1;
    this.issue(unterminated ? 'unterminated' : 'macro-arguments', message, { start: offset, end: offset + length });
  }

  used(expansion: Expansion, name: Tok, close: Tok | null, top: boolean): void {
    const { frame } = this;
    if (top) {
      this.#topStart = name.offset;
      const end = name.offset + name.text.length;
      this.#topEnd = close !== null && close.ref === frame.file.ref && close.offset >= end ? close.offset + 1 : end;
    }
    if (frame.isShown) this.uses.add(expansion, name, close, { start: this.#topStart, end: this.#topEnd });
  }

  limitReached(what: string): void {
    this.unkeepable = true;
    if (this.#limits.has(what)) return;
    this.#limits.add(what);
    const start = this.frame.isShown ? this.#topStart : 0;
    this.issue('limit', what, { start, end: start + 1 });
  }

  /** Ends the run where it is: a file that includes itself twice would be read for ever. */
  stop(what: string): void {
    this.limitReached(what);
    this.#stopped = true;
  }

  get maxDepth(): number {
    return this.options.limits?.includeDepth ?? defaultMaxDepth;
  }

  /** Notes a problem in the file being read. */
  issue(kind: CppIssue['kind'], message: string, range: TextRange): void {
    const { file } = this.frame;
    this.issues.push({ kind, message, file: file.path, line: file.physicalLine(range.start), range });
  }

  /** A file's name as `__FILE__` gives it. */
  shownName(path: string): string {
    for (const { from, to } of this.options.filePrefixes ?? []) {
      if (path.startsWith(from)) return to + path.slice(from.length);
    }
    return path;
  }

  #outputPlace(tok: Tok, expansion: Expansion | null): OutputPlace {
    const { file } = this.frame;
    const offset = expansion?.root.offset ?? tok.offset;
    const line = file.physicalLine(offset);
    return { file: file.path, line, column: file.byteColumn(offset, line) };
  }
}
