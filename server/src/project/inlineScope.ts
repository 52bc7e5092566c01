import type { Cancellation } from '../base/cancellation.ts';
import { neverCancelled, throwIfCancelled } from '../base/cancellation.ts';
import type { FunctionSource, NameScope } from '../kernel/c/functionSource.ts';
import { SiteWalker } from '../kernel/c/siteWalker.ts';
import type { CFunction } from '../syntax/c/cModel.ts';
import type { CUnit } from './cUnit.ts';
import { type HeaderScan, scanHeader } from './headerScan.ts';

/** What scopes are made from. */
export interface InlineSources {
  readonly textOf: (path: string) => string | undefined;
  /** A header as a unit of its own, compiled as `like` is. */
  readonly headerUnit: (path: string, like: CUnit, cancellation: Cancellation) => CUnit | null;
  /** Grows with every change of a document, a file or a setting. */
  readonly changes: () => number;
}

/** A header's definitions, without tokens or syntax. */
interface Header {
  readonly path: string;
  readonly text: string;
  readonly files: readonly string[];
  readonly expanded: string;
  readonly functions: ReadonlyMap<string, FunctionSource>;
  readonly variables: ReadonlyMap<string, string>;
  /** Offsets of `expanded` where lines begin, and the line of the header that each is from. */
  readonly starts: Int32Array;
  readonly lines: Int32Array;
  structs: Map<string, string | null> | null;
}

interface Scanned {
  readonly text: string;
  readonly scan: HeaderScan;
}

/** Words of a name that are too common to tell a header by. */
const shortestFragment = 3;
/** Headers that are read in search of one name. */
const maxCandidates = 60;

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
    const key = variantOf(unit);
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
function variantOf(unit: CUnit): string {
  const special = (unit.context?.options.defines ?? []).filter(
    ({ name }) => !/^(KBUILD_|CC_USING_|KASAN_|__KERNEL__$|ARM64_ASM_ARCH$)/.test(name),
  );
  return `${unit.tree?.root ?? ''}\0${special.map(({ name, value }) => `${name}=${value}`).join(' ')}`;
}

/** Definitions for one tree and one way of compiling, and what is known about their sites. */
export class ScopeSet {
  readonly tree: CUnit['tree'];
  readonly walker = new SiteWalker();
  readonly #sources: InlineSources;
  readonly #like: CUnit;
  readonly #headers = new Map<string, Header | null>();
  readonly #scanned = new Map<string, Scanned>();
  readonly #bodies = new Map<string, string[]>();
  readonly #prototypes = new Set<string>();
  readonly #pasted = new Map<string, string[]>();
  readonly #found = new Map<string, Header | null>();
  readonly #members = new Map<string, string | null>();
  readonly #roots = new WeakMap<CUnit, ReadonlyMap<CFunction, FunctionSource>>();
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
    for (const [path, { text }] of this.#scanned) if (this.#sources.textOf(path) !== text) return false;
    this.#checkedAt = now;
    return true;
  }

  /** The unit's own functions as the walker reads them; the same objects for the same unit. */
  functionsOf(unit: CUnit, cancellation: Cancellation): ReadonlyMap<CFunction, FunctionSource> {
    this.#cancellation = cancellation;
    const known = this.#roots.get(unit);
    if (known !== undefined) return known;
    for (const file of unit.files) {
      if (file === unit.path || this.#scanned.has(file)) continue;
      this.#scan(file);
      throwIfCancelled(cancellation);
    }
    this.#checkedAt = this.#sources.changes();
    const own = new Map<string, FunctionSource>();
    const scope = this.#scopeOf(unit.path, new Set(unit.files), own, () => variableTypes(unit), unit.expanded.text);
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
    const header = this.#headers.get(fn.file);
    if (header === undefined || header === null || header.expanded !== fn.text) return null;
    let low = 0;
    let high = header.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((header.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return header.lines[low] ?? 1;
  }

  #scan(path: string): void {
    if (this.#scanned.has(path)) return;
    const text = this.#sources.textOf(path);
    if (text === undefined) return;
    const scan = scanHeader(text);
    this.#scanned.set(path, { text, scan });
    for (const name of scan.bodies) add(this.#bodies, name, path);
    for (const name of scan.prototypes) this.#prototypes.add(name);
    for (const word of scan.pasted) add(this.#pasted, word, path);
  }

  #scopeOf(
    path: string,
    closure: ReadonlySet<string>,
    own: ReadonlyMap<string, FunctionSource>,
    variables: () => ReadonlyMap<string, string>,
    expanded: string,
  ): NameScope {
    const functions = new Map<string, FunctionSource | null>();
    const types = new Map<string, string | null>();
    return {
      function: (name) => {
        const mine = own.get(name);
        if (mine !== undefined) return mine;
        let found = functions.get(name);
        if (found === undefined) {
          found = this.#functionIn(name, closure);
          functions.set(name, found);
        }
        return found;
      },
      variableType: (name) => {
        let type = variables().get(name) ?? types.get(name);
        if (type === undefined) {
          type = this.#variableIn(name, closure, path);
          types.set(name, type);
        }
        return type;
      },
      memberType: (type, member) => this.#memberType(type, member, expanded, closure, path),
    };
  }

  #header(path: string): Header | null {
    const known = this.#headers.get(path);
    if (known !== undefined) return known;
    this.#headers.set(path, null);
    const unit = this.#sources.headerUnit(path, this.#like, neverCancelled);
    if (unit === null) return null;
    for (const file of unit.files) this.#scan(file);
    const own = new Map<string, FunctionSource>();
    const variables = variableTypes(unit);
    const expanded = unit.expanded.text;
    const scope = this.#scopeOf(path, new Set(unit.files), own, () => variables, expanded);
    for (const fn of unit.functions) own.set(fn.name, functionSource(fn, path, expanded, scope, true));
    const header: Header = {
      path,
      text: unit.text,
      files: unit.files,
      expanded,
      functions: own,
      variables,
      ...lineTable(unit),
      structs: null,
    };
    this.#headers.set(path, header);
    // Behind the work: whoever is broken off here has one header less to read when he begins again.
    throwIfCancelled(this.#cancellation);
    return header;
  }

  /** Function of a header: one that the asker includes, else the only one there is. */
  #functionIn(name: string, closure: ReadonlySet<string>): FunctionSource | null {
    const written = this.#bodies.get(name) ?? [];
    const visible = written.filter((path) => closure.has(path));
    for (const path of visible.length > 0 ? visible : written) {
      const found = this.#header(path)?.functions.get(name);
      if (found !== undefined) return found;
    }
    if (this.#prototypes.has(name)) return null;
    return this.#madeBy(name)?.functions.get(name) ?? null;
  }

  /** Header in which a macro makes a function of this name, of pieces that its uses are given. */
  #madeBy(name: string): Header | null {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    this.#found.set(name, null);
    try {
      const header = this.#makerOf(name);
      this.#found.set(name, header);
      return header;
    } catch (error) {
      this.#found.delete(name);
      throw error;
    }
  }

  #makerOf(name: string): Header | null {
    const tried = new Set<string>();
    for (const fragment of fragmentsOf(name)) {
      const paths = this.#pasted.get(fragment) ?? [];
      if (paths.length > maxCandidates) continue;
      for (const path of paths) {
        if (tried.has(path)) continue;
        tried.add(path);
        const header = this.#header(path);
        if (header?.functions.has(name)) return header;
        if (tried.size > maxCandidates) return null;
      }
    }
    return null;
  }

  #variableIn(name: string, closure: ReadonlySet<string>, own: string): string | null {
    const pattern = new RegExp(`\\b${name}\\b`);
    const pieces = fragmentsOf(name).map((each) => new RegExp(`\\b${each}\\b`));
    let viaPieces: string | null = null;
    for (const [path, { text }] of this.#scanned) {
      if (path === own || !closure.has(path)) continue;
      if (text.includes(name) && pattern.test(text)) {
        const type = this.#header(path)?.variables.get(name);
        if (type !== undefined) return type;
      }
    }
    // A name that a macro pastes together (`__tracepoint_sched_switch`, `__SCK__pv_steal_clock`).
    for (const piece of pieces) {
      for (const [path, { text }] of this.#scanned) {
        if (viaPieces !== null) break;
        if (path === own || !closure.has(path) || !piece.test(text)) continue;
        viaPieces = this.#header(path)?.variables.get(name) ?? null;
      }
      if (viaPieces !== null) break;
    }
    return viaPieces;
  }

  #memberType(
    type: string | null,
    member: string,
    expanded: string,
    closure: ReadonlySet<string>,
    own: string,
  ): string | null {
    const tag = /^(?:struct|union)\s+(\w+)/.exec(type ?? '')?.[1];
    if (tag === undefined) return type === null ? null : memberIn(type, member);
    const here = structBody(expanded, tag);
    if (here !== null) return memberIn(here, member);
    const key = `${tag}.${member}`;
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    let found: string | null = null;
    const pattern = new RegExp(`\\b(?:struct|union)\\s+${tag}\\b[^;(){}=]*\\{`);
    for (const [path, { text }] of this.#scanned) {
      if (path === own || !closure.has(path) || !text.includes(tag) || !pattern.test(text)) continue;
      const header = this.#header(path);
      if (header === null) continue;
      header.structs ??= new Map();
      let body = header.structs.get(tag);
      if (body === undefined) {
        body = structBody(header.expanded, tag);
        header.structs.set(tag, body);
      }
      if (body !== null) {
        found = memberIn(body, member);
        break;
      }
    }
    this.#members.set(key, found);
    return found;
  }
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** Pieces of a name that a macro's argument can have given, longest first. */
function fragmentsOf(name: string): string[] {
  const words = name.split('_');
  const found = new Set<string>();
  for (let length = words.length; length > 0; length--) {
    for (let from = 0; from + length <= words.length; from++) {
      const piece = words.slice(from, from + length).join('_');
      if (piece.length >= shortestFragment && piece !== name) found.add(piece);
    }
  }
  return [...found];
}

function functionSource(
  fn: CFunction,
  file: string,
  text: string,
  scope: NameScope,
  isHeader: boolean,
): FunctionSource {
  return {
    name: fn.name,
    file,
    text,
    from: fn.bodyRange.start,
    to: fn.bodyRange.end,
    parameters: fn.parameters.flatMap(({ name, type }) => (name === null ? [] : [{ name, type }])),
    returnType: fn.returnType,
    isInline: fn.inline === 'inline' || fn.inline === 'always' || (isHeader && fn.inline !== 'noinline'),
    section: fn.section,
    scope,
  };
}

function variableTypes(unit: CUnit): ReadonlyMap<string, string> {
  const known = unitVariables.get(unit);
  if (known !== undefined) return known;
  const types = new Map<string, string>();
  for (const { name, type } of unit.variables) if (!types.has(name)) types.set(name, type);
  unitVariables.set(unit, types);
  return types;
}

const unitVariables = new WeakMap<CUnit, ReadonlyMap<string, string>>();

function lineTable(unit: CUnit): Pick<Header, 'starts' | 'lines'> {
  const { text } = unit.expanded;
  const starts: number[] = [];
  const lines: number[] = [];
  for (let at = 0; at < text.length; ) {
    starts.push(at);
    const end = text.indexOf('\n', at);
    lines.push(unit.expanded.originAt(at)?.line ?? 1);
    at = end < 0 ? text.length : end + 1;
  }
  return { starts: Int32Array.from(starts), lines: Int32Array.from(lines) };
}

/** Text between the braces of `struct TAG { … }` in expanded text. */
function structBody(expanded: string, tag: string): string | null {
  const pattern = new RegExp(`\\b(?:struct|union)\\s+(?:__attribute__\\s*\\(\\([^;{}]*?\\)\\)\\s*)?${tag}\\s*\\{`);
  const match = pattern.exec(expanded);
  if (match === null) return null;
  const from = match.index + match[0].length;
  let depth = 1;
  for (let at = from; at < expanded.length; at++) {
    const code = expanded.charCodeAt(at);
    if (code === 123) depth++;
    else if (code === 125 && --depth === 0) return expanded.slice(from, at);
  }
  return null;
}

/** Type of a member in the text between a structure's braces (members of anonymous inner structures too). */
function memberIn(body: string, member: string): string | null {
  const pattern = new RegExp(
    `(?:^|[;{}])\\s*((?:[^;{}]|\\{[^{}]*\\})*?)\\b${member}\\b\\s*((?:\\[[^\\]]*\\]\\s*)*)(?::\\s*\\w+\\s*)?[;,]`,
  );
  const match = pattern.exec(body);
  if (match === null) {
    const aggregate = new RegExp(`\\}\\s*${member}\\s*;`).exec(body);
    return aggregate === null ? null : aggregateBefore(body, aggregate.index);
  }
  let type = (match[1] ?? '').trim();
  const comma = type.indexOf(',');
  if (comma >= 0 && !type.includes('(')) {
    const stars = /\**\s*$/.exec(type)?.[0].trim() ?? '';
    type = `${type.slice(0, comma).replace(/\w+\s*(\[[^\]]*\]\s*)*$/, '')} ${stars}`.trim();
  }
  const array = (match[2] ?? '').trim();
  return type === '' ? null : `${type}${array === '' ? '' : ` ${array}`}`;
}

/** An unnamed structure's body as its type. */
function aggregateBefore(body: string, close: number): string | null {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const code = body.charCodeAt(at);
    if (code === 125) depth++;
    else if (code === 123 && --depth === 0) return `{${body.slice(at + 1, close)};}`;
  }
  return null;
}
