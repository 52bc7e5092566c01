import { firstNotBefore } from '../../base/search.ts';
import type { LineIndex, TextRange } from '../../base/text.ts';
import type { CppMacroUse } from '../cpp/model.ts';
import { readAsms } from './asmStatement.ts';
import type { CAttribute } from './attributes.ts';
import type { CAsm, CCall, CFacts, CFunction, CPrototype, CVariable } from './cModel.ts';
import type { CParser } from './cParser.ts';
import { readTokens } from './cTokens.ts';
import type { ChainFrame, ExpandedText, Origin } from './expandedText.ts';
import { parseText } from './parseText.ts';
import { type CNode, childOf, namedChildren, nodeAt, nodesBelow } from './syntaxNode.ts';
import { readTopLevel, type TopDeclaration } from './topLevel.ts';

/** What facts are read from. */
export interface CFactsInput {
  readonly expanded: ExpandedText;
  /** The main file as it is written. */
  readonly text: string;
  readonly lines: LineIndex;
  /** Macro uses of the main file in order. */
  readonly uses: readonly CppMacroUse[];
  readonly parser: CParser;
  readonly bodies: BodyCache;
}

/** Trees of the bodies that were asked for last: each is many times the size of its text. */
export class BodyCache {
  readonly #kept = new Map<object, CNode>();

  /** The tree that belongs to an object, made when it is not kept. */
  get(of: object, make: () => CNode): CNode {
    const known = this.#kept.get(of) ?? make();
    this.#kept.delete(of);
    this.#kept.set(of, known);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxBodies) break;
      this.#kept.delete(oldest);
    }
    return known;
  }
}

const maxBodies = 32;

/** Functions, variables and `asm` of a file's expanded text. Bodies are parsed when they are asked for. Total. */
export function readFacts(input: CFactsInput): CFacts {
  const { expanded } = input;
  const tokens = readTokens(expanded);
  const declarations = readTopLevel(expanded.text, tokens);
  const declared = new Map<string, CAttribute[]>();
  for (const { kind, name, attributes } of declarations) {
    if (kind !== 'prototype' || attributes.length === 0) continue;
    declared.set(name, [...(declared.get(name) ?? []), ...attributes]);
  }
  const functions: CFunction[] = [];
  const variables: CVariable[] = [];
  const prototypes: CPrototype[] = [];
  const asms: CAsm[] = [];
  for (const one of declarations) {
    if (one.kind === 'function') {
      functions.push(new DefinedFunction(input, one, declared.get(one.name) ?? []));
    } else if (one.kind === 'prototype') {
      const nameRange = expanded.rangeInMain(one.nameStart, one.nameEnd);
      prototypes.push({
        name: one.name,
        nameRange,
        line: input.lines.lineAt(nameRange.start),
        attributes: one.attributes,
        section: sectionOf(one.attributes),
        parameters: one.parameters,
        returnType: one.type,
      });
    } else if (one.kind === 'variable') {
      variables.push(variableOf(input, one));
    } else if (one.kind === 'asm') {
      asms.push(...readAsms(expanded, readTokens(expanded, one.start, one.end), null));
    }
  }
  return { functions, variables, prototypes, asms, nUnbalanced: tokens.nUnbalanced };
}

function storageOf(declaration: TopDeclaration): 'static' | 'extern' | null {
  if (declaration.specifiers.includes('static')) return 'static';
  return declaration.specifiers.includes('extern') ? 'extern' : null;
}

function sectionOf(attributes: readonly CAttribute[]): string | null {
  return attributes.find(({ name }) => name === 'section')?.args[0] ?? null;
}

function madeBy(expanded: ExpandedText, declaration: TopDeclaration): readonly ChainFrame[] {
  return expanded.originAt(declaration.nameStart)?.chain ?? [];
}

function variableOf(input: CFactsInput, one: TopDeclaration): CVariable {
  const { expanded } = input;
  const nameRange = expanded.rangeInMain(one.nameStart, one.nameEnd);
  return {
    name: one.name,
    nameRange,
    range: expanded.rangeInMain(one.start, one.end),
    line: input.lines.lineAt(nameRange.start),
    type: one.type,
    storage: storageOf(one),
    attributes: one.attributes,
    section: sectionOf(one.attributes),
    initializer: one.initializer === null ? null : expanded.text.slice(one.initializer.start, one.initializer.end),
    madeBy: madeBy(expanded, one),
  };
}

/** A function; its body is parsed when it is asked for. */
class DefinedFunction implements CFunction {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly range: TextRange;
  readonly line: number;
  readonly endLine: number;
  readonly storage: CFunction['storage'];
  readonly inline: CFunction['inline'];
  readonly attributes: readonly CAttribute[];
  readonly section: string | null;
  readonly parameters: CFunction['parameters'];
  readonly returnType: string;
  readonly expandedRange: TextRange;
  readonly bodyRange: TextRange;
  readonly #input: CFactsInput;
  readonly #nameOffset: number;
  #written: readonly string[] | undefined;
  #calls: readonly CCall[] | undefined;
  #asms: readonly CAsm[] | undefined;

  constructor(input: CFactsInput, one: TopDeclaration, declared: readonly CAttribute[]) {
    const { expanded, lines } = input;
    this.#input = input;
    this.#nameOffset = one.nameStart;
    this.name = one.name;
    this.nameRange = expanded.rangeInMain(one.nameStart, one.nameEnd);
    this.range = expanded.rangeInMain(one.start, one.end);
    this.line = lines.lineAt(this.nameRange.start);
    this.endLine = lines.lineAt(Math.max(this.range.start, this.range.end - 1));
    this.storage = storageOf(one);
    this.attributes = [...one.attributes, ...declared];
    this.section = sectionOf(this.attributes);
    this.parameters = one.parameters;
    this.returnType = one.type;
    this.expandedRange = { start: one.start, end: one.end };
    this.bodyRange = one.body ?? { start: one.end, end: one.end };
    const has = (name: string): boolean => this.attributes.some((attribute) => attribute.name === name);
    const isInline = one.specifiers.some((word) => /^(__)?inline(__)?$/.test(word));
    this.inline = has('always_inline') ? 'always' : has('noinline') ? 'noinline' : isInline ? 'inline' : 'none';
  }

  get madeBy(): readonly ChainFrame[] {
    return this.#input.expanded.originAt(this.#nameOffset)?.chain ?? [];
  }

  get written(): readonly string[] {
    this.#written ??= this.#readWritten();
    return this.#written;
  }

  get body(): CNode {
    const { expanded, parser, bodies } = this.#input;
    return bodies.get(this, () => {
      const { start, end } = this.bodyRange;
      const tokens = readTokens(expanded, start, end);
      return parser.syntaxOf(parseText(expanded.text, tokens, 0, tokens.toks.length), start);
    });
  }

  calls(): readonly CCall[] {
    this.#calls ??= readCalls(this.#input.expanded, () => this.body);
    return this.#calls;
  }

  asms(): readonly CAsm[] {
    const { expanded } = this.#input;
    const { start, end } = this.bodyRange;
    this.#asms ??= readAsms(expanded, readTokens(expanded, start, end), () => this.body);
    return this.#asms;
  }

  #readWritten(): readonly string[] {
    const { expanded, uses, text } = this.#input;
    const { start } = this.range;
    const end = Math.max(expanded.toMain(this.bodyRange.start).start, start + 1);
    const open = this.nameRange.end <= end ? text.indexOf('(', this.nameRange.end) : -1;
    const close = open < 0 ? -1 : closingParen(text, open, end);
    const out: string[] = [];
    for (let at = firstUse(uses, start); at < uses.length; at++) {
      const use = uses[at];
      if (use === undefined || use.nameRange.start >= end) break;
      if (open >= 0 && use.nameRange.start > open && use.nameRange.start < close) continue;
      out.push(use.macro.name);
    }
    return out;
  }
}

function closingParen(text: string, open: number, limit: number): number {
  let depth = 0;
  for (let at = open; at < limit; at++) {
    const c = text.charCodeAt(at);
    if (c === 40) depth++;
    else if (c === 41 && --depth === 0) return at;
  }
  return limit;
}

/** Index of the first macro use at or behind an offset. */
function firstUse(uses: readonly CppMacroUse[], offset: number): number {
  return firstNotBefore(uses, (use) => use.nameRange.start < offset);
}

const nowhere = (path: string): Origin => ({ file: path, offset: 0, line: 1, chain: [] });

interface CallText {
  readonly callee: string | null;
  readonly calleeText: string;
  readonly argumentTexts: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** A call without its node: the tree of a body is much larger than what is known of its calls. */
class Call implements CCall {
  readonly callee: string | null;
  readonly calleeText: string;
  readonly argumentTexts: readonly string[];
  readonly expandedRange: TextRange;
  readonly #expanded: ExpandedText;
  readonly #body: () => CNode;

  constructor(expanded: ExpandedText, body: () => CNode, text: CallText) {
    this.#expanded = expanded;
    this.#body = body;
    this.callee = text.callee;
    this.calleeText = text.calleeText;
    this.argumentTexts = text.argumentTexts;
    this.expandedRange = { start: text.start, end: text.end };
  }

  get node(): CNode {
    const { start, end } = this.expandedRange;
    let at = nodeAt(this.#body(), start, end);
    while (at.type !== 'call_expression' && at.parent !== null && at.parent.startIndex === start) at = at.parent;
    return at;
  }

  get origin(): Origin {
    return this.#expanded.originAt(this.expandedRange.start) ?? nowhere(this.#expanded.path);
  }

  get mainRange(): TextRange {
    return this.#expanded.rangeInMain(this.expandedRange.start, this.expandedRange.end);
  }
}

/** Calls below a node in the order of the text; those of a call's arguments come after the call. */
function readCalls(expanded: ExpandedText, body: () => CNode): readonly CCall[] {
  const out: CCall[] = [];
  const { text } = expanded;
  const textOf = (node: CNode): string => text.slice(node.startIndex, node.endIndex);
  for (const node of nodesBelow(body())) {
    if (node.type !== 'call_expression') continue;
    const target = childOf(node, 'function');
    if (target === null) continue;
    let inner = target;
    while (inner.type === 'parenthesized_expression') {
      const [only] = namedChildren(inner);
      if (only === undefined) break;
      inner = only;
    }
    const list = childOf(node, 'arguments');
    out.push(
      new Call(expanded, body, {
        callee: inner.type === 'identifier' ? textOf(inner) : null,
        calleeText: textOf(target),
        argumentTexts: list === null ? [] : namedChildren(list).map(textOf),
        start: node.startIndex,
        end: node.endIndex,
      }),
    );
  }
  return out;
}
