import { type ModelPoint, pointKey } from './contextPoint.ts';
import type { CallOp, FlowOp } from './flow/graph.ts';
import type { OrderRow } from './primitives.ts';
import type { FunctionFacts } from './unit.ts';

/** Whether instrumentation may run as far as RCU, lockdep and tracing go: RCU watches, does not, or nobody knows. */
export type Context = 'in' | 'out' | 'unknown';

/** One operation in one chain of inlined calls: `via` is the call that leads into its function, `null` at the root. */
export interface Site {
  readonly op: FlowOp;
  readonly fn: FunctionFacts;
  readonly via: Site | null;
}

export interface StepAt {
  readonly name: string;
  readonly row: OrderRow;
  readonly site: Site;
  /** It was found out of place. */
  readonly told: boolean;
}

/** What is known of the value that a call gave back: of itself (`''`) and of its members (` . name`). */
export interface CallResult {
  /** `null` while its function is being left. */
  readonly call: CallOp | null;
  readonly conds: ReadonlyMap<string, boolean>;
}

/** What holds at one point of one path through a function, inlined functions included. Never changed in place. */
export interface PathState {
  /** Open instrumentation regions. */
  readonly depth: number;
  readonly ctx: Context;
  /** What the context was before each nesting entry that is not left yet. */
  readonly nested: readonly Context[];
  /** In the window where an idle CPU may have interrupts enabled. */
  readonly idle: boolean;
  /** The interrupted task is not the idle task on this path. */
  readonly nonIdle: boolean;
  /** Conditions taken, as text. */
  readonly conds: ReadonlyMap<string, boolean>;
  /** Of the last call, until something is assigned or decided. */
  readonly result: CallResult | null;
  /** Where the open regions begin, outermost first. */
  readonly regions: readonly Site[];
  /** The `instrumentation_end()` that closed more than was open, where it came first on the path. */
  readonly under: Site | null;
  readonly lastEnd: Site | null;
  /** Steps of the entry and of the exit that the path is in. */
  readonly entry: readonly StepAt[];
  readonly exit: readonly StepAt[];
  /** Last switch of the context on this path. */
  readonly entered: Site | null;
  readonly left: Site | null;
  readonly resched: Site | null;
  readonly traceOff: Site | null;
  readonly traceOn: Site | null;
  /** `goto` or `break` taken since the innermost region began. */
  readonly jump: Site | null;
  /** `goto` or `continue` taken since the last switch of the context. */
  readonly away: Site | null;
  /** A switch of the context inside the open region was told. */
  readonly switchTold: boolean;
  /** A condition was decided since the innermost region began. */
  readonly branched: boolean;
  /** A finding on regions was made on this path; what follows from it is not told again. */
  readonly spoiled: boolean;
  /** What was passed on the way here, last step first; kept only by a walk that was asked to. */
  readonly trail: Trail | null;
  /** The model of context tracking on this path; kept only by a walk that was asked to. */
  readonly model: ModelPoint | null;
}

/** One operation that a path passed. */
export interface Trail {
  readonly site: Site;
  /** State at the operation. */
  readonly before: PathState;
  /** Which way a condition went; `null` for what is no condition. */
  readonly taken: boolean | null;
  readonly parent: Trail | null;
}

/** A path at the entry of a function. */
export function entryState(ctx: Context): PathState {
  return {
    depth: 0,
    ctx,
    nested: [],
    idle: false,
    nonIdle: false,
    conds: new Map(),
    result: null,
    regions: [],
    under: null,
    lastEnd: null,
    entry: [],
    exit: [],
    entered: null,
    left: null,
    resched: null,
    traceOff: null,
    traceOn: null,
    jump: null,
    away: null,
    switchTold: false,
    branched: false,
    spoiled: false,
    trail: null,
    model: null,
  };
}

const numbers = new WeakMap<FlowOp, number>();
let nextNumber = 0;

/** A number per operation, for keys only. */
function numberOf(site: Site | null): number {
  if (site === null) return 0;
  let number = numbers.get(site.op);
  if (number === undefined) {
    number = ++nextNumber;
    numbers.set(site.op, number);
  }
  return number;
}

/** States with the same key go on alike. */
export function stateKey(state: PathState): string {
  const { depth, ctx, idle, nonIdle, conds, entry, exit } = state;
  const flags = `${idle ? 'i' : ''}${nonIdle ? 'n' : ''}${state.branched ? 'b' : ''}${state.spoiled ? 's' : ''}${state.switchTold ? 't' : ''}`;
  const steps = `${entry.map(stepKey).join('')}/${exit.map(stepKey).join('')}`;
  const sites = [
    state.regions.at(-1) ?? null,
    state.under,
    state.entered,
    state.left,
    state.resched,
    state.traceOff,
    state.traceOn,
    state.jump,
    state.away,
  ];
  const taken = [...conds].map(([text, value]) => `${value ? '' : '!'}${text}`).sort();
  const model = state.model === null ? '' : pointKey(state.model);
  return `${depth}${ctx}${state.nested.join('')}${flags} ${steps} ${sites.map(numberOf).join(',')} ${taken.join(';')}${resultKey(state)}${model}`;
}

function resultKey({ result }: PathState): string {
  return result === null ? '' : ` =${[...result.conds].map(([text, value]) => `${value ? '' : '!'}${text}`).join(';')}`;
}

function stepKey({ row, told }: StepAt): string {
  return `${row.rank}${told ? 't' : ''}`;
}

/** Whether both states can be those of one execution as far as the conditions tell. */
export function compatible(left: PathState, right: PathState): boolean {
  for (const [text, value] of left.conds) {
    const other = right.conds.get(text);
    if (other !== undefined && other !== value) return false;
  }
  return true;
}

const maxConds = 8;

/** A path on which a condition went one way; the oldest condition goes when there are too many. */
export function withCondition(state: PathState, text: string, value: boolean): PathState {
  const conds = new Map(state.conds);
  conds.delete(text);
  conds.set(text, value);
  if (conds.size > maxConds) {
    const oldest = conds.keys().next().value;
    if (oldest !== undefined) conds.delete(oldest);
  }
  return { ...state, conds };
}

/** Forgets the conditions that an assignment may have changed. */
export function withoutConditionsOn(state: PathState, target: string): PathState {
  if (state.conds.size === 0) return state;
  const name = /([A-Za-z_]\w*)(?:\s*\[[^\]]*\])*\s*$/.exec(target)?.[1];
  // A target that is computed can be anything but a plain variable.
  const mentions = name === undefined ? /->|[*[.]/ : new RegExp(`\\b${name}\\b`);
  const kept = [...state.conds].filter(([text]) => !mentions.test(text));
  return kept.length === state.conds.size ? state : { ...state, conds: new Map(kept) };
}

/** The call that leads to a site from its root function, or the site itself there. */
export function rootSite(site: Site): Site {
  let at = site;
  while (at.via !== null) at = at.via;
  return at;
}

/** Whether two sites are the same operation in the same chain of calls. */
export function isSameSite(left: Site | null, right: Site | null): boolean {
  if (left === null || right === null) return left === right;
  return left.op === right.op && isSameSite(left.via, right.via);
}

/** The sites in the deepest function that both chains of calls have in common. */
export function commonSites(left: Site, right: Site): readonly [Site, Site] {
  const one = chainOf(left);
  const two = chainOf(right);
  let at = 0;
  while (at + 1 < one.length && at + 1 < two.length && one[at]?.op === two[at]?.op) at++;
  return [one[at] ?? left, two[at] ?? right];
}

/** Outermost first. */
export function chainOf(site: Site): Site[] {
  const chain: Site[] = [];
  for (let at: Site | null = site; at !== null; at = at.via) chain.push(at);
  return chain.reverse();
}
