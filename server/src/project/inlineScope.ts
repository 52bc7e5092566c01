import type { Cancellation } from '../base/cancellation.ts';
import { neverCancelled, throwIfCancelled } from '../base/cancellation.ts';
import { dirname } from '../base/path.ts';
import { readEnumerators } from '../kernel/c/enumerators.ts';
import type { FunctionSource, NameScope } from '../kernel/c/functionSource.ts';
import { SiteWalker } from '../kernel/c/siteWalker.ts';
import type { CFunction } from '../syntax/c/cModel.ts';
import { ExpandedText } from '../syntax/c/expandedText.ts';
import type { CppLine, CppResult } from '../syntax/cpp/model.ts';
import type { CompileContext } from './compileContext.ts';
import type { CUnit } from './cUnit.ts';
import { type Header, memberIn, readHeader, structBody } from './headerText.ts';
import { functionSource, variableTypes } from './unitFunctions.ts';
import { add, fragmentsOf, UnreadHeaders } from './unreadHeaders.ts';

/** What scopes are made from. */
export interface InlineSources {
  readonly textOf: (path: string) => string | undefined;
  /** A header as a unit of its own, compiled as `like` is. */
  readonly headerUnit: (path: string, like: CUnit, cancellation: Cancellation) => CUnit | null;
  /** A header as a unit includes it, with the unit's macros. */
  readonly headerInside: (path: string, unit: CUnit) => CUnit | null;
  /** The whole translation unit that a unit belongs to, headers' lines included; `null` when it cannot be read. */
  readonly wholeOf: (unit: CUnit) => CppResult | null;
  /** Grows with every change of a document, a file or a setting. */
  readonly changes: () => number;
}

/** New headers of a unit that are read when a name of theirs is asked for; more are read in one go with the unit. */
const maxOneByOne = 400;
/** Reading so many headers one by one takes as long as reading them all with the unit. */
const maxSingle = 10;

/**
 * Inline functions, variables and types that a unit's headers give it, found when a name is asked for. Each header
 * is read once as a file of its own. Invariant: everything is forgotten when the text of one header changes.
 */
export class InlineScopes {
  readonly #sources: InlineSources;
  readonly #sets = new Map<string, ScopeSet>();

  constructor(sources: InlineSources) {
    this.#sources = sources;
  }

  /** What is known for units that are compiled as this one is. */
  for(unit: CUnit): ScopeSet {
    const key = `${unit.tree?.root ?? ''}\0${variantKey(unit.context)}`;
    let set = this.#sets.get(key);
    if (set === undefined || set.tree !== unit.tree || !set.isCurrent()) {
      if (this.#sets.size >= maxVariants) this.#sets.clear();
      set = new ScopeSet(this.#sources, unit);
      this.#sets.set(key, set);
    }
    return set;
  }
}

const maxVariants = 4;

/** Options that make headers differ: what is defined on the command line for this object alone. */
export function variantKey(context: CompileContext | null): string {
  const special = (context?.options.defines ?? []).filter(
    ({ name }) => !/^(_*KBUILD_|CC_USING_|KASAN_|__KERNEL__$|MODULE$|ARM64_ASM_ARCH$|CONFIG_)/.test(name),
  );
  return special.map(({ name, value }) => `${name}=${value}`).join(' ');
}

/** Definitions for one tree and one way of compiling, and what is known about their sites. */
export class ScopeSet {
  readonly tree: CUnit['tree'];
  readonly walker = new SiteWalker();
  readonly #sources: InlineSources;
  readonly #like: CUnit;
  readonly #headers = new Map<string, Header | null>();
  /** Texts that headers and scans were made from. */
  readonly #texts = new Map<string, string>();
  /** Headers that define a function, or a variable. */
  readonly #byFunction = new Map<string, Header[]>();
  readonly #byVariable = new Map<string, Header[]>();
  readonly #enumerators = new Map<string, bigint>();
  readonly #unread = new UnreadHeaders();
  readonly #members = new Map<string, string | null>();
  readonly #structs = new Map<string, string>();
  readonly #typedefs = new Map<string, string>();
  /** The unit that was asked for last, and whether what its repeated includes make was read. */
  #asker: CUnit | null = null;
  readonly #repeated = new WeakSet<CUnit>();
  /** Headers that gave nothing when they were read alone but hold uses of macros that others define. */
  readonly #lists = new Set<string>();
  readonly #roots = new WeakMap<CUnit, ReadonlyMap<CFunction, FunctionSource>>();
  /** Unit whose headers are being read one by one, and how many were. */
  #root: CUnit | null = null;
  #nSingle = 0;
  #checkedAt = -1;
  #cancellation: Cancellation = neverCancelled;

  constructor(sources: InlineSources, like: CUnit) {
    this.#sources = sources;
    this.#like = like;
    this.tree = like.tree;
  }

  /** Whether no header has changed since it was read. */
  isCurrent(): boolean {
    const now = this.#sources.changes();
    if (now === this.#checkedAt) return true;
    for (const [path, text] of this.#texts) if (this.#sources.textOf(path) !== text) return false;
    this.#checkedAt = now;
    return true;
  }

  /** The unit's own functions as the walker reads them; the same objects for the same unit. */
  functionsOf(unit: CUnit, cancellation: Cancellation): ReadonlyMap<CFunction, FunctionSource> {
    this.#cancellation = cancellation;
    this.#asker = unit;
    const known = this.#roots.get(unit);
    if (known !== undefined) return known;
    this.#learn(unit);
    this.#checkedAt = this.#sources.changes();
    const own = new Map<string, FunctionSource>();
    const types = new Map(variableTypes(unit));
    for (const list of listHeaders(unit, this.#sources.textOf)) {
      const inside = this.#sources.headerInside(list, unit);
      for (const { name, type } of inside?.variables ?? []) if (!types.has(name)) types.set(name, type);
    }
    let enumerators: Map<string, bigint> | null = null;
    const enumerator = (name: string): bigint | null => {
      if (enumerators === null) {
        enumerators = new Map();
        readEnumerators(unit.expanded.text, enumerators);
      }
      return enumerators.get(name) ?? null;
    };
    const structs = new Map<string, string | null>();
    const ownStruct = (tag: string): string | null => {
      let body = structs.get(tag);
      if (body === undefined) {
        body = structBody(unit.expanded.text, tag);
        structs.set(tag, body);
      }
      return body;
    };
    const scope = this.#scopeOf(unit.path, own, types, ownStruct, enumerator);
    const functions = new Map<CFunction, FunctionSource>();
    for (const fn of unit.functions) {
      const source = functionSource(fn, unit.path, unit.expanded.text, scope, unit.path.endsWith('.h'));
      functions.set(fn, source);
      own.set(fn.name, source);
    }
    this.#roots.set(unit, functions);
    return functions;
  }

  /** 1-based line of the file at an offset of a header function's text; `null` for functions of no header. */
  lineOf(fn: FunctionSource, offset: number): number | null {
    const header = this.#headers.get(fn.file) ?? null;
    return header === null || header.expanded !== fn.text ? null : header.lineAt(offset);
  }

  /** Reads the headers of a unit: all at once when many are new, else those that are asked for one by one. */
  #learn(unit: CUnit): void {
    const unread = unit.files.filter((file) => file !== unit.path && !this.#texts.has(file));
    if (unread.length === 0) return;
    for (const file of unread) {
      const text = this.#sources.textOf(file);
      if (text !== undefined) this.#texts.set(file, text);
    }
    if (unread.length <= maxOneByOne) {
      this.#root = unit;
      this.#nSingle = 0;
      for (const file of unread) this.#unread.add(file, this.#texts.get(file) ?? '');
      return;
    }
    this.#readAll(unit, unread);
  }

  /** Reads a unit with all that it includes, and keeps the headers that are named. */
  #readAll(unit: CUnit, files: readonly string[]): void {
    const whole = this.#sources.wholeOf(unit);
    const read = new Set(whole?.files ?? []);
    for (const file of files) {
      if (!read.has(file) && !this.#headers.has(file)) this.#unread.add(file, this.#texts.get(file) ?? '');
    }
    if (whole === null) return;
    const { lines } = whole;
    const byFile = new Map<string, CppLine[]>();
    for (const file of files) if (read.has(file)) byFile.set(file, []);
    // An enumeration can be put together of several files.
    readEnumerators(lines.map(({ text }) => text).join('\n'), this.#enumerators);
    for (const line of lines) byFile.get(line.file)?.push(line);
    for (const [file, own] of byFile) {
      this.#unread.delete(file);
      this.#keep(file, new ExpandedText(file, own, []));
    }
  }

  /** Headers that a unit includes more than once: macros that it defines before make something else of them each time. */
  #readRepeated(unit: CUnit): void {
    if (this.#repeated.has(unit)) return;
    this.#repeated.add(unit);
    const times = new Map<string, number>();
    for (const { resolved } of unit.includes)
      if (resolved !== null) times.set(resolved, (times.get(resolved) ?? 0) + 1);
    const files = new Set([...times].filter(([, count]) => count > 1).map(([file]) => file));
    if (files.size === 0) return;
    const lines = this.#sources.wholeOf(unit)?.lines ?? [];
    for (const file of files) {
      const own = lines.filter((line) => line.file === file);
      if (own.length > 0) this.#keep(file, new ExpandedText(file, own, []));
    }
  }

  /** Headers that are lists of macro uses (`SUBSYS(cpu)`), read for the variable that one of them may make. */
  #readLists(unit: CUnit, name: string): void {
    const pieces = fragmentsOf(name);
    const files = [...this.#lists].filter((file) => {
      const text = this.#texts.get(file) ?? '';
      return unit.files.includes(file) && pieces.some((piece) => text.includes(piece));
    });
    if (files.length === 0) return;
    for (const file of files) this.#lists.delete(file);
    const lines = this.#sources.wholeOf(unit)?.lines ?? [];
    for (const file of files) {
      const own = lines.filter((line) => line.file === file);
      if (own.length > 0) this.#keep(file, new ExpandedText(file, own, []));
    }
  }

  #keep(path: string, expanded: ExpandedText): Header {
    const own = new Map<string, FunctionSource>();
    const variables = new Map<string, string>();
    let header: Header | null = null;
    const scope = this.#scopeOf(path, own, variables, (tag) => header?.structBody(tag) ?? null);
    header = readHeader(expanded, scope);
    for (const [name, fn] of header.functions) {
      own.set(name, fn);
      add(this.#byFunction, name, header);
    }
    for (const name of header.prototypes) this.#unread.declare(name);
    for (const [name, type] of header.typedefs) this.#typedefs.set(name, type);
    for (const [name, type] of header.variables) {
      variables.set(name, type);
      add(this.#byVariable, name, header);
    }
    this.#headers.set(path, header);
    return header;
  }

  #header(path: string): Header | null {
    const known = this.#headers.get(path);
    if (known !== undefined) return known;
    if (this.#root !== null && ++this.#nSingle > maxSingle) {
      const root = this.#root;
      this.#root = null;
      this.#readAll(
        root,
        root.files.filter((file) => file !== root.path && !this.#headers.has(file)),
      );
      const read = this.#headers.get(path);
      if (read !== undefined) return read;
    }
    this.#headers.set(path, null);
    this.#unread.delete(path);
    // Never broken off in the middle, or the header would count as empty from then on; asked behind it, so that whoever
    // begins again has one header less to read.
    const unit = this.#sources.headerUnit(path, this.#like, neverCancelled);
    if (unit !== null) readEnumerators(unit.expanded.text, this.#enumerators);
    const header = unit === null ? null : this.#keep(path, unit.expanded);
    if (header !== null && isList(header)) this.#lists.add(path);
    throwIfCancelled(this.#cancellation);
    return header;
  }

  #scopeOf(
    path: string,
    own: ReadonlyMap<string, FunctionSource>,
    variables: ReadonlyMap<string, string>,
    ownStruct: (tag: string) => string | null,
    ownEnumerator: (name: string) => bigint | null = () => null,
  ): NameScope {
    return {
      enumerator: (name) => ownEnumerator(name) ?? this.#enumerators.get(name) ?? null,
      function: (name) => own.get(name) ?? this.#functionNamed(name, path),
      variableType: (name) => variables.get(name) ?? this.#variableNamed(name, path),
      typeNamed: (name) => this.#typedefs.get(name) ?? null,
      structBody: (tag) => ownStruct(tag) ?? this.#structNamed(tag),
      memberType: (type, member) => this.#memberType(type, member, ownStruct),
    };
  }

  /** Function of a header; of several that define it, the one that lies nearest. */
  #functionNamed(name: string, from: string): FunctionSource | null {
    for (const path of this.#unread.definersOf(name)) this.#header(path);
    if (!this.#byFunction.has(name)) {
      for (const path of this.#unread.makersOf(name)) {
        this.#header(path);
        if (this.#byFunction.has(name)) break;
      }
    }
    const header = nearest(this.#byFunction.get(name), from);
    return header?.functions.get(name) ?? null;
  }

  #variableNamed(name: string, from: string): string | null {
    if (!this.#byVariable.has(name)) {
      for (const path of this.#unread.mentioning(name, this.#texts)) {
        this.#header(path);
        if (this.#byVariable.has(name)) break;
      }
    }
    if (!this.#byVariable.has(name) && this.#asker !== null) {
      this.#readRepeated(this.#asker);
      if (!this.#byVariable.has(name)) this.#readLists(this.#asker, name);
    }
    return nearest(this.#byVariable.get(name), from)?.variables.get(name) ?? null;
  }

  /** Body of a structure of some header. */
  #structNamed(tag: string): string | null {
    const known = this.#structs.get(tag);
    if (known !== undefined) return known;
    for (const path of this.#unread.structsOf(tag, this.#texts)) this.#header(path);
    for (const header of this.#headers.values()) {
      const body = header?.structBody(tag) ?? null;
      if (body === null) continue;
      this.#structs.set(tag, body);
      return body;
    }
    return null;
  }

  #memberType(type: string | null, member: string, ownStruct: (tag: string) => string | null): string | null {
    const tag = /^(?:struct|union)\s+(\w+)/.exec(type ?? '')?.[1];
    if (tag === undefined) return type === null ? null : memberIn(type, member);
    const here = ownStruct(tag);
    if (here !== null) return memberIn(here, member);
    const key = `${tag}.${member}`;
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const body = this.#structNamed(tag);
    const found = body === null ? null : memberIn(body, member);
    this.#members.set(key, found);
    return found;
  }
}

function isList({ functions, variables, expanded }: Header): boolean {
  return functions.size === 0 && variables.size === 0 && /^[A-Za-z_]\w* ?\(/m.test(expanded);
}

/** The first that lies in the asker's directory, else the first. */
function nearest(headers: readonly Header[] | undefined, from: string): Header | null {
  if (headers === undefined) return null;
  const [first] = headers;
  if (headers.length === 1) return first ?? null;
  const directory = dirname(from);
  return (
    headers.find(({ path }) => path === from) ??
    headers.find(({ path }) => dirname(path) === directory) ??
    first ??
    null
  );
}

/** Headers that a unit includes as lists: without a guard, of uses of macros that the unit defines (`LSM_HOOK(…)`). */
function listHeaders(unit: CUnit, textOf: InlineSources['textOf']): readonly string[] {
  const found = new Set<string>();
  for (const { file, resolved } of unit.includes) {
    if (file !== unit.path || resolved === null || found.has(resolved)) continue;
    const text = textOf(resolved) ?? '';
    const [, used] = /^([A-Z]\w*)\(/m.exec(text) ?? [];
    if (used === undefined || !new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${used}\\b`, 'm').test(unit.text)) continue;
    found.add(resolved);
  }
  return [...found];
}
