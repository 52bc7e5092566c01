import type { AnalysisInput } from './analysis.ts';
import { isNamedCall } from './calls.ts';
import { type Claims, openClaims } from './claims.ts';
import type { TokenText } from './flow/graph.ts';
import { isEntryCode } from './outsideRules.ts';
import { type Callee, resolveCallee } from './resolve.ts';
import type { Traits } from './traits.ts';
import type { FunctionFacts } from './unit.ts';
import type { Walk, WalkHints } from './walk.ts';

const stepBudget = 60_000;

/** What the walks of one unit have in common. */
export interface Shared {
  readonly input: AnalysisInput;
  readonly claims: Claims;
  readonly hints: WalkHints;
  readonly traits: Map<FunctionFacts, Traits>;
  readonly callees: Map<string, Callee>;
  readonly fixedContext: boolean;
  /** Static functions that RCU watches in because it does so at every call of them. */
  readonly calledInside: Set<FunctionFacts>;
}

/** Opens what the walks of a unit share, once for the unit. */
export function openShared(input: AnalysisInput): Shared {
  const { unit, texts } = input;
  const has = (name: string): boolean => unit.macroNamed(`CONFIG_${name}`) !== null;
  const text = (file: string): string | undefined => texts.textOf(file);
  const useText = (expansion: { readonly file: string; readonly offset: number }): string =>
    sourceOfUse(text(expansion.file) ?? '', expansion.offset);
  const hints: WalkHints = {
    preemptCount: has('PREEMPT_COUNT'),
    tracesIrqflags: has('TRACE_IRQFLAGS'),
    debugPreempt: has('DEBUG_PREEMPT') || has('PREEMPT_TRACER'),
    sanitizers: has('KASAN_GENERIC') || has('KASAN_SW_TAGS') || has('KCSAN'),
    atomics:
      unit.functionOf('raw_atomic_read') !== null || unit.functionOf('arch_atomic_read') === null ? 'raw' : 'arch',
    entryCode: isEntryCode(unit),
    useText,
    guardText: (guard: TokenText) =>
      guard
        .map((token) => {
          const words = [token.text];
          for (let at = token.expansion; at !== null; at = at.parent) words.push(useText(at));
          return words.join(' ');
        })
        .join(' '),
  };
  return {
    input,
    claims: openClaims(isNamedCall, text),
    hints,
    traits: new Map(),
    callees: new Map(),
    fixedContext: unit.path.endsWith('/kernel/context_tracking.c'),
    calledInside: new Set(),
  };
}

/** A macro's name and its arguments as written. */
function sourceOfUse(text: string, offset: number): string {
  let depth = 0;
  for (let at = offset; at < Math.min(text.length, offset + 2000); at++) {
    const code = text[at];
    if (code === '(') depth++;
    else if (code === ')') {
      depth--;
      if (depth <= 0) return text.slice(offset, at + 1);
    } else if (depth === 0 && !/[\w\s]/.test(code ?? '')) return text.slice(offset, at);
  }
  return text.slice(offset, offset + 200);
}

/** A walk of one root that has collected nothing yet. */
export function newWalk(shared: Shared, root: FunctionFacts, visit: Walk['visit'], traces = false): Walk {
  const { input, callees } = shared;
  const { unit } = input;
  return {
    unit,
    root,
    policy: input.policy,
    claims: shared.claims,
    fixedContext: shared.fixedContext,
    checksCalls: root.class === 'noinstr',
    calledInside: shared.calledInside.has(root),
    findings: [],
    callStates: new Map(),
    neededRegions: new Set(),
    seenRegions: new Map(),
    openReturns: [],
    balanced: { entersThenLeaves: false, leavesThenEnters: false },
    keys: [],
    unverified: [],
    hookUses: [],
    traceCalls: [],
    hookTargets: (op, fn, via = null) => input.hookTargets(op, fn, via),
    isNokprobe: input.isNokprobe,
    traits: shared.traits,
    hints: shared.hints,
    traces,
    visit,
    resolve: (name) => {
      let callee = callees.get(name);
      if (callee === undefined) {
        callee = resolveCallee(name, unit, input.outside, input.isNoinstrSection);
        callees.set(name, callee);
      }
      return callee;
    },
    budget: stepBudget,
    silent: 0,
  };
}
