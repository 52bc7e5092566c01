// The macro layer of GNU as for AArch64: from preprocessed lines to the flat statements that reach the assembler
// proper (binutils 2.40: gas/read.c, gas/macro.c, gas/cond.c). It encodes nothing.

import { type Cancellation, neverCancelled, throwIfCancelled } from '../../base/cancellation.ts';
import type { CppLine } from '../cpp/model.ts';
import { evaluateCondition, isConditionalDirective, opensConditional } from './conditionals.ts';
import { alignmentBytes, alignmentDirectives, directiveBytes } from './directives.ts';
import { evaluateExpression, type ExpressionScope, type GasValue } from './expression.ts';
import {
  type AlternateSyntax,
  type BodyPart,
  compileBody,
  readActuals,
  readIrpcValues,
  readIrpValues,
  readMacroHeader,
  substitute,
} from './macroText.ts';
import type {
  BodyStatement,
  Frame,
  GasIssue,
  GasResult,
  GasStatement,
  LabelSymbol,
  MacroDefinition,
} from './model.ts';
import { placeholderMark } from './scrub.ts';
import { SectionTracker } from './sections.ts';
import { type ParsedStatement, splitOperands, StatementCache } from './statement.ts';

export interface AssemblyLimits {
  readonly maxDepth: number;
  readonly maxStatements: number;
  /** Expansions of macros and of repetitions in one file; the kernel's largest has about 6,000. */
  readonly maxExpansions: number;
  /** Rounds of one `.rept`. */
  readonly maxRepeat: number;
}

export const defaultLimits: AssemblyLimits = {
  maxDepth: 100,
  maxStatements: 200_000,
  maxExpansions: 50_000,
  maxRepeat: 100_000,
};

export interface AssemblyOptions {
  readonly cache: StatementCache;
  readonly limits?: AssemblyLimits;
  readonly cancellation?: Cancellation;
  /** Macros and constants known before the first line (for expansions asked for one by one). */
  readonly macros?: ReadonlyMap<string, MacroDefinition>;
  readonly constants?: ReadonlyMap<string, bigint>;
  /** Follow both sides of a condition that depends on a placeholder argument. */
  readonly open?: boolean;
}

/** All lines through the macro layer. Never throws but for cancellation; problems are in `issues`. */
export function assemble(lines: readonly CppLine[], options: AssemblyOptions): GasResult {
  const run = new Assembly(options);
  run.readLines(lines);
  return run.finish();
}

/** Expansion of one macro with the given arguments, in a file of its own. */
export function assembleInvocation(invocation: string, source: CppLine, options: AssemblyOptions): GasResult {
  const run = new Assembly(options);
  run.readStatement({ text: invocation, source });
  return run.finish();
}

interface Input {
  readonly frame: Frame | null;
  readonly length: number;
  at: number;
  /** Conditionals open when the input began; what an expansion leaves open is closed with it. */
  readonly conditionals: number;
  get(index: number): readonly BodyStatement[];
  /** Statements of the line being read that are still to come. */
  pending: readonly BodyStatement[];
  pendingAt: number;
}

interface Conditional {
  /** Statements are skipped in this branch. */
  ignoring: boolean;
  /** The whole conditional lies in skipped input. */
  readonly dead: boolean;
  /** A branch was taken, so later ones are not. */
  taken: boolean;
  /** Decided by a placeholder: every branch is followed. */
  readonly open: boolean;
  condition: string;
  readonly source: CppLine;
}

const compiledBodies = new WeakMap<MacroDefinition, (readonly BodyPart[])[]>();
const compiledAlternateBodies = new WeakMap<MacroDefinition, (readonly BodyPart[])[]>();

class Assembly {
  readonly #cache: StatementCache;
  readonly #limits: AssemblyLimits;
  readonly #cancellation: Cancellation;
  readonly #open: boolean;
  readonly #sections = new SectionTracker();
  readonly #statements: GasStatement[] = [];
  readonly #frames: Frame[] = [];
  readonly #issues: GasIssue[] = [];
  readonly #labels = new Map<string, LabelSymbol>();
  readonly #numeric = new Map<string, GasStatement[]>();
  readonly #values = new Map<string, GasValue>();
  readonly #assignments = new Map<string, { seq: number; value: GasValue }[]>();
  readonly #globals = new Set<string>();
  readonly #aliases = new Map<string, { register: string; source: CppLine }>();
  readonly #macros = new Map<string, MacroDefinition[]>();
  readonly #live = new Map<string, MacroDefinition>();
  readonly #inputs: Input[] = [];
  readonly #conditionals: Conditional[] = [];
  readonly #scope: ExpressionScope;
  #openConditions: readonly string[] = [];
  #invocations = 0;
  /** Set between `.altmacro` and `.noaltmacro`. */
  #alternate: AlternateSyntax | null = null;
  #stopped = false;
  #source: CppLine = nowhere;
  #frame: Frame | null = null;

  constructor(options: AssemblyOptions) {
    this.#cache = options.cache;
    this.#limits = options.limits ?? defaultLimits;
    this.#cancellation = options.cancellation ?? neverCancelled;
    this.#open = options.open ?? false;
    for (const [name, macro] of options.macros ?? []) this.#live.set(name, macro);
    for (const [name, value] of options.constants ?? []) this.#values.set(name, { kind: 'absolute', value });
    this.#scope = {
      symbol: (name) => this.#symbol(name),
      numericLabel: (number, direction) => this.#numericLabel(number, direction),
      here: () => this.#here(),
    };
  }

  readLines(lines: readonly CppLine[]): void {
    this.#run({
      frame: null,
      length: lines.length,
      at: 0,
      conditionals: 0,
      pending: [],
      pendingAt: 0,
      get: (index) => {
        const line = lines[index];
        if (line === undefined) return [];
        return this.#cache.scrub(line.text).map((text) => ({ text, source: line }));
      },
    });
  }

  readStatement(statement: BodyStatement): void {
    this.#run({
      frame: null,
      length: 1,
      at: 0,
      conditionals: 0,
      pending: [],
      pendingAt: 0,
      get: () => [statement],
    });
  }

  finish(): GasResult {
    for (const conditional of this.#conditionals) {
      this.#issues.push({
        kind: 'conditional',
        message: 'this conditional has no .endif',
        source: conditional.source,
        frame: null,
      });
    }
    const constants = new Map<string, bigint>();
    for (const [name, value] of this.#values) if (value.kind === 'absolute') constants.set(name, value.value);
    return {
      statements: this.#statements,
      buckets: this.#sections.buckets,
      macros: this.#macros,
      liveMacros: this.#live,
      frames: this.#frames,
      labels: this.#labels,
      numericLabels: this.#numeric,
      aliases: this.#aliases,
      constants,
      assignments: this.#assignments,
      globals: this.#globals,
      issues: this.#issues,
    };
  }

  // --- input ---

  #run(input: Input): void {
    this.#inputs.push(input);
    let steps = 0;
    while (this.#inputs.length > 0 && !this.#stopped) {
      if ((++steps & 1023) === 0) throwIfCancelled(this.#cancellation);
      const statement = this.#next();
      if (statement === null) {
        this.#popInput();
        continue;
      }
      this.#source = statement.source;
      this.#frame = this.#inputs[this.#inputs.length - 1]?.frame ?? null;
      this.#process(statement);
      if (steps > this.#limits.maxStatements * 4) this.#stop('too many statements to read');
    }
    while (this.#inputs.length > 0) this.#popInput();
  }

  /** Next statement of the current input, or `null` at its end. */
  #next(): BodyStatement | null {
    const input = this.#inputs[this.#inputs.length - 1];
    if (input === undefined) return null;
    for (;;) {
      const pending = input.pending[input.pendingAt];
      if (pending !== undefined) {
        input.pendingAt++;
        return pending;
      }
      if (input.at >= input.length) return null;
      input.pending = input.get(input.at++);
      input.pendingAt = 0;
    }
  }

  #popInput(): void {
    const input = this.#inputs.pop();
    if (input?.frame) {
      input.frame.seqEnd = this.#statements.length;
      if (this.#conditionals.length > input.conditionals) {
        if (!this.#stopped) this.#issue('conditional', `${input.frame.name} ends inside a conditional`);
        this.#conditionals.length = input.conditionals;
        this.#refreshOpenConditions();
      }
    }
  }

  #stop(message: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#issue('limit', message);
  }

  #issue(kind: GasIssue['kind'], message: string): void {
    if (this.#issues.length < 1000) this.#issues.push({ kind, message, source: this.#source, frame: this.#frame });
  }

  // --- values ---

  #symbol(name: string): GasValue {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const label = this.#labels.get(name);
    if (label !== undefined) return positionOf(label.statement);
    return { kind: 'symbol', name, addend: 0n };
  }

  #numericLabel(number: string, direction: 'b' | 'f'): GasValue {
    if (direction === 'f') return { kind: 'unknown', reason: `label ${number}f is not defined yet` };
    const defined = this.#numeric.get(number);
    const last = defined?.[defined.length - 1];
    if (last === undefined) return { kind: 'unknown', reason: `backward reference to unknown label ${number}:` };
    return positionOf(last);
  }

  #here(): GasValue {
    const bucket = this.#sections.current;
    return {
      kind: 'position',
      position: { bucket, part: bucket.part, offsetBytes: bucket.offsetBytes },
      addend: 0n,
    };
  }

  // --- emission ---

  #emit(
    kind: GasStatement['kind'],
    op: string,
    operands: string,
    text: string,
    sizeBytes: number | null,
    alignBytes: number | null = null,
  ): GasStatement {
    const bucket = this.#sections.current;
    const statement: GasStatement = {
      seq: this.#statements.length,
      kind,
      op,
      text,
      operands,
      bucket,
      index: bucket.statements.length,
      part: bucket.part,
      offsetBytes: bucket.offsetBytes,
      sizeBytes,
      alignBytes,
      source: this.#source,
      frame: this.#frame,
      openConditions: this.#openConditions,
    };
    this.#statements.push(statement);
    bucket.statements.push(statement);
    if (sizeBytes === null) {
      bucket.part++;
      bucket.offsetBytes = 0;
    } else bucket.offsetBytes += sizeBytes;
    if (this.#statements.length >= this.#limits.maxStatements) {
      this.#stop(`more than ${this.#limits.maxStatements} statements: expansion stopped here`);
    }
    return statement;
  }

  // --- statements ---

  #process(statement: BodyStatement): void {
    const parsed = this.#cache.statement(statement.text);
    const current = this.#conditionals[this.#conditionals.length - 1];
    if (current?.ignoring === true) {
      // The assembler looks for the dot at the start of the statement: a label in front hides the directive.
      if (parsed.labels.length === 0 && isConditionalDirective(parsed.op)) this.#conditional(parsed);
      return;
    }
    for (const label of parsed.labels) this.#label(label);
    if (parsed.kind === 'none') return;
    if (parsed.kind === 'assignment') {
      this.#assign(parsed.op, parsed.operands, parsed.body, 'redefine');
      return;
    }
    if (parsed.op.charCodeAt(0) === 46 && this.#directive(parsed, statement)) return;
    const macro = this.#live.get(parsed.op);
    if (macro !== undefined) {
      this.#invoke(macro, parsed, statement);
      return;
    }
    if (parsed.operands.startsWith('.req')) {
      const register = parsed.operands.slice(4).trim();
      this.#aliases.set(parsed.op, { register, source: statement.source });
      this.#emit('directive', '.req', `${parsed.op} ${register}`, parsed.body, 0);
      return;
    }
    if (parsed.op.startsWith('.')) {
      this.#emit('directive', parsed.op, parsed.operands, parsed.body, 0);
      return;
    }
    if (/^ldr(sw)?$/.test(parsed.op) && parsed.operands.includes('=')) this.#sections.current.pendingLiterals++;
    this.#emit('insn', parsed.op, parsed.operands, parsed.body, 4);
  }

  #label(name: string): void {
    const statement = this.#emit('label', name, '', `${name}:`, 0);
    const code = name.charCodeAt(0);
    if (code >= 48 && code <= 57) {
      const known = this.#numeric.get(name);
      if (known === undefined) this.#numeric.set(name, [statement]);
      else known.push(statement);
    } else if (!this.#labels.has(name)) this.#labels.set(name, { name, statement });
    else this.#issue('directive', `symbol \`${name}' is already defined`);
  }

  #assign(name: string, expression: string, text: string, mode: 'redefine' | 'once'): void {
    const { value } = evaluateExpression(expression, this.#scope);
    if (name === '.') {
      this.#origin(expression, text);
      return;
    }
    if (mode === 'once' && (this.#values.has(name) || this.#labels.has(name))) {
      this.#issue('directive', `symbol \`${name}' is already defined`);
    }
    this.#values.set(name, value);
    const history = this.#assignments.get(name);
    const entry = { seq: this.#statements.length, value };
    if (history === undefined) this.#assignments.set(name, [entry]);
    else history.push(entry);
    this.#emit('assignment', name, expression, text, 0);
  }

  /** Handles a directive of the macro layer or one that moves the location counter; `false` when it is none. */
  #directive(parsed: ParsedStatement, statement: BodyStatement): boolean {
    const { op, operands } = parsed;
    if (isConditionalDirective(op)) {
      this.#conditional(parsed);
      return true;
    }
    if (alignmentDirectives.has(op)) {
      this.#align(op, operands, parsed.body);
      return true;
    }
    switch (op) {
      case '.macro':
        this.#defineMacro(operands, statement);
        return true;
      case '.endm':
      case '.endr':
        this.#issue('macro', `${op} without ${op === '.endm' ? '.macro' : '.rept'}`);
        return true;
      case '.purgem':
        for (const name of splitOperands(operands)) {
          if (!this.#live.delete(name.toLowerCase())) this.#issue('macro', `macro \`${name}' was not defined`);
        }
        return true;
      case '.exitm':
      case '.mexit':
        this.#exitMacro();
        return true;
      case '.rept':
      case '.rep':
      case '.irp':
      case '.irep':
      case '.irpc':
      case '.irepc':
        this.#repeat(op, operands, statement);
        return true;
      case '.set':
      case '.equ':
      case '.equiv':
      case '.eqv': {
        const comma = operands.indexOf(',');
        if (comma < 0) this.#issue('directive', `${op} needs a symbol and an expression`);
        const name = comma < 0 ? operands.trim() : operands.slice(0, comma).trim();
        const expression = comma < 0 ? '' : operands.slice(comma + 1).trim();
        this.#assign(name, expression, parsed.body, op === '.equiv' ? 'once' : 'redefine');
        return true;
      }
      case '.org':
        this.#origin(operands, parsed.body);
        return true;
      case '.section':
      case '.pushsection': {
        const parts = splitOperands(operands);
        const name = (parts[0] ?? '').replace(/^"(.*)"$/, '$1');
        // `.pushsection name, subsection` is the only form that carries a number.
        const subsection = op === '.pushsection' && /^[0-9]/.test(parts[1] ?? '') ? this.#small(parts[1] ?? '0') : 0;
        if (op === '.section') this.#sections.switchTo(name, subsection);
        else this.#sections.push(name, subsection);
        break;
      }
      case '.popsection':
        if (!this.#sections.pop()) this.#issue('section', '.popsection without a .pushsection before it');
        break;
      case '.previous':
        this.#sections.swapWithPrevious();
        break;
      case '.subsection':
        this.#sections.switchTo(this.#sections.current.section, this.#small(operands));
        break;
      case '.text':
      case '.data':
      case '.bss':
        this.#sections.switchTo(op, operands.trim() === '' ? 0 : this.#small(operands));
        break;
      case '.ltorg':
      case '.pool': {
        const bucket = this.#sections.current;
        const known = bucket.pendingLiterals === 0;
        bucket.pendingLiterals = 0;
        this.#emit('directive', op, operands, parsed.body, known ? 0 : null);
        return true;
      }
      case '.globl':
      case '.global':
      case '.weak':
        for (const name of splitOperands(operands)) this.#globals.add(name);
        break;
      case '.error':
      case '.err':
        this.#issue('user-error', operands.replace(/^"(.*)"$/, '$1') || '.err encountered');
        break;
      case '.warning':
        this.#issue('user-warning', operands.replace(/^"(.*)"$/, '$1'));
        break;
      case '.altmacro':
        this.#alternate = {
          evaluate: (text, start) => {
            const { value, end } = evaluateExpression(text, this.#scope, start);
            return value.kind === 'absolute' ? { value: value.value.toString(), end } : null;
          },
        };
        return true;
      case '.noaltmacro':
        this.#alternate = null;
        return true;
      case '.include':
        this.#issue('directive', '.include is not followed: use #include');
        break;
      default: {
        if (this.#live.has(op)) return false;
        const bytes = directiveBytes(op, operands, this.#scope);
        if (bytes === 0) return false;
        this.#emit('data', op, operands, parsed.body, bytes);
        return true;
      }
    }
    this.#emit('directive', op, operands, parsed.body, 0);
    return true;
  }

  #small(text: string): number {
    const { value } = evaluateExpression(text, this.#scope);
    return value.kind === 'absolute' && value.value >= 0n && value.value < 65536n ? Number(value.value) : 0;
  }

  #align(op: string, operands: string, text: string): void {
    const bucket = this.#sections.current;
    const bytes = alignmentBytes(op, operands, this.#scope);
    // A subsection begins where the one before it ends, which is known to be a multiple of 4 in code only.
    const known = bytes !== null && (bytes <= 4 || (bucket.part === 0 && bucket.subsection === 0));
    this.#emit('directive', op, operands, text, known ? (bytes - (bucket.offsetBytes % bytes)) % bytes : null, bytes);
  }

  #origin(expression: string, text: string): void {
    const bucket = this.#sections.current;
    const { value } = evaluateExpression(splitOperands(expression)[0] ?? '', this.#scope);
    let target: number | null = null;
    if (value.kind === 'absolute' && bucket.part === 0) target = Number(value.value);
    if (value.kind === 'position' && value.position.bucket === bucket && value.position.part === bucket.part) {
      target = value.position.offsetBytes + Number(value.addend);
    }
    if (target !== null && target < bucket.offsetBytes) {
      this.#issue('directive', 'attempt to move .org backwards');
    }
    this.#emit('directive', '.org', expression, text, target === null ? null : Math.max(0, target - bucket.offsetBytes));
  }

  // --- conditionals ---

  #conditional(parsed: ParsedStatement): void {
    const { op, operands } = parsed;
    const top = this.#conditionals[this.#conditionals.length - 1];
    if (opensConditional(op)) {
      const dead = top?.ignoring === true;
      if (this.#conditionals.length > 500) {
        this.#stop('conditionals nest too deeply');
        return;
      }
      const outcome = dead ? ({ kind: 'decided', holds: false } as const) : this.#evaluate(op, operands);
      this.#conditionals.push({
        dead,
        open: outcome.kind === 'open',
        ignoring: outcome.kind === 'decided' ? !outcome.holds : outcome.kind === 'unknown',
        taken: outcome.kind === 'decided' && outcome.holds,
        condition: outcome.kind === 'open' ? readable(`${op} ${operands}`) : '',
        source: this.#source,
      });
    } else if (top === undefined) {
      this.#issue('conditional', `${op} without a matching .if`);
    } else if (op === '.endif' || op === '.endc') {
      this.#conditionals.pop();
    } else if (!top.dead) {
      if (top.open) {
        top.condition = op === '.elseif' ? readable(`.if ${operands}`) : `not (${top.condition})`;
      } else if (top.taken) top.ignoring = true;
      else if (op === '.elseif') {
        const outcome = this.#evaluate('.if', operands);
        top.ignoring = outcome.kind === 'decided' ? !outcome.holds : outcome.kind === 'unknown';
        top.taken = !top.ignoring;
      } else {
        top.ignoring = false;
        top.taken = true;
      }
    }
    this.#refreshOpenConditions();
  }

  #evaluate(op: string, operands: string): ReturnType<typeof evaluateCondition> {
    const outcome = evaluateCondition(op, operands, this.#scope, {
      isDefined: (name) => this.#values.has(name) || this.#labels.has(name) || this.#aliases.has(name.toLowerCase()),
    });
    if (outcome.kind === 'unknown') {
      if (this.#open) return { kind: 'open' };
      this.#issue('expression', outcome.reason);
    }
    return outcome;
  }

  #refreshOpenConditions(): void {
    if (!this.#open) return;
    this.#openConditions = this.#conditionals.filter((one) => one.open).map((one) => one.condition);
  }

  // --- macros and repetition ---

  /** Statements up to the directive that closes the block which `opener` began; `null` when it never closes. */
  #collect(isOpener: (op: string) => boolean, closer: string): { body: BodyStatement[]; end: CppLine } | null {
    const body: BodyStatement[] = [];
    let depth = 1;
    for (;;) {
      const statement = this.#next();
      if (statement === null) return null;
      const { op } = this.#cache.statement(statement.text);
      if (isOpener(op)) depth++;
      else if (op === closer && --depth === 0) return { body, end: statement.source };
      body.push(statement);
    }
  }

  #defineMacro(header: string, statement: BodyStatement): void {
    const { name, parameters, issues } = readMacroHeader(header);
    for (const issue of issues) this.#issue('macro', issue);
    const collected = this.#collect((op) => op === '.macro', '.endm');
    if (collected === null) {
      this.#source = statement.source;
      this.#issue('macro', `macro \`${name}' has no .endm`);
      return;
    }
    if (name === '') return;
    const macro: MacroDefinition = {
      name,
      parameters,
      body: collected.body,
      source: statement.source,
      end: collected.end,
      definedIn: this.#frame,
    };
    const key = name.toLowerCase();
    if (this.#live.has(key) && !this.#open) this.#issue('macro', `macro \`${name}' was already defined`);
    this.#live.set(key, macro);
    const known = this.#macros.get(key);
    if (known === undefined) this.#macros.set(key, [macro]);
    else known.push(macro);
  }

  #invoke(macro: MacroDefinition, parsed: ParsedStatement, statement: BodyStatement): void {
    const { actuals, issues } = readActuals(macro.name, macro.parameters, parsed.operands, this.#alternate);
    for (const issue of issues) this.#issue('macro', issue);
    if (issues.length > 0 && !this.#open) return;
    if (this.#openConditions.length > 0 && this.#isExpanding(macro)) return;
    const alternate = this.#alternate !== null;
    const bodies = alternate ? compiledAlternateBodies : compiledBodies;
    let compiled = bodies.get(macro);
    if (compiled === undefined) {
      const names = new Map(macro.parameters.map((parameter, index) => [parameter.name, index]));
      compiled = macro.body.map((body) => compileBody(body.text, names, alternate));
      bodies.set(macro, compiled);
    }
    const parts = compiled;
    const number = this.#invocations++;
    this.#pushExpansion('macro', macro.name, macro, parsed.body, actuals, statement.source, macro.body.length, (index) =>
      this.#rescrub(substitute(parts[index] ?? [], actuals, number), macro.body[index]),
    );
  }

  #isExpanding(macro: MacroDefinition): boolean {
    for (let frame = this.#frame; frame !== null; frame = frame.parent) if (frame.macro === macro) return true;
    return false;
  }

  #rescrub(text: string, body: BodyStatement | undefined): readonly BodyStatement[] {
    if (body === undefined) return [];
    if (text === body.text) return [body];
    const scrubbed = this.#cache.scrub(text);
    return scrubbed.map((one) => ({ text: one, source: body.source }));
  }

  #pushExpansion(
    kind: Frame['kind'],
    name: string,
    macro: MacroDefinition | null,
    invocation: string,
    actuals: readonly string[],
    callSource: CppLine,
    length: number,
    get: (index: number) => readonly BodyStatement[],
  ): void {
    const parent = this.#frame;
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > this.#limits.maxDepth) {
      this.#issue('limit', `\`${name}' is expanded more than ${this.#limits.maxDepth} levels deep: expansion stopped here`);
      // One runaway chain must not be followed again from each of its levels.
      this.#stopped = true;
      return;
    }
    if (this.#frames.length >= this.#limits.maxExpansions) {
      this.#stop(`more than ${this.#limits.maxExpansions} expansions: expansion stopped here`);
      return;
    }
    const seq = this.#statements.length;
    const frame: Frame = {
      kind,
      name,
      macro,
      invocation,
      callSource,
      parent,
      depth,
      actuals,
      seqStart: seq,
      seqEnd: seq,
    };
    this.#frames.push(frame);
    this.#inputs.push({
      frame,
      length,
      at: 0,
      conditionals: this.#conditionals.length,
      get,
      pending: [],
      pendingAt: 0,
    });
  }

  #exitMacro(): void {
    for (let index = this.#inputs.length - 1; index > 0; index--) {
      const input = this.#inputs[index];
      if (input === undefined) break;
      input.at = input.length;
      input.pending = [];
      this.#conditionals.length = Math.min(this.#conditionals.length, input.conditionals);
      if (input.frame?.kind === 'macro') break;
    }
    this.#refreshOpenConditions();
  }

  #repeat(op: string, operands: string, statement: BodyStatement): void {
    const collected = this.#collect((other) => /^\.(rept?|irpc?|irepc?)$/.test(other), '.endr');
    if (collected === null) {
      this.#source = statement.source;
      this.#issue('macro', `${op} has no .endr`);
      return;
    }
    const { body } = collected;
    const invocation = `${op} ${operands}`;
    if (op === '.rept' || op === '.rep') {
      const { value } = evaluateExpression(operands, this.#scope);
      let rounds = value.kind === 'absolute' ? Number(value.value) : 0;
      if (value.kind === 'open' || (this.#open && value.kind !== 'absolute')) rounds = 1;
      else if (value.kind !== 'absolute') {
        this.#issue('expression', `unable to evaluate the count of ${op}`);
      } else if (rounds < 0) {
        this.#issue('directive', `negative count for ${op}`);
        rounds = 0;
      } else if (rounds > this.#limits.maxRepeat) {
        this.#issue('limit', `${op} repeats ${rounds} times: only ${this.#limits.maxRepeat} are shown`);
        rounds = this.#limits.maxRepeat;
      }
      this.#pushExpansion('rept', op, null, invocation, [], statement.source, rounds * body.length, (index) => {
        const one = body[index % body.length];
        return one === undefined ? [] : [one];
      });
      return;
    }
    const comma = /^([^\s,]+)\s*,?\s*/.exec(operands);
    const name = comma?.[1] ?? '';
    if (name === '') {
      this.#issue('directive', `${op} without a symbol`);
      return;
    }
    const list = operands.slice(comma?.[0].length ?? 0);
    const characters = op === '.irpc' || op === '.irepc';
    const values = characters ? readIrpcValues(list) : readIrpValues(list, this.#alternate);
    const parts = body.map((one) => compileBody(one.text, new Map([[name, 0]])));
    const number = this.#invocations;
    const kind = characters ? 'irpc' : 'irp';
    this.#pushExpansion(kind, op, null, invocation, values, statement.source, values.length * body.length, (index) => {
      const round = Math.floor(index / body.length);
      const at = index % body.length;
      return this.#rescrub(substitute(parts[at] ?? [], [values[round] ?? ''], number), body[at]);
    });
  }
}

const nowhere: CppLine = { text: '', file: '', line: 0, tokens: [], columns: [] };

function positionOf(statement: GasStatement): GasValue {
  return {
    kind: 'position',
    position: { bucket: statement.bucket, part: statement.part, offsetBytes: statement.offsetBytes },
    addend: 0n,
  };
}

/** Text with placeholders shown as the parameters they stand for. */
export function readable(text: string): string {
  return text.replaceAll(placeholderMark, '\\');
}
