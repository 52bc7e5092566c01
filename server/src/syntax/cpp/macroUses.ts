import type { TextRange } from '../../base/text.ts';
import type { Expansion } from './expander.ts';
import type { Macro } from './macro.ts';
import type { CppExpansion, CppLine, CppMacroUse } from './model.ts';
import { OutputLine } from './output.ts';
import { Kind, type SourceRef, type Tok } from './token.ts';

/** Tokens that came out of an `#if` line, with their origin. */
export interface ConditionTrace {
  readonly tokens: Tok[];
  readonly expansions: (Expansion | null)[];
}

/** Collects the macro uses of the main file in one run. */
export class MacroUses {
  readonly #lines: readonly CppLine[];
  /** The file whose uses are collected. */
  shown: SourceRef;
  readonly #seen = new Set<number>();
  readonly #uses: MacroUse[] = [];
  /** Tokens of the `#if` line that is being evaluated. */
  trace: ConditionTrace | null = null;

  constructor(lines: readonly CppLine[], main: SourceRef) {
    this.#lines = lines;
    this.shown = main;
  }

  /** Notes a use; `within` is the range of the outermost use, which a name inside arguments lies in. */
  add(expansion: Expansion, name: Tok, close: Tok | null, within: TextRange): void {
    if (name.ref !== this.shown || name.offset < within.start || name.offset >= within.end) return;
    if (this.#seen.has(name.offset)) return;
    this.#seen.add(name.offset);
    const end = name.offset + name.text.length;
    const closed = close !== null && close.ref === this.shown && close.offset >= end ? close.offset + 1 : end;
    // A use in an `#if` has no part in the lines.
    const lines = this.trace === null ? this.#lines : [];
    this.#uses.push(new MacroUse(expansion.macro, name.offset, end, closed, lines, expansion, this.trace));
  }

  /** Notes a name in `#ifdef` or `defined`. */
  addTest(macro: Macro, name: Tok): void {
    if (name.ref !== this.shown || this.#seen.has(name.offset)) return;
    this.#seen.add(name.offset);
    const end = name.offset + name.text.length;
    this.#uses.push(new MacroUse(macro, name.offset, end, end, [], null, null));
  }

  /** All uses in the order of the text. */
  sorted(): readonly CppMacroUse[] {
    return this.#uses.sort((a, b) => a.nameRange.start - b.nameRange.start);
  }
}

class MacroUse implements CppMacroUse {
  readonly macro: Macro;
  readonly #start: number;
  readonly #nameEnd: number;
  readonly #end: number;
  readonly #lines: readonly CppLine[];
  readonly #firstLine: number;
  readonly #expansion: Expansion | null;
  readonly #trace: ConditionTrace | null;

  constructor(
    macro: Macro,
    start: number,
    nameEnd: number,
    end: number,
    lines: readonly CppLine[],
    expansion: Expansion | null,
    trace: ConditionTrace | null,
  ) {
    this.macro = macro;
    this.#start = start;
    this.#nameEnd = nameEnd;
    this.#end = end;
    this.#lines = lines;
    this.#firstLine = lines.length;
    this.#expansion = expansion;
    this.#trace = trace;
  }

  get range(): TextRange {
    return { start: this.#start, end: this.#end };
  }

  get nameRange(): TextRange {
    return { start: this.#start, end: this.#nameEnd };
  }

  /** The expansion whose tokens are among the printed lines; `null` for a use in an `#if` line. */
  get printed(): CppExpansion | null {
    return this.#trace === null ? this.#expansion : null;
  }

  get expansion(): string {
    const wanted = this.#expansion;
    if (wanted === null) return this.macro.body;
    if (this.#trace !== null) return tracedText(this.#trace, wanted);
    let out = '';
    for (let i = this.#firstLine; i < this.#lines.length; i++) {
      const line = this.#lines[i];
      // Those of included files, in their compact form, hold nothing of the main file.
      if (!(line instanceof OutputLine)) break;
      const from = line.expansions.findIndex((expansion) => isWithin(expansion, wanted));
      if (from < 0) break;
      let to = from;
      while (to + 1 < line.expansions.length && isWithin(line.expansions[to + 1] ?? null, wanted)) to++;
      const lastTok = line.rawTokens[to];
      const end = (line.columns[to] ?? 0) + (lastTok?.text.length ?? 0);
      out += (out === '' ? '' : ' ') + line.text.slice(line.columns[from], end);
      if (to < line.rawTokens.length - 1) break;
    }
    return out;
  }
}

function tracedText(trace: ConditionTrace, wanted: Expansion): string {
  let out = '';
  for (let i = 0; i < trace.tokens.length; i++) {
    const tok = trace.tokens[i];
    if (tok === undefined || !isWithin(trace.expansions[i] ?? null, wanted)) continue;
    const tight = out === '' || out.endsWith('(') || tok.type === Kind.closeParen || tok.type === Kind.comma;
    out += (tight ? '' : ' ') + tok.text;
  }
  return out;
}

function isWithin(expansion: Expansion | null, wanted: Expansion): boolean {
  for (let at = expansion; at !== null; at = at.parent) if (at === wanted) return true;
  return false;
}

/** The expansion that a use printed, `null` when it printed nothing of its own (in `#if` and `#ifdef`). */
export function printedExpansion(use: CppMacroUse): CppExpansion | null {
  return use instanceof MacroUse ? use.printed : null;
}
