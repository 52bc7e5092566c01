// What macros at file scope make: `DEFINE_STATIC_KEY_FALSE(x)` a key `x`, `TRACE_EVENT(x, …)` a function `trace_x`. No
// macro is known by its name; the texts of the macros say it.

import type { MadeCandidate, NameDefinition, NameIndex, NameKind } from '../nameIndex.ts';
import { type SymbolEffects, symbolEffects } from '../symbolMacros.ts';
import { readArguments, readMacro } from './macroText.ts';
import { NameTable } from './nameTable.ts';
import { NameScanner } from './scanNames.ts';
import {
  argumentShift,
  declarationFlag,
  definitionKinds,
  definitionStride,
  kindMask,
  makerMask,
  maxArgument,
  staticFlag,
} from './scannedFile.ts';

/** One thing that a macro defines: its name in parts, a number standing for that argument. */
interface MadePattern {
  readonly parts: readonly (string | number)[];
  readonly kind: NameKind;
  readonly isDeclaration: boolean;
  readonly isStatic: boolean;
  /** The macro's text ends with its head: what follows the use can be its body. */
  readonly isOpen: boolean;
}

/** Something that a macro makes, and the name that people know it by (`x` for the key of the static call `x`). */
export interface MadeSymbol {
  readonly shown: string;
  readonly definition: NameDefinition;
}

const isSymbolKind = (kind: NameKind): boolean => kind === 'static-key' || kind === 'static-call';

/** Names in a macro's text, and the language's words. */
const smallTable = 256;
const maxDepth = 10;
const maxPatterns = 80;
/** Definitions of one macro that are looked at: headers of trace events have a dozen of the same name. */
const maxVariants = 16;
const maxCandidates = 400;
const maxKept = 4000;
/** A macro that gives a name is short. */
const maxNameBody = 200;
const maxKeptTexts = 64;

export class MadeNames {
  readonly #index: NameIndex;
  readonly #readText: (path: string) => string | undefined;
  #version = -1;
  #macroVersion = -1;
  #symbols: readonly MadeSymbol[] | null = null;
  readonly #patterns = new Map<string, readonly MadePattern[]>();
  readonly #answers = new Map<string, readonly NameDefinition[]>();
  readonly #texts = new Map<string, string | undefined>();
  #effects: SymbolEffects | null = null;

  constructor(index: NameIndex, readText: (path: string) => string | undefined) {
    this.#index = index;
    this.#readText = readText;
  }

  /** Written definitions of a name, those of keys told apart, and the ones that macros make. */
  definitionsOf(name: string): readonly NameDefinition[] {
    this.#forgetOld();
    const before = this.#answers.get(name);
    if (before !== undefined) return before;
    const written = this.#index.writtenDefinitionsOf(name).map((one) => this.#refine(one));
    const made = this.#madeAs(name, this.#index.madeCandidatesOf(name));
    // `#define f f` says only that there is a function of that name.
    const isDefined = [...written, ...made].some(({ isDeclaration, kind }) => !isDeclaration && kind !== 'macro');
    const answer = [...written, ...made, ...(isDefined ? [] : this.#pasted(name))];
    if (this.#answers.size > maxKept) this.#answers.clear();
    this.#answers.set(name, answer);
    return answer;
  }

  /** Keys, static calls and tracepoints that macros at file scope make, each with the argument it is named after. */
  symbols(): readonly MadeSymbol[] {
    this.#forgetOld();
    if (this.#symbols !== null) return this.#symbols;
    const found = new Map<string, MadeSymbol>();
    this.#index.forEachCandidate((maker, argument, read) => {
      for (const { parts, kind, isDeclaration, isStatic } of this.#patternsOf(maker, 0)) {
        // What a trace event makes is declared wherever its header is read; its file defines it in another way.
        const isWanted = kind === 'tracepoint' || (!isDeclaration && isSymbolKind(kind));
        if (!isWanted || parts.length > 3 || parts.filter((part) => typeof part === 'number').length !== 1) continue;
        if (!parts.includes(argument)) continue;
        const { definition } = read();
        const name = parts.map((part) => (typeof part === 'number' ? definition.name : part)).join('');
        const one = { ...definition, name, kind, isDeclaration, isStatic, madeBy: maker };
        found.set(`${definition.path}:${definition.offset}:${kind}`, { shown: definition.name, definition: one });
      }
    });
    this.#symbols = [...found.values()];
    return this.#symbols;
  }

  /** Works out what one macro makes, ahead of time. */
  prepare(macro: string): void {
    this.#forgetOld();
    this.#patternsOf(macro, 0);
  }

  #forgetOld(): void {
    if (this.#version === this.#index.version) return;
    this.#version = this.#index.version;
    this.#answers.clear();
    this.#texts.clear();
    this.#symbols = null;
    if (this.#macroVersion === this.#index.macroVersion) return;
    this.#macroVersion = this.#index.macroVersion;
    this.#patterns.clear();
    this.#effects = null;
  }

  /** Names that are put together: every piece between underscores may be an argument of a macro. */
  #pasted(name: string): NameDefinition[] {
    const starts = [0];
    const ends: number[] = [];
    for (let at = 1; at < name.length; at++) {
      if (name[at] !== '_') {
        if (name[at - 1] === '_') starts.push(at);
      } else ends.push(at, at + 1);
    }
    ends.push(name.length);
    for (let at = 1; at < name.length; at++) if (name[at] === '_') starts.push(at);
    const found: NameDefinition[] = [];
    const seen = new Set([name]);
    for (const start of starts) {
      for (const end of ends) {
        const piece = name.slice(start, end);
        if (end - start < 2 || seen.has(piece)) continue;
        seen.add(piece);
        const candidates = this.#index.madeCandidatesOf(piece);
        if (candidates.length > 0) found.push(...this.#madeAs(name, candidates));
      }
    }
    return found;
  }

  #madeAs(name: string, candidates: readonly MadeCandidate[]): NameDefinition[] {
    return candidates.slice(0, maxCandidates).flatMap(({ maker, argument, definition }) => {
      if (definition.path.endsWith('.S')) {
        const isSymbol = argument === 0 && definition.name === name && this.#makesSymbol(maker);
        return isSymbol ? [{ ...definition, kind: 'asm-symbol' as const, madeBy: maker }] : [];
      }
      for (const pattern of this.#patternsOf(maker, 0)) {
        // The first of several arguments speaks for all of them.
        if (pattern.parts.find((part) => typeof part === 'number') !== argument) continue;
        if (!this.#fits(name, pattern, maker, definition)) continue;
        const { kind, isStatic } = pattern;
        const isDeclaration = pattern.isDeclaration && !(pattern.isOpen && this.#hasBody(definition));
        return [{ ...definition, name, kind, isDeclaration, isStatic, madeBy: maker }];
      }
      return [];
    });
  }

  /** Whether a brace follows the use of a macro (`SYSCALL_DEFINE1(x, …) {`). */
  #hasBody({ path, offset }: NameDefinition): boolean {
    const text = this.#textOf(path);
    return text !== undefined && beginsBody(text, offset);
  }

  /** Whether a macro of an assembly file makes a label of its argument, or assigns to it. */
  #makesSymbol(maker: string): boolean {
    this.#effects ??= symbolEffects((name) => {
      for (const { kind, path, offset } of this.#index.writtenDefinitionsOf(name)) {
        const text = kind === 'macro' ? this.#textOf(path) : undefined;
        const macro = text?.startsWith(name, offset) ? readMacro(text, offset) : null;
        if (macro?.parameters) return { language: 'cpp', parameters: macro.parameters, body: macro.body };
      }
      return null;
    });
    const effect = this.#effects(maker);
    return effect !== null && (effect.label || effect.assigns);
  }

  #fits(
    name: string,
    { parts }: MadePattern,
    maker: string,
    { path, offset, name: argument }: NameDefinition,
  ): boolean {
    if (parts.filter((part) => typeof part === 'number').length === 1) {
      return name === parts.map((part) => (typeof part === 'number' ? argument : part)).join('');
    }
    const text = this.#textOf(path);
    const start = text?.lastIndexOf(maker, offset) ?? -1;
    if (text === undefined || start < 0) return false;
    const values = readArguments(text, text.indexOf('(', start));
    return values !== null && name === parts.map((part) => (typeof part === 'number' ? values[part] : part)).join('');
  }

  #patternsOf(macro: string, depth: number): readonly MadePattern[] {
    const before = this.#patterns.get(macro);
    if (before !== undefined) return before;
    // A macro that uses itself makes what the rest of it makes.
    this.#patterns.set(macro, []);
    if (depth > maxDepth) return [];
    const found = new Map<string, MadePattern>();
    const variants = this.#index.writtenDefinitionsOf(macro).filter(({ kind }) => kind === 'macro');
    for (const { path, offset } of variants.slice(0, maxVariants)) {
      const text = this.#textOf(path);
      if (text === undefined || !text.startsWith(macro, offset)) continue;
      const { parameters, body } = readMacro(text, offset);
      if (parameters === null && /^\s*[A-Za-z_]\w*\s*$/.test(body)) {
        // Another name of the same macro.
        for (const one of this.#patternsOf(body.trim(), depth + 1))
          found.set(one.parts.join('\0') + one.isDeclaration, one);
      }
      if (parameters === null || parameters.length === 0) continue;
      const named = this.#withNames(marked(parameters, body));
      for (const pattern of this.#patternsIn(`${laidOut(named)};`, depth)) {
        if (found.size < maxPatterns) found.set(pattern.parts.join('\0') + pattern.isDeclaration, pattern);
      }
    }
    // A macro that declares and defines is there for the definition.
    const patterns = [...found.values()].sort(
      (left, right) => Number(left.isDeclaration) - Number(right.isDeclaration),
    );
    this.#patterns.set(macro, patterns);
    return patterns;
  }

  /**
   * A text with each macro in it that gives one name (`STATIC_CALL_KEY(x)`) replaced by that name, also where that is the
   * name of another macro. What depends on the configuration is taken as set: both sides make the same names.
   */
  #withNames(text: string): string {
    return text
      .replace(/\bIS_ENABLED\([^()]*\)/g, '1')
      .replace(
        /\b[A-Za-z_]\w*\([^()]*zq\d[^()]*\)|\b[A-Za-z_]\w*\([^()]*\)(?=\()/g,
        (call) => this.expandName(call) ?? call,
      );
  }

  /** The one name that an expression expands to (`STATIC_CALL_KEY(x)` to `__SCK__x`); `null` when it does not. */
  expandName(expression: string, depth = 0): string | null {
    const [, macro, list] = /^\s*([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*$/.exec(expression) ?? [];
    if (macro === undefined || depth > maxDepth) return null;
    for (const { path, offset, kind } of this.#index.writtenDefinitionsOf(macro).slice(0, maxVariants)) {
      const text = kind === 'macro' ? this.#textOf(path) : undefined;
      if (text === undefined || !text.startsWith(macro, offset)) continue;
      const { parameters, body } = readMacro(text, offset);
      if ((parameters === null) !== (list === undefined) || body.length > maxNameBody) continue;
      const values = (list ?? '').split(',').map((value) => this.expandName(value, depth + 1) ?? value.trim());
      const pasted = marked(parameters ?? [], body).replace(
        /zq(\d)qz/g,
        (_all, at: string) => values[Number(at)] ?? '',
      );
      const name = this.expandName(pasted, depth + 1);
      if (name !== null) return name;
    }
    return list === undefined ? macro : null;
  }

  /** What a macro's text defines, its parameters replaced by marks. */
  #patternsIn(text: string, depth: number): MadePattern[] {
    const table = new NameTable(smallTable);
    const bytes = new TextEncoder().encode(text);
    const { definitions } = new NameScanner(table).scan(bytes, bytes.length, false);
    const found: MadePattern[] = [];
    const lastEnd = Math.max(text.lastIndexOf(';', text.length - 2), text.lastIndexOf('}'));
    for (let at = 0; at < definitions.length; at += definitionStride) {
      const [number = 0, offset = 0, kindAndLine = 0, maker = 0] = definitions.subarray(at, at + definitionStride);
      const parts = partsOf(table.text(number));
      if (!parts.some((part) => typeof part === 'number')) continue;
      const kind = definitionKinds[kindAndLine & kindMask] ?? 'made';
      if (kind === 'variable' && this.#isForAssembler(text, offset)) continue;
      if (kind !== 'made') {
        found.push({
          parts,
          kind: kind === 'variable' ? variableKind(text, offset) : kind,
          isDeclaration: (kindAndLine & declarationFlag) !== 0,
          isStatic: (kindAndLine & staticFlag) !== 0,
          isOpen: offset > lastEnd,
        });
        continue;
      }
      const argument = maker >>> argumentShift;
      const macro = table.text(maker & makerMask);
      const values = readArguments(text, text.indexOf('(', text.lastIndexOf(macro, offset)));
      for (const inner of this.#patternsOf(macro, depth + 1)) {
        if (inner.parts.find((part) => typeof part === 'number') !== argument || found.length > maxPatterns) continue;
        const whole = inner.parts.flatMap((part) =>
          typeof part === 'number' ? partsOf(values?.[part] ?? ' ') : [part],
        );
        if (whole.some((part) => typeof part === 'string' && !/^\w*$/.test(part))) continue;
        found.push({ ...inner, parts: merged(whole), isOpen: inner.isOpen && offset > lastEnd });
      }
    }
    return found;
  }

  /** Whether what looks like a type is a macro of the assembler (`___EXPORT_SYMBOL sym, val`). */
  #isForAssembler(text: string, offset: number): boolean {
    const word = /(?:^|[;{}\n])\s*(\w+)[^;{}\n]*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[1];
    return word !== undefined && this.#index.writtenDefinitionsOf(word).some(({ kind }) => kind === 'asm-macro');
  }

  /** A variable whose type says that it is a key. */
  #refine(definition: NameDefinition): NameDefinition {
    if (definition.kind !== 'variable') return definition;
    const text = this.#textOf(definition.path);
    if (text === undefined) return definition;
    return { ...definition, kind: variableKind(text, definition.offset) };
  }

  #textOf(path: string): string | undefined {
    if (this.#texts.has(path)) return this.#texts.get(path);
    const text = this.#readText(path);
    if (this.#texts.size > maxKeptTexts) this.#texts.clear();
    this.#texts.set(path, text);
    return text;
  }
}

const typeKinds: readonly (readonly [RegExp, NameKind])[] = [
  [/\bstruct\s+static_key(?:_true|_false|_deferred|_true_deferred|_false_deferred)?\s+$/, 'static-key'],
  [/\bstruct\s+static_call_key\s+$/, 'static-call'],
  [/\bstruct\s+tracepoint\s+$/, 'tracepoint'],
];

/** What a variable is by the type that is written before its name. */
function variableKind(text: string, offset: number): NameKind {
  const before = text.slice(Math.max(0, offset - 60), offset);
  return typeKinds.find(([type]) => type.test(before))?.[1] ?? 'variable';
}

const mark = (argument: number): string => `zq${argument}qz`;

/** A macro's text with its parameters replaced by marks, and pasted. */
function marked(parameters: readonly string[], body: string): string {
  const numbers = new Map(parameters.slice(0, maxArgument + 1).map((parameter, at) => [parameter, at]));
  return body
    .replace(/"(?:[^"\\\n]|\\.)*"|(?<!#)#\s*\w+/g, '""')
    .replace(/[A-Za-z_]\w*/g, (word) => {
      const number = numbers.get(word);
      return number === undefined ? word : mark(number);
    })
    .replace(/\s*##\s*/g, '');
}

/** Declarations begin in the first column, as they do where people write them. */
function laidOut(body: string): string {
  let depth = 0;
  return body
    .split('\n')
    .map((line) => {
      const trimmed = line.trim();
      const isOutside = depth === 0 && !trimmed.startsWith('}');
      for (const character of trimmed) {
        if (character === '(' || character === '{') depth++;
        else if (character === ')' || character === '}') depth--;
      }
      return isOutside ? trimmed : ` ${trimmed}`;
    })
    .join('\n');
}

/** Whether the argument list around an offset is followed by a brace. */
export function beginsBody(text: string, offset: number): boolean {
  return /^[^;{}]{0,4000}\)\s*\{/.test(text.slice(offset, offset + 4100));
}

function partsOf(name: string): readonly (string | number)[] {
  return name
    .split(/zq(\d)qz/)
    .map((part, at) => (at % 2 === 1 ? Number(part) : part))
    .filter((part) => part !== '');
}

/** Neighboring texts as one. */
function merged(parts: readonly (string | number)[]): readonly (string | number)[] {
  const result: (string | number)[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else result.push(part);
  }
  return result;
}
