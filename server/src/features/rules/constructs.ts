// Which macros of a tree make up alternatives, found from the tree's own definitions: a macro that pushes
// `.altinstructions` names the numeric labels of the two sequences; macros of the same file that define those
// labels are its parts. Nothing here knows a macro's name.

import type { Frame, GasResult, GasStatement, MacroDefinition } from '../../syntax/gas/model.ts';
import { parseStatement } from '../../syntax/gas/statement.ts';

export interface ConstructGrammar {
  /** Numbers of the labels that records refer to: `661` … `664`. */
  readonly labels: ReadonlySet<string>;
  /** Macros that define such labels or emit records. */
  readonly macros: ReadonlySet<MacroDefinition>;
  /** Files that those macros are written in. */
  readonly files: ReadonlySet<string>;
  /** Names of the macros that define a label and emit no record, by label. */
  readonly closers: ReadonlyMap<string, readonly string[]>;
}

/** The grammar of the constructs that a file can use. Empty when no macro emits records. */
export function readConstructGrammar(gas: GasResult): ConstructGrammar {
  const all = new Set<MacroDefinition>();
  for (const definitions of gas.macros.values()) for (const macro of definitions) all.add(macro);
  for (const macro of gas.liveMacros.values()) all.add(macro);
  const labels = new Set<string>();
  const files = new Set<string>();
  const emitters = new Set<MacroDefinition>();
  for (const macro of all) {
    if (!emitsRecord(macro)) continue;
    emitters.add(macro);
    files.add(macro.source.file);
    for (const { text } of macro.body) {
      for (const match of text.matchAll(/\b([0-9]{2,})[bf]\b/g)) if (match[1] !== undefined) labels.add(match[1]);
    }
  }
  const macros = new Set<MacroDefinition>();
  const closers = new Map<string, string[]>();
  for (const macro of all) {
    if (!files.has(macro.source.file)) continue;
    const defined = macro.body.flatMap(({ text }) => parseStatement(text).labels).filter((label) => labels.has(label));
    if (defined.length === 0 && !emitters.has(macro)) continue;
    macros.add(macro);
    if (emitters.has(macro)) continue;
    for (const label of defined) {
      const names = closers.get(label);
      if (names === undefined) closers.set(label, [macro.name]);
      else if (!names.includes(macro.name)) names.push(macro.name);
    }
  }
  // The macro that lays out the record itself (`altinstruction_entry`) is a part as well.
  for (const macro of all) if (files.has(macro.source.file) && isInvokedIn(macro, emitters)) macros.add(macro);
  return { labels, macros, files, closers };
}

/** Whether a macro's body puts something into the table of alternatives. */
export function emitsRecord(macro: MacroDefinition): boolean {
  return macro.body.some(({ text }) => /^\.(push)?section\s+\.altinstructions\b/.test(text.replace(/^\w+:\s*/, '')));
}

function isInvokedIn(macro: MacroDefinition, emitters: ReadonlySet<MacroDefinition>): boolean {
  const name = macro.name.toLowerCase();
  for (const emitter of emitters) {
    for (const { text } of emitter.body) {
      if (parseStatement(text).op === name && macro.body.some((one) => /^\.(word|long|4byte)\b/.test(one.text)))
        return true;
    }
  }
  return false;
}

/** Whether a statement is written in a part of a construct and not by its user. */
export function isOfConstruct(statement: GasStatement, grammar: ConstructGrammar): boolean {
  for (let frame: Frame | null = statement.frame; frame !== null; frame = frame.parent) {
    if (frame.macro !== null) return grammar.macros.has(frame.macro);
  }
  return false;
}

/** The outermost expansion of a construct's parts around a statement: what its user invoked. */
export function invokedPart(statement: GasStatement, grammar: ConstructGrammar): Frame | null {
  let part: Frame | null = null;
  for (let frame = statement.frame; frame !== null; frame = frame.parent) {
    if (frame.macro === null) continue;
    if (grammar.macros.has(frame.macro) || (part !== null && grammar.files.has(frame.macro.source.file))) part = frame;
    else break;
  }
  return part;
}
