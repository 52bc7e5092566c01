import type { Cancellation } from '../base/cancellation.ts';
import { LineIndex } from '../base/text.ts';
import type { Tracer } from '../base/tracer.ts';
import { readAlternatives } from '../kernel/alternatives.ts';
import type { CpucapTable } from '../kernel/cpucaps.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import { type ReadLine, siteEncoder } from '../kernel/streamWords.ts';
import type { CppLine, CppResult } from '../syntax/cpp/model.ts';
import { assemble, assembleInvocation } from '../syntax/gas/assembler.ts';
import type { GasResult, MacroDefinition } from '../syntax/gas/model.ts';
import { placeholderMark } from '../syntax/gas/scrub.ts';
import type { StatementCache } from '../syntax/gas/statement.ts';
import type { CompileContext } from './compileContext.ts';
import type { KernelTree } from './kernelTree.ts';

/** Everything known about one `.S` file (or header with assembly macros) as one object of the build. */
export interface AssemblyAnalysis {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly tree: KernelTree | null;
  readonly context: CompileContext | null;
  readonly cpp: CppResult;
  readonly gas: GasResult;
  /** Sites that the file's own statements make, in emission order. */
  readonly sites: readonly AlternativeSite[];
  /** Text of a line of any file that was read, as it is written. */
  readonly readLine: ReadLine;
  /** Macros that this file defines, each expanded with its arguments left as names. Computed when first asked for. */
  openExpansions(): readonly OpenExpansion[];
}

/** A macro's body with the macro's arguments left as names. */
export interface OpenExpansion {
  readonly macro: MacroDefinition;
  readonly gas: GasResult;
  readonly sites: readonly AlternativeSite[];
}

export interface AnalysisInput {
  readonly path: string;
  readonly text: string;
  readonly tree: KernelTree | null;
  readonly context: CompileContext | null;
  readonly cpp: CppResult;
  readonly statements: StatementCache;
  readonly cancellation: Cancellation;
  readonly tracer: Tracer;
  readonly readLine: ReadLine;
}

const noCpucaps: CpucapTable = {
  source: { kind: 'none', reason: 'the file is in no kernel tree' },
  caps: [],
  byName: new Map(),
  byNumber: new Map(),
  count: 0,
  callback: { kind: 'unknown', reason: 'the file is in no kernel tree' },
};

/** Limits of one open expansion: both sides of conditions are followed, so they grow faster. */
const openLimits = {
  maxDepth: 40,
  maxStatements: 20_000,
  maxExpansions: 4000,
  maxRepeat: 64,
  maxCharacters: 2_000_000,
};

/** Analysis of preprocessed text. Throws only `CancelledError`. */
export function analyzeAssembly(input: AnalysisInput): AssemblyAnalysis {
  const { tracer } = input;
  const gas = tracer.span('assemble', () =>
    assemble(input.cpp.lines, { cache: input.statements, cancellation: input.cancellation }),
  );
  const cpucaps = input.tree?.cpucaps ?? noCpucaps;
  const sites = tracer.span('readAlternatives', () => readAlternatives(gas, cpucaps, siteEncoder(gas, input.readLine)));
  let expansions: readonly OpenExpansion[] | undefined;
  return {
    path: input.path,
    text: input.text,
    lines: new LineIndex(input.text),
    tree: input.tree,
    context: input.context,
    cpp: input.cpp,
    gas,
    sites,
    readLine: input.readLine,
    openExpansions: () => {
      expansions ??= tracer.span('openExpansions', () => readOpenExpansions(input, gas, cpucaps));
      return expansions;
    },
  };
}

function readOpenExpansions(input: AnalysisInput, gas: GasResult, cpucaps: CpucapTable): OpenExpansion[] {
  const expansions: OpenExpansion[] = [];
  for (const definitions of gas.macros.values()) {
    for (const macro of definitions) {
      if (macro.source.file !== input.path || macro.definedIn !== null) continue;
      const open = expandOpen(input, gas, macro);
      const sites = readAlternatives(open, cpucaps, siteEncoder(open, input.readLine));
      // The macros that make up the alternative itself hold no site of their own.
      if (sites.some((site) => site.chain.length > 0 || site.construct !== macro.name)) {
        expansions.push({ macro, gas: open, sites });
      }
    }
  }
  return expansions;
}

/** Expansion of a macro with each argument left as its name; conditions on them are followed both ways. */
function expandOpen(input: AnalysisInput, gas: GasResult, macro: MacroDefinition): GasResult {
  const actuals = macro.parameters.map((parameter) => `${placeholderMark}${parameter.name}`);
  const source: CppLine = { ...macro.source, tokens: [], columns: [] };
  const macros = new Map(gas.liveMacros);
  macros.set(macro.name.toLowerCase(), macro);
  return assembleInvocation(`${macro.name} ${actuals.join(',')}`, source, {
    cache: input.statements,
    cancellation: input.cancellation,
    limits: openLimits,
    macros,
    constants: gas.constants,
    open: true,
  });
}
