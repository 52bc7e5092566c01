import type { Frame } from './frame.ts';
import type { Macro } from './macro.ts';
import type { Run } from './run.ts';
import { Flag, Kind, type Tok } from './token.ts';

/** `#pragma once`, `push_macro` and `pop_macro`; in C every pragma is printed as well. */
export function runPragma(run: Run, frame: Frame, line: number): void {
  const tokens = frame.file.tokens(line);
  const what = tokens[2]?.text;
  if (what === 'once' && !frame.isMain) run.setFact(`once ${frame.file.path}`, 1);
  else if (what === 'push_macro' || what === 'pop_macro') saveOrRestore(run, what, tokens[4]);
  if (run.isAsm() || !(frame.isShown || run.readsIncludedText)) return;
  pragmaLine(run, frame, line);
}

/** Prints a directive line as it is, one blank for any white space. */
export function pragmaLine(run: Run, frame: Frame, line: number): void {
  const tokens = frame.file.tokens(line);
  let text = '';
  const columns: number[] = [];
  for (const [i, tok] of tokens.entries()) {
    if (i === 2 || (i > 2 && tok.flags & Flag.previousWhite)) text += ' ';
    columns.push(text.length);
    text += tok.text;
  }
  const first = tokens[0];
  if (first === undefined) return;
  run.output.putLine(text, frame.file.path, frame.file.physicalLine(first.offset), tokens, columns);
}

/** The stack of a macro's pushed definitions lives in the macro table, as definitions of numbered names. */
function saveOrRestore(run: Run, what: 'push_macro' | 'pop_macro', literal: Tok | undefined): void {
  if (literal === undefined || literal.type !== Kind.string) return;
  const { names, table } = run.cache;
  const name = names.get(literal.text.slice(1, -1).trim());
  const stack = `pushed ${name.text}`;
  const depth = run.factValue(stack);
  const slot = (at: number) => names.get(`#pushed ${name.text} ${at}`);
  if (what === 'push_macro') {
    table.set(slot(depth), name.macro);
    run.setFact(stack, depth + 1);
  } else if (depth > 0) {
    const saved: Macro | null = slot(depth - 1).macro;
    table.set(name, saved);
    run.setFact(stack, depth - 1);
  }
}
