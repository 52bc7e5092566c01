import type { BoundInsn } from './model.ts';
import type { StreamInsn } from './program.ts';

/**
 * One instruction of a function in one state: every site as that state leaves it. Whoever knows the source builds the
 * list in address order; fall-through is the next one.
 */
export interface CodeInsn {
  readonly insn: BoundInsn;
  /** Names the place alike in all states of the function, such as `file:line:ordinal`. */
  readonly key: string;
  /** Index of a direct branch's target; `outside`: it leaves the function; `unknown`: nobody can say. */
  readonly target: number | 'outside' | 'unknown' | null;
  /** For a call: callee's name, or null; a call that never returns ends the path. */
  readonly callee: string | null;
  readonly neverReturns: boolean;
  /** Part of the site that is asked about. */
  readonly isSite: boolean;
}

export interface CodeRegion {
  readonly insns: readonly CodeInsn[];
  /** Other places where the code may be entered: function start, labels others branch to. */
  readonly entries: readonly number[];
  /** The list stops here because nobody knows how it goes on, with the reason; null: the function's own end. */
  readonly unclearEnd: string | null;
}

export type PathEnd =
  | { readonly kind: 'return' | 'indirect' | 'exception-return' | 'trap' | 'limit' | 'end'; readonly key: string }
  | { readonly kind: 'tail-call' | 'no-return'; readonly key: string; readonly callee: string | null }
  | { readonly kind: 'unclear'; readonly key: string; readonly reason: string };

/** One way through the code. */
export interface Path {
  readonly stream: readonly StreamInsn[];
  /** Index into the region of each instruction. */
  readonly indices: readonly number[];
  /** First and one past the last instruction of the site in `stream`; equal when it is not there. */
  readonly siteStart: number;
  readonly siteEnd: number;
  readonly end: PathEnd;
  /** Conditional branches with their outcome, `key:taken` or `key:not`, in order; those of the site are left out. */
  readonly outcomes: readonly string[];
  /** Backward edges that were taken, each once: the path goes round a loop there. */
  readonly loops: readonly string[];
  /** Calls on the way; their cost is not in the stream. */
  readonly callees: readonly { readonly index: number; readonly callee: string | null }[];
}

export interface PathSet {
  readonly paths: readonly Path[];
  /** There are more than were followed. */
  readonly isCut: boolean;
}

export const pathLimits = { insns: 256, paths: 64, straightInsns: 24 } as const;

/**
 * The straight window: the site's block from its leader, the site, then forward with unconditional branches followed
 * and conditional ones not taken, until a call, a return, or 24 instructions. Null when the region has no site.
 */
export function straightWindow(region: CodeRegion): Path | null {
  const first = region.insns.findIndex((insn) => insn.isSite);
  if (first < 0) return null;
  const builder = new PathBuilder(region);
  for (let at = blockLeader(region, first); at < first; at++) builder.add(at, false);
  let at = first;
  let forward = 0;
  for (;;) {
    const code = region.insns[at];
    if (code === undefined) return builder.finish(endOfList(region, at));
    if (!code.isSite && forward >= pathLimits.straightInsns) return builder.finish({ kind: 'limit', key: code.key });
    if (!code.isSite) forward++;
    const step = stepOf(code);
    builder.add(at, code.insn.branch !== null && step.kind !== 'fork');
    if (step.kind === 'end') return builder.finish(step.end);
    if (step.kind === 'call' && !code.isSite) return builder.finish({ kind: 'limit', key: code.key });
    if (step.kind === 'jump') {
      if (builder.hasVisited(step.to)) return builder.finish({ kind: 'limit', key: code.key });
      at = step.to;
    } else at++;
  }
}

/**
 * All paths from the site, depth first, both outcomes of each conditional branch; each conditional edge and each
 * backward edge at most once per path. At most 64 paths of 256 instructions.
 */
export function allPaths(region: CodeRegion): PathSet {
  const first = region.insns.findIndex((insn) => insn.isSite);
  if (first < 0) return { paths: [], isCut: false };
  const paths: Path[] = [];
  const open: Branching[] = [{ builder: new PathBuilder(region), at: first, used: new Set() }];
  while (open.length > 0) {
    if (paths.length >= pathLimits.paths) return { paths, isCut: true };
    const next = open.pop();
    if (next !== undefined) paths.push(follow(region, next, open));
  }
  return { paths, isCut: false };
}

interface Branching {
  readonly builder: PathBuilder;
  readonly at: number;
  /** Conditional and backward edges used so far. */
  readonly used: Set<string>;
}

function follow(region: CodeRegion, start: Branching, open: Branching[]): Path {
  let { builder, at, used } = start;
  for (;;) {
    const code = region.insns[at];
    if (code === undefined) return builder.finish(endOfList(region, at));
    if (builder.length >= pathLimits.insns) return builder.finish({ kind: 'limit', key: code.key });
    const step = stepOf(code);
    switch (step.kind) {
      case 'end':
        builder.add(at, code.insn.branch !== null);
        return builder.finish(step.end);
      case 'next':
      case 'call':
        builder.add(at, step.kind === 'call');
        at++;
        break;
      case 'jump': {
        builder.add(at, true);
        if (!takeEdge(builder, used, code, at, step.to)) return builder.finish({ kind: 'limit', key: code.key });
        at = step.to;
        break;
      }
      case 'fork': {
        const branched = takenFork(region, { builder, at, used }, code);
        if (!used.has(`${code.key}:not`)) {
          if (branched !== null) open.push(branched);
          used.add(`${code.key}:not`);
          builder.add(at, false);
          builder.note(code, 'not');
          at++;
        } else if (branched === null) {
          builder.add(at, false);
          return builder.finish({ kind: 'limit', key: code.key });
        } else ({ builder, at, used } = branched);
        break;
      }
    }
  }
}

/** The path that takes a conditional branch, or null when it has taken this edge before. */
function takenFork(region: CodeRegion, { builder, at, used }: Branching, code: CodeInsn): Branching | null {
  if (used.has(`${code.key}:taken`)) return null;
  const branched = builder.copy();
  const edges = new Set(used).add(`${code.key}:taken`);
  branched.add(at, true);
  branched.note(code, 'taken');
  if (typeof code.target === 'number') {
    return takeEdge(branched, edges, code, at, code.target)
      ? { builder: branched, at: code.target, used: edges }
      : null;
  }
  branched.endsAt(outsideEnd(code));
  return { builder: branched, at: region.insns.length, used: edges };
}

/** Takes a branch; a backward one only once. */
function takeEdge(builder: PathBuilder, used: Set<string>, code: CodeInsn, at: number, to: number): boolean {
  if (to > at) return true;
  const edge = `${code.key}:back`;
  if (used.has(edge)) return false;
  used.add(edge);
  builder.loop(code.key);
  return true;
}

type Step =
  | { readonly kind: 'next' | 'call' | 'fork' }
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'end'; readonly end: PathEnd };

function stepOf(code: CodeInsn): Step {
  const { insn, key, target, callee } = code;
  switch (insn.branch) {
    case null:
      return traps.has(insn.mnemonic) ? { kind: 'end', end: { kind: 'trap', key } } : { kind: 'next' };
    case 'conditional':
      return { kind: 'fork' };
    case 'call':
      return code.neverReturns ? { kind: 'end', end: { kind: 'no-return', key, callee } } : { kind: 'call' };
    case 'return':
      return { kind: 'end', end: { kind: 'return', key } };
    case 'exception-return':
      return { kind: 'end', end: { kind: 'exception-return', key } };
    case 'jump':
      if (typeof target === 'number') return { kind: 'jump', to: target };
      return { kind: 'end', end: target === null ? { kind: 'indirect', key } : outsideEnd(code) };
  }
}

function outsideEnd({ key, target, callee }: CodeInsn): PathEnd {
  if (target === 'unknown') return { kind: 'unclear', key, reason: 'the target of the branch is not known' };
  return { kind: 'tail-call', key, callee };
}

function endOfList(region: CodeRegion, at: number): PathEnd {
  const key = region.insns[Math.min(at, region.insns.length) - 1]?.key ?? '';
  return region.unclearEnd === null ? { kind: 'end', key } : { kind: 'unclear', key, reason: region.unclearEnd };
}

const traps: ReadonlySet<string> = new Set(['brk', 'udf', 'hlt']);

/** Start of the block that holds an instruction: behind a branch, or where another branch or caller comes in. */
function blockLeader(region: CodeRegion, index: number): number {
  const targets = new Set<number>(region.entries);
  for (const { target } of region.insns) if (typeof target === 'number') targets.add(target);
  let at = index;
  while (
    at > 0 &&
    !targets.has(at) &&
    region.insns[at - 1]?.insn.branch === null &&
    index - at < pathLimits.straightInsns
  )
    at--;
  return at;
}

class PathBuilder {
  readonly #region: CodeRegion;
  readonly #stream: StreamInsn[];
  readonly #indices: number[];
  readonly #outcomes: string[];
  readonly #loops: string[];
  #end: PathEnd | null = null;

  constructor(region: CodeRegion, from?: PathBuilder) {
    this.#region = region;
    this.#stream = from === undefined ? [] : [...from.#stream];
    this.#indices = from === undefined ? [] : [...from.#indices];
    this.#outcomes = from === undefined ? [] : [...from.#outcomes];
    this.#loops = from === undefined ? [] : [...from.#loops];
  }

  get length(): number {
    return this.#stream.length;
  }

  copy(): PathBuilder {
    return new PathBuilder(this.#region, this);
  }

  add(index: number, taken: boolean): void {
    const code = this.#region.insns[index];
    if (code === undefined) return;
    this.#stream.push({ insn: code.insn, taken });
    this.#indices.push(index);
  }

  hasVisited(index: number): boolean {
    return this.#indices.includes(index);
  }

  /** Notes the outcome of a conditional branch that is not the site's own. */
  note(code: CodeInsn, outcome: 'taken' | 'not'): void {
    if (!code.isSite) this.#outcomes.push(`${code.key}:${outcome}`);
  }

  loop(key: string): void {
    this.#loops.push(key);
  }

  /** How the path ends, whatever `finish` is told. */
  endsAt(end: PathEnd): void {
    this.#end = end;
  }

  finish(end: PathEnd): Path {
    const isSite = (index: number): boolean => this.#region.insns[index]?.isSite === true;
    const siteStart = this.#indices.findIndex(isSite);
    let siteEnd = Math.max(0, siteStart);
    while (siteStart >= 0 && siteEnd < this.#indices.length && isSite(this.#indices[siteEnd] ?? -1)) siteEnd++;
    const callees = this.#indices.flatMap((code, index) => {
      const found = this.#region.insns[code];
      return found?.insn.branch === 'call' ? [{ index, callee: found.callee }] : [];
    });
    return {
      stream: this.#stream,
      indices: this.#indices,
      siteStart: Math.max(0, siteStart),
      siteEnd,
      end: this.#end ?? end,
      outcomes: this.#outcomes,
      loops: this.#loops,
      callees,
    };
  }
}
