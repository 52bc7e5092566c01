// Follows functions through the inline functions they call, with what is constant on the way: which `asm` statements
// with patch records, and which static calls, does the compiler emit for each place?

import type { CStmt } from '../../syntax/cflow/model.ts';
import { parseBody } from '../../syntax/cflow/statements.ts';
import { FunctionRun } from './functionRun.ts';
import { type FunctionSource, inlineCallee } from './functionSource.ts';
import type { Value } from './values.ts';
import { valueKey } from './values.ts';
import { type FunctionWalk, recordSections } from './walkModel.ts';

export interface WalkLimits {
  /** Inline calls inside each other. */
  readonly depth: number;
  /** Expressions evaluated for one function that is asked for. */
  readonly steps: number;
  /** Sites of one function. */
  readonly events: number;
}

const defaultLimits: WalkLimits = { depth: 24, steps: 400_000, events: 4000 };

const callPattern = /\b([A-Za-z_]\w*)\s*\(/g;

interface ParsedFunction {
  readonly body: readonly CStmt[];
}

/**
 * Keeps what is known about functions from one question to the next. A function is identified by its object, so the
 * one who resolves names must give the same object for the same text.
 */
export class SiteWalker {
  readonly limits: WalkLimits;
  readonly #parsed = new WeakMap<FunctionSource, ParsedFunction>();
  readonly #makesSites = new WeakMap<FunctionSource, boolean>();
  readonly #walks = new WeakMap<FunctionSource, Map<string, FunctionWalk>>();
  #steps = 0;

  constructor(limits: WalkLimits = defaultLimits) {
    this.limits = limits;
  }

  /** Sites that a function's own code comes by, its parameters unknown. Never throws; bounded by the limits. */
  walk(fn: FunctionSource): FunctionWalk {
    this.#steps = 0;
    if (!this.makesSites(fn)) return nothing;
    return new FunctionRun(this, fn, [], 0, true).run();
  }

  /** Body of a function, parsed once. */
  bodyOf(fn: FunctionSource): readonly CStmt[] {
    let parsed = this.#parsed.get(fn);
    if (parsed === undefined) {
      parsed = { body: parseBody(fn.text, fn.from, fn.to) };
      this.#parsed.set(fn, parsed);
    }
    return parsed.body;
  }

  /** Whether some path of the function can come by a site, conditions not looked at. */
  makesSites(fn: FunctionSource): boolean {
    return this.#makes(fn, new Set()).makes;
  }

  #makes(fn: FunctionSource, active: Set<FunctionSource>): { makes: boolean; settled: boolean } {
    const known = this.#makesSites.get(fn);
    if (known !== undefined) return { makes: known, settled: true };
    if (active.has(fn)) return { makes: false, settled: false };
    active.add(fn);
    const body = fn.text.slice(fn.from, fn.to);
    let makes = recordSections.test(body) || /\.func\b/.test(body);
    let settled = true;
    if (!makes) {
      const seen = new Set<string>();
      for (const match of body.matchAll(callPattern)) {
        const name = match[1] ?? '';
        if (seen.has(name)) continue;
        seen.add(name);
        const callee = inlineCallee(fn, name);
        if (callee === null) continue;
        const of = this.#makes(callee, active);
        settled &&= of.settled;
        if (of.makes) {
          makes = true;
          break;
        }
      }
      for (const match of body.matchAll(/\bcleanup(?:__)?\s*\(\s*(\w+)\s*\)/g)) {
        if (makes) break;
        const callee = inlineCallee(fn, match[1] ?? '');
        if (callee !== null) makes = this.#makes(callee, active).makes;
      }
    }
    active.delete(fn);
    // An answer that rests on a cycle is only kept when the cycle cannot change it.
    if (makes || settled || active.size === 0) this.#makesSites.set(fn, makes);
    return { makes, settled: makes || settled || active.size === 0 };
  }

  /** What a call of an inline function with these arguments comes by. */
  call(fn: FunctionSource, args: readonly Value[], depth: number, blind: boolean): FunctionWalk {
    const key = `${blind ? '*' : ''}${args.map(valueKey).join(',')}`;
    let walks = this.#walks.get(fn);
    if (walks === undefined) {
      walks = new Map();
      this.#walks.set(fn, walks);
    }
    const known = walks.get(key);
    if (known !== undefined) return known;
    const walk = new FunctionRun(this, fn, args, depth, false, blind).run();
    // A walk that ended early for depth may be whole from elsewhere.
    if (!walk.isPartial) walks.set(key, walk);
    return walk;
  }

  /** Counts one step; false when there were too many. */
  step(): boolean {
    return ++this.#steps <= this.limits.steps;
  }
}

const nothing: FunctionWalk = { events: [], value: { kind: 'unknown' }, removed: [], isPartial: false };
