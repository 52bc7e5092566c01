// The macro layer of GNU as for AArch64: from preprocessed lines to the flat statements that reach the assembler
// proper (binutils 2.40: gas/read.c, gas/macro.c, gas/cond.c). It encodes nothing.

import { type Cancellation, neverCancelled, throwIfCancelled } from '../../base/cancellation.ts';
import type { CppLine } from '../cpp/model.ts';
import { ConditionalStack } from './conditionalStack.ts';
import { isConditionalDirective } from './conditionals.ts';
import { alignmentDirectives } from './directives.ts';
import { Emitter } from './emitter.ts';
import { evaluateExpression } from './expression.ts';
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
import type { BodyStatement, Frame, GasResult, MacroDefinition } from './model.ts';
import { type ParsedStatement, type StatementCache, splitOperands } from './statement.ts';

export interface AssemblyLimits {
  readonly maxDepth: number;
  readonly maxStatements: number;
  /** Expansions of macros and of repetitions in one file; the kernel's largest has about 6,000. */
  readonly maxExpansions: number;
  /** Rounds of one `.rept`. */
  readonly maxRepeat: number;
  /** Characters that expansions put together; the kernel's largest file has 140,000. */
  readonly maxCharacters: number;
}

const defaultLimits: AssemblyLimits = {
  maxDepth: 100,
  maxStatements: 200_000,
  maxExpansions: 50_000,
  maxRepeat: 100_000,
  maxCharacters: 20_000_000,
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

/** A macro that passes its argument on twice makes statements without end. */
const maxStatementLength = 100_000;

const compiledBodies = new WeakMap<MacroDefinition, (readonly BodyPart[])[]>();
const compiledAlternateBodies = new WeakMap<MacroDefinition, (readonly BodyPart[])[]>();

class Assembly {
  readonly #cache: StatementCache;
  readonly #limits: AssemblyLimits;
  readonly #cancellation: Cancellation;
  readonly #open: boolean;
  readonly #emitter = new Emitter();
  readonly #conditionals: ConditionalStack;
  readonly #frames: Frame[] = [];
  readonly #macros = new Map<string, MacroDefinition[]>();
  readonly #live = new Map<string, MacroDefinition>();
  readonly #inputs: Input[] = [];
  #invocations = 0;
  #characters = 0;
  /** Set between `.altmacro` and `.noaltmacro`. */
  #alternate: AlternateSyntax | null = null;
  #stopped = false;

  constructor(options: AssemblyOptions) {
    this.#cache = options.cache;
    this.#limits = options.limits ?? defaultLimits;
    this.#cancellation = options.cancellation ?? neverCancelled;
    this.#open = options.open ?? false;
    this.#conditionals = new ConditionalStack(this.#emitter, this.#open);
    for (const [name, macro] of options.macros ?? []) this.#live.set(name, macro);
    for (const [name, value] of options.constants ?? []) this.#emitter.values.set(name, { kind: 'absolute', value });
  }

  readLines(lines: readonly CppLine[]): void {
    this.#run(lines.length, (index) => {
      const line = lines[index];
      if (line === undefined) return [];
      return this.#cache.scrub(line.text).map((text) => ({ text, source: line }));
    });
  }

  readStatement(statement: BodyStatement): void {
    this.#run(1, () => [statement]);
  }

  finish(): GasResult {
    const emitter = this.#emitter;
    for (const source of this.#conditionals.unclosed) {
      emitter.issues.push({ kind: 'conditional', message: 'this conditional has no .endif', source, frame: null });
    }
    const constants = new Map<string, bigint>();
    for (const [name, value] of emitter.values) if (value.kind === 'absolute') constants.set(name, value.value);
    return {
      statements: emitter.statements,
      buckets: emitter.sections.buckets,
      macros: this.#macros,
      liveMacros: this.#live,
      frames: this.#frames,
      labels: emitter.labels,
      numericLabels: emitter.numericLabels,
      aliases: emitter.aliases,
      constants,
      assignments: emitter.assignments,
      globals: emitter.globals,
      issues: emitter.issues,
    };
  }

  // --- input ---

  #run(length: number, get: Input['get']): void {
    this.#inputs.push({ frame: null, length, at: 0, conditionals: 0, pending: [], pendingAt: 0, get });
    let steps = 0;
    while (this.#inputs.length > 0 && !this.#stopped) {
      if ((++steps & 1023) === 0) throwIfCancelled(this.#cancellation);
      const statement = this.#next();
      if (statement === null) {
        this.#popInput();
        continue;
      }
      this.#emitter.source = statement.source;
      this.#emitter.frame = this.#inputs[this.#inputs.length - 1]?.frame ?? null;
      this.#process(statement);
      if (this.#emitter.statements.length >= this.#limits.maxStatements) {
        this.#stop(`more than ${this.#limits.maxStatements} statements: expansion stopped here`);
      }
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
    if (input === undefined || input.frame === null) return;
    input.frame.seqEnd = this.#emitter.statements.length;
    if (this.#conditionals.depth <= input.conditionals) return;
    if (!this.#stopped) this.#emitter.issue('conditional', `${input.frame.name} ends inside a conditional`);
    this.#conditionals.cutTo(input.conditionals);
  }

  #stop(message: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#emitter.issue('limit', message);
  }

  // --- statements ---

  #process(statement: BodyStatement): void {
    const parsed = this.#cache.statement(statement.text);
    const emitter = this.#emitter;
    if (this.#conditionals.isIgnoring) {
      // The assembler looks for the dot at the start of the statement: a label in front hides the directive.
      if (parsed.labels.length === 0 && isConditionalDirective(parsed.op)) this.#conditional(parsed);
      return;
    }
    for (const label of parsed.labels) emitter.label(label);
    if (parsed.kind === 'none') return;
    if (parsed.kind === 'assignment') {
      emitter.assign(parsed.op, parsed.operands, parsed.body, 'redefine');
      return;
    }
    if (parsed.op.charCodeAt(0) === 46 && this.#directive(parsed, statement)) return;
    const macro = this.#live.get(parsed.op);
    if (macro !== undefined) this.#invoke(macro, parsed, statement);
    else if (/^\.req\b/i.test(parsed.operands)) emitter.alias(parsed.op, parsed.operands.slice(4).trim(), parsed.body);
    else if (parsed.op.startsWith('.')) emitter.emit('directive', parsed.op, parsed.operands, parsed.body, 0);
    else emitter.insn(parsed.op, parsed.operands, parsed.body);
  }

  #conditional(parsed: ParsedStatement): void {
    if (!this.#conditionals.handle(parsed.op, parsed.operands)) this.#stop('conditionals nest too deeply');
  }

  /** Handles a directive of the macro layer or one that moves the location counter; `false` when it is none. */
  #directive(parsed: ParsedStatement, statement: BodyStatement): boolean {
    const { op, operands, body } = parsed;
    const emitter = this.#emitter;
    if (isConditionalDirective(op)) {
      this.#conditional(parsed);
      return true;
    }
    if (alignmentDirectives.has(op)) {
      emitter.align(op, operands, body);
      return true;
    }
    if (this.#macroDirective(op, operands, statement)) return true;
    switch (op) {
      case '.set':
      case '.equ':
      case '.equiv':
      case '.eqv': {
        const comma = operands.indexOf(',');
        if (comma < 0) emitter.issue('directive', `${op} needs a symbol and an expression`);
        const name = comma < 0 ? operands.trim() : operands.slice(0, comma).trim();
        const expression = comma < 0 ? '' : operands.slice(comma + 1).trim();
        emitter.assign(name, expression, body, op === '.equiv' ? 'once' : 'redefine');
        return true;
      }
      case '.org':
        emitter.origin(operands, body);
        return true;
      case '.unreq':
        emitter.alias(operands.trim(), null, body);
        return true;
      case '.ltorg':
      case '.pool':
        emitter.literalPool(op, operands, body);
        return true;
      case '.globl':
      case '.global':
      case '.weak':
        for (const name of splitOperands(operands)) emitter.globals.add(name);
        break;
      case '.error':
      case '.err':
        emitter.issue('user-error', operands.replace(/^"(.*)"$/, '$1') || '.err encountered');
        break;
      case '.warning':
        emitter.issue('user-warning', operands.replace(/^"(.*)"$/, '$1'));
        break;
      case '.include':
        emitter.issue('directive', '.include is not followed: use #include');
        break;
      default:
        if (switchSection(emitter, op, operands)) break;
        return !this.#live.has(op) && emitter.data(op, operands, body);
    }
    emitter.emit('directive', op, operands, body, 0);
    return true;
  }

  #macroDirective(op: string, operands: string, statement: BodyStatement): boolean {
    switch (op) {
      case '.macro':
        this.#defineMacro(operands, statement);
        return true;
      case '.endm':
      case '.endr':
        this.#emitter.issue('macro', `${op} without ${op === '.endm' ? '.macro' : '.rept'}`);
        return true;
      case '.purgem':
        for (const name of splitOperands(operands)) {
          if (!this.#live.delete(name.toLowerCase())) this.#emitter.issue('macro', `macro \`${name}' was not defined`);
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
      case '.altmacro':
        this.#alternate = {
          evaluate: (text, start) => {
            const { value, end } = evaluateExpression(text, this.#emitter.scope, start);
            return value.kind === 'absolute' ? { value: value.value.toString(), end } : null;
          },
        };
        return true;
      case '.noaltmacro':
        this.#alternate = null;
        return true;
      default:
        return false;
    }
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
    for (const issue of issues) this.#emitter.issue('macro', issue);
    const collected = this.#collect((op) => op === '.macro', '.endm');
    if (collected === null) {
      this.#emitter.source = statement.source;
      this.#emitter.issue('macro', `macro \`${name}' has no .endm`);
      return;
    }
    if (name === '') return;
    const macro: MacroDefinition = {
      name,
      parameters,
      body: collected.body,
      source: statement.source,
      end: collected.end,
      definedIn: this.#emitter.frame,
    };
    const key = name.toLowerCase();
    if (this.#live.has(key) && !this.#open) this.#emitter.issue('macro', `macro \`${name}' was already defined`);
    this.#live.set(key, macro);
    const known = this.#macros.get(key);
    if (known === undefined) this.#macros.set(key, [macro]);
    else known.push(macro);
  }

  #invoke(macro: MacroDefinition, parsed: ParsedStatement, statement: BodyStatement): void {
    const { actuals, issues } = readActuals(macro.name, macro.parameters, parsed.operands, this.#alternate);
    for (const issue of issues) this.#emitter.issue('macro', issue);
    if (issues.length > 0 && !this.#open) return;
    if (this.#emitter.openConditions.length > 0 && this.#isExpanding(macro)) return;
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
    this.#pushExpansion(
      'macro',
      macro.name,
      macro,
      parsed.body,
      actuals,
      number,
      statement.source,
      macro.body.length,
      (index) => this.#rescrub(substitute(parts[index] ?? [], actuals, number), macro.body[index]),
    );
  }

  #isExpanding(macro: MacroDefinition): boolean {
    for (let frame = this.#emitter.frame; frame !== null; frame = frame.parent) if (frame.macro === macro) return true;
    return false;
  }

  #rescrub(text: string, body: BodyStatement | undefined): readonly BodyStatement[] {
    if (body === undefined) return [];
    if (text === body.text) return [body];
    this.#characters += text.length;
    if (this.#characters > this.#limits.maxCharacters || text.length > maxStatementLength) {
      this.#stop('expansion makes too much text: stopped here');
      return [];
    }
    const scrubbed = this.#cache.scrub(text);
    return scrubbed.map((one) => ({ text: one, source: body.source }));
  }

  #pushExpansion(
    kind: Frame['kind'],
    name: string,
    macro: MacroDefinition | null,
    invocation: string,
    actuals: readonly string[],
    number: number,
    callSource: CppLine,
    length: number,
    get: (index: number) => readonly BodyStatement[],
  ): void {
    const parent = this.#emitter.frame;
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > this.#limits.maxDepth) {
      this.#emitter.issue(
        'limit',
        `\`${name}' is expanded more than ${this.#limits.maxDepth} levels deep: expansion stopped here`,
      );
      // One runaway chain must not be followed again from each of its levels.
      this.#stopped = true;
      return;
    }
    if (this.#frames.length >= this.#limits.maxExpansions) {
      this.#stop(`more than ${this.#limits.maxExpansions} expansions: expansion stopped here`);
      return;
    }
    const seq = this.#emitter.statements.length;
    const frame: Frame = {
      kind,
      name,
      macro,
      invocation,
      callSource,
      parent,
      depth,
      actuals,
      number,
      seqStart: seq,
      seqEnd: seq,
    };
    this.#frames.push(frame);
    this.#inputs.push({
      frame,
      length,
      at: 0,
      conditionals: this.#conditionals.depth,
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
      this.#conditionals.cutTo(input.conditionals);
      if (input.frame?.kind === 'macro') break;
    }
  }

  #repeat(op: string, operands: string, statement: BodyStatement): void {
    const collected = this.#collect((other) => /^\.(rept?|irpc?|irepc?)$/.test(other), '.endr');
    if (collected === null) {
      this.#emitter.source = statement.source;
      this.#emitter.issue('macro', `${op} has no .endr`);
      return;
    }
    const { body } = collected;
    const invocation = `${op} ${operands}`;
    if (op === '.rept' || op === '.rep') {
      const { value } = evaluateExpression(operands, this.#emitter.scope);
      let rounds = value.kind === 'absolute' ? Number(value.value) : 0;
      if (value.kind === 'open' || (this.#open && value.kind !== 'absolute')) rounds = 1;
      else if (value.kind !== 'absolute') {
        this.#emitter.issue('expression', `unable to evaluate the count of ${op}`);
      } else if (rounds < 0) {
        this.#emitter.issue('directive', `negative count for ${op}`);
        rounds = 0;
      } else if (rounds > this.#limits.maxRepeat) {
        this.#emitter.issue('limit', `${op} repeats ${rounds} times: only ${this.#limits.maxRepeat} are shown`);
        rounds = this.#limits.maxRepeat;
      }
      this.#pushExpansion(
        'rept',
        op,
        null,
        invocation,
        [],
        this.#invocations,
        statement.source,
        rounds * body.length,
        (index) => {
          const one = body[index % body.length];
          return one === undefined ? [] : [one];
        },
      );
      return;
    }
    const comma = /^([^\s,]+)\s*,?\s*/.exec(operands);
    const name = comma?.[1] ?? '';
    if (name === '') {
      this.#emitter.issue('directive', `${op} without a symbol`);
      return;
    }
    const list = operands.slice(comma?.[0].length ?? 0);
    const characters = op === '.irpc' || op === '.irepc';
    const values = characters ? readIrpcValues(list) : readIrpValues(list, this.#alternate);
    const parts = body.map((one) => compileBody(one.text, new Map([[name, 0]])));
    const number = this.#invocations;
    const kind = characters ? 'irpc' : 'irp';
    this.#pushExpansion(
      kind,
      op,
      null,
      invocation,
      values,
      number,
      statement.source,
      values.length * body.length,
      (index) => {
        const round = Math.floor(index / body.length);
        const at = index % body.length;
        return this.#rescrub(substitute(parts[at] ?? [], [values[round] ?? ''], number), body[at]);
      },
    );
  }
}

/** Handles a directive that changes the current section; `false` when it is none. */
function switchSection(emitter: Emitter, op: string, operands: string): boolean {
  const { sections } = emitter;
  switch (op) {
    case '.section':
    case '.pushsection': {
      const parts = splitOperands(operands);
      const name = (parts[0] ?? '').replace(/^"(.*)"$/, '$1');
      // `.pushsection name, subsection` is the only form that carries a number.
      const numbered = op === '.pushsection' && /^[0-9]/.test(parts[1] ?? '');
      const subsection = numbered ? emitter.smallNumber(parts[1] ?? '0') : 0;
      if (op === '.section') sections.switchTo(name, subsection);
      else sections.push(name, subsection);
      return true;
    }
    case '.popsection':
      if (!sections.pop()) emitter.issue('section', '.popsection without a .pushsection before it');
      return true;
    case '.previous':
      sections.swapWithPrevious();
      return true;
    case '.subsection':
      sections.switchTo(sections.current.section, emitter.smallNumber(operands));
      return true;
    case '.text':
    case '.data':
    case '.bss':
      sections.switchTo(op, operands.trim() === '' ? 0 : emitter.smallNumber(operands));
      return true;
    default:
      return false;
  }
}
