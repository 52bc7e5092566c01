import type { FunctionReport } from '../analysis.ts';
import { namedCall } from '../callNames.ts';
import type { CallOp } from '../flow/graph.ts';
import { chainOf, type PathState, type Site } from '../pathState.ts';
import { namesAt } from '../report.ts';
import type { FunctionFacts, Unit } from '../unit.ts';

/** A call in source that a transfer of the image can be, with the state on one path. */
export interface SourceCall {
  readonly site: Site;
  readonly state: PathState;
}

const maxDepth = 8;

/** Looks transfers of one function up in its source. */
export interface SourceCalls {
  /** Calls of a function, be it in ordinary functions that the compiler took into this one. */
  named(name: string): readonly SourceCall[];
  /** Calls through pointers, likewise. */
  indirect(): readonly PointerCall[];
}

/** A call through a pointer: `op` in `fn`, or `null` in a function that the compiler may have taken in. */
export interface PointerCall extends SourceCall {
  readonly op: CallOp | null;
  readonly fn: FunctionFacts;
}

export function openSourceCalls(report: FunctionReport, unit: Unit): SourceCalls {
  const visited = report.states();
  const reaches = new Map<string, boolean>();
  const leadsTo = (fn: FunctionFacts, name: string | null, depth: number): boolean => {
    const key = `${fn.name} ${name ?? '*'}`;
    const known = reaches.get(key);
    if (known !== undefined) return known;
    reaches.set(key, false);
    let found = false;
    for (const { op } of fn.graph.nodes) {
      if (op?.kind !== 'call') continue;
      found = isCallOf(op, name, fn, unit);
      const inner = op.callee === null || depth >= maxDepth ? null : unit.functionOf(op.callee);
      if (!found && inner !== null && inner.class !== 'noinstr') found = leadsTo(inner, name, depth + 1);
      if (found) break;
    }
    reaches.set(key, found);
    return found;
  };
  return {
    named: (name) =>
      visited.filter(({ site }) => {
        if (site.op.kind === 'use') return namesAt(site).includes(name);
        if (site.op.kind !== 'call') return false;
        if (site.op.callee === name || namesAt(site).includes(name)) return true;
        if (passedFunction(site, unit)?.name === name) return true;
        const callee = site.op.callee === null ? null : unit.functionOf(site.op.callee);
        if (callee === null || callee.class === 'noinstr') return false;
        // What is always inlined was walked, but for the names that are known: its own calls are among those visited.
        const isWalked = callee.class === 'always-inline' && namedCall(callee.name, 'raw') === null;
        return !isWalked && leadsTo(callee, name, 0);
      }),
    indirect: () => {
      const found = visited.flatMap(({ site, state }): PointerCall[] => {
        const { op, fn } = site;
        if (op.kind !== 'call') return [];
        const passed = passedFunction(site, unit);
        if (passed !== null) {
          // Called by its name once the helper is inlined: what goes through a pointer is in it.
          const inner = passed.graph.nodes.flatMap((node) =>
            node.op?.kind === 'call' && isCallOf(node.op, null, passed, unit) ? [node.op] : [],
          );
          if (inner.length > 0) return inner.map((one) => ({ site, state, op: one, fn: passed }));
          return passed.class !== 'noinstr' && leadsTo(passed, null, 0) ? [{ site, state, op: null, fn: passed }] : [];
        }
        if (isCallOf(op, null, fn, unit)) return [{ site, state, op, fn }];
        const callee = op.callee === null ? null : unit.functionOf(op.callee);
        if (callee === null || callee.class === 'noinstr' || callee.class === 'always-inline') return [];
        return leadsTo(callee, null, 0) ? [{ site, state, op: null, fn }] : [];
      });
      // A pointer in the function itself is meant before one in a function that may have been taken into it.
      const direct = found.filter(({ op }) => op !== null);
      return direct.length > 0 ? direct : found;
    },
  };
}

/** Whether an operation calls a name, or, for `null`, goes through a pointer. */
function isCallOf(op: CallOp, name: string | null, fn: FunctionFacts, unit: Unit): boolean {
  if (name !== null) return op.callee === name;
  if (op.callee === null) return true;
  return fn.parameters.includes(op.callee) && unit.functionOf(op.callee) === null;
}

/** The function of this unit that a called parameter is, by the arguments of the helpers around it. */
function passedFunction(site: Site, unit: Unit): FunctionFacts | null {
  let name = site.op.kind === 'call' ? site.op.callee : null;
  let at = site;
  for (let depth = 0; depth < maxDepth && name !== null; depth++) {
    const position = at.fn.parameters.indexOf(name);
    const { via } = at;
    if (position < 0) return at === site ? null : unit.functionOf(name);
    if (via === null || via.op.kind !== 'call' || via.op.callee !== at.fn.name) return null;
    const argument = via.op.args[position] ?? [];
    name = argument.length === 1 ? (argument[0]?.text ?? null) : null;
    at = via;
  }
  return null;
}

/** Those of the calls whose chain has the most lines in common with the frames of debug information (outermost first). */
export function nearest<C extends SourceCall>(
  calls: readonly C[],
  frames: readonly { readonly name: string; readonly line: number | null }[],
  lineOf: (site: Site) => number | null,
): readonly C[] {
  if (frames.length === 0) return calls;
  let best = 0;
  let found: C[] = [];
  for (const call of calls) {
    let common = 0;
    for (const [index, site] of chainOf(call.site).entries()) {
      const frame = frames[index];
      if (frame === undefined || frame.name.split('.')[0] !== site.fn.name || frame.line !== lineOf(site)) break;
      common++;
    }
    if (common > best) {
      best = common;
      found = [];
    }
    if (common === best) found.push(call);
  }
  return best === 0 ? calls : found;
}
