import { finish } from '../base/steps.ts';
import type { CppExpansion, CppLine, CppMacro, CppMacroUse, CppResult, CppToken } from '../syntax/cpp/model.ts';
import type { FunctionClass, NoinstrSections } from './classes.ts';
import type { FlowGraph } from './flow/graph.ts';
import { buildFlow } from './flow/statements.ts';
import { type TokenPlace, type TopLevelItem, tokensBetween } from './flow/topLevel.ts';
import { expandKernelWords, type KernelWord, kernelWordsOf, type MissingWord } from './kernelWords.ts';
import { type ItemParts, readingItems, type UnitItems } from './unitItems.ts';

/** What a declaration says about a function or variable, those of all its declarations merged. */
export interface Declared {
  readonly name: string;
  /** Real attributes and what stands in their parentheses. */
  readonly attributes: readonly { readonly name: string; readonly args: string }[];
  /** Macros that the declaration's words came out of, outermost and inner ones. */
  readonly macros: ReadonlySet<string>;
  readonly isStatic: boolean;
  readonly isExtern: boolean;
  readonly inline: boolean;
  readonly sections: readonly string[];
}

/** One function definition of a unit. */
export interface FunctionFacts {
  readonly name: string;
  readonly class: FunctionClass;
  readonly declared: Declared;
  readonly unit: Unit;
  /** The name in its definition (out of a macro when a macro made it). */
  readonly nameToken: CppToken;
  readonly parameters: readonly string[];
  readonly parameterText: string;
  readonly noreturn: boolean;
  readonly notrace: boolean;
  readonly item: TopLevelItem;
  readonly bodyTokens: readonly CppToken[];
  /** Tokens of its body, apart by blanks. */
  readonly bodyText: string;
  /** Its flow, made once. */
  readonly graph: FlowGraph;
}

/** A variable with an initializer or a definition. */
export interface VariableFacts {
  readonly declared: Declared;
  readonly nameToken: CppToken;
  readonly initializer: readonly CppToken[];
  /** Text of the type. */
  readonly type: string;
}

/** A C file with everything it includes, as one configuration compiles it. */
export interface Unit {
  readonly path: string;
  readonly text: string;
  /** All of them; for one, `macroNamed` is the cheap way. */
  readonly macros: ReadonlyMap<string, CppMacro>;
  macroNamed(name: string): CppMacro | null;
  readonly uses: readonly CppMacroUse[];
  readonly inactive: CppResult['inactive'];
  readonly files: readonly string[];
  /** Words of declarations that no header defined, each once; those of declarations that were looked at so far. */
  readonly missingWords: readonly MissingWord[];
  /** Names of the functions that are defined here, of this file and its headers. */
  readonly functionNames: readonly string[];
  /** Those of this file alone, made by macros used in it among them. */
  readonly ownFunctionNames: readonly string[];
  functionOf(name: string): FunctionFacts | null;
  /** Merged declarations without a body; `null` for a name that is not declared as a function. */
  prototypeOf(name: string): { readonly declared: Declared; readonly file: string } | null;
  variableOf(name: string): VariableFacts | null;
  readonly variableNames: readonly string[];
  readonly ownVariableNames: readonly string[];
  /** Whether an external declaration of the main file (or a macro used there) declares the name. */
  isOwn(token: CppToken): boolean;
  /** All declarations of a name with their own words, definition included. */
  declarationsOf(name: string): readonly { readonly declared: Declared; readonly nameToken: CppToken }[];
}

/**
 * Makes a unit of a preprocessed C file. `isNamed` tells which macros mean something to the analysis; `items` has the
 * declarations, where they were read before.
 */
export function openUnit(
  path: string,
  text: string,
  cpp: CppResult,
  sections: NoinstrSections,
  isNamed: (name: string) => boolean,
  wordNamed: (name: string) => KernelWord | null = kernelWordsOf(() => undefined),
  items: UnitItems = finish(readingItems(cpp.lines, null)),
): Unit {
  const { lines } = cpp;
  const factsOf = new Map<string, FunctionFacts | null>();
  const declared = (item: TopLevelItem): Declared => {
    const parts = items.partsOf(item);
    if (parts.declared === null) {
      const head = expandKernelWords(headTokens(lines, item), wordNamed, (one) => items.noteMissing(item, one));
      parts.declared = readDeclared(item, head);
    }
    return parts.declared;
  };
  const nameTokenOf = (item: TopLevelItem): CppToken | null => tokenAt(lines, item.namePlace ?? item.start);
  const unit: Unit = {
    path,
    text,
    get macros() {
      return cpp.macros;
    },
    macroNamed: (name) => cpp.macroNamed(name),
    uses: cpp.uses,
    inactive: cpp.inactive,
    files: cpp.files,
    get missingWords() {
      return items.missingWords;
    },
    get functionNames() {
      return items.functionNames;
    },
    get ownFunctionNames() {
      return items.functionsIn(path);
    },
    functionOf: (name) => {
      const before = factsOf.get(name);
      if (before !== undefined) return before;
      const item = items.functionNamed(name);
      const facts = item === undefined ? null : makeFacts(item);
      factsOf.set(name, facts);
      return facts;
    },
    prototypeOf: (name) => {
      const all = items.prototypesOf(name);
      const [first] = all;
      if (first === undefined) return null;
      return { declared: merge(name, all.map(declared)), file: nameTokenOf(first)?.file ?? path };
    },
    variableOf: (name) => {
      const item = items.variableNamed(name);
      const nameToken = item === undefined ? null : nameTokenOf(item);
      if (item === undefined || nameToken === null) return null;
      const tokens = headTokens(lines, item);
      return {
        declared: declared(item),
        nameToken,
        initializer: item.body === null ? [] : tokensBetween(lines, item.body, item.end).slice(1, -1),
        type: tokens.map((token) => token.text).join(' '),
      };
    },
    get variableNames() {
      return items.variableNames;
    },
    get ownVariableNames() {
      return items.variablesIn(path);
    },
    isOwn: (token) => outermostPlace(token).file === path,
    declarationsOf: (name) => {
      const definition = items.functionNamed(name);
      return [...items.prototypesOf(name), ...(definition === undefined ? [] : [definition])].flatMap((item) => {
        const nameToken = nameTokenOf(item);
        return nameToken === null ? [] : [{ declared: declared(item), nameToken }];
      });
    },
  };
  return unit;

  function makeFacts(item: TopLevelItem): FunctionFacts | null {
    const { name, body } = item;
    const nameToken = nameTokenOf(item);
    if (name === null || body === null || nameToken === null) return null;
    const all = merge(name, [...items.prototypesOf(name).map(declared), declared(item)]);
    const parts = items.partsOf(item);
    parts.head ??= readHead(headTokens(lines, item), nameToken);
    const { parameters, parameterText } = parts.head;
    return {
      name,
      class: classOf(all, sections),
      declared: all,
      unit,
      nameToken,
      parameters,
      parameterText,
      noreturn: isNoreturn(all),
      notrace: isNotrace(all),
      item,
      get bodyTokens() {
        return tokensBetween(lines, body, item.end);
      },
      get bodyText() {
        return tokensBetween(lines, body, item.end)
          .map((token) => token.text)
          .join(' ');
      },
      get graph() {
        parts.graph ??= buildFlow(tokensBetween(lines, body, item.end), (one) => items.isTypeName(one), isNamed);
        return parts.graph;
      },
    };
  }
}

function readHead(head: readonly CppToken[], nameToken: CppToken): NonNullable<ItemParts['head']> {
  const tokens = head.slice(head.indexOf(nameToken) + 2);
  return { parameters: parameterNames(tokens), parameterText: tokens.map((token) => token.text).join(' ') };
}

/** Tokens of a declaration before its body or initializer. */
function headTokens(lines: readonly CppLine[], item: TopLevelItem): CppToken[] {
  return tokensBetween(lines, item.start, item.body ?? item.end);
}

function tokenAt(lines: readonly CppLine[], place: TokenPlace): CppToken | null {
  return lines[place.line]?.tokens[place.token] ?? null;
}

/** Where a token stands in a file: its own place, or that of the outermost macro use it came out of. */
export function outermostPlace(token: CppToken): { readonly file: string; readonly offset: number } {
  return outermostUse(token) ?? token;
}

/** The macro use that a token came out of and that stands in the file itself; `null` for a token that is written there. */
export function outermostUse({ expansion }: CppToken): CppExpansion | null {
  let outer = expansion;
  while (outer !== null && outer.parent !== null) outer = outer.parent;
  return outer;
}

function readDeclared(item: TopLevelItem, tokens: readonly CppToken[]): Declared {
  const attributes: { name: string; args: string }[] = [];
  const macros = new Set<string>();
  let isStatic = false;
  let isExtern = false;
  let inline = false;
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    for (let expansion = token.expansion; expansion !== null; expansion = expansion.parent) {
      macros.add(expansion.macro.name);
    }
    const { text } = token;
    if (text === '__attribute__' || text === '__attribute') at = readAttributes(tokens, at + 1, attributes, macros);
    else if (text === '(') depth++;
    else if (text === ')') depth--;
    else if (depth > 0) continue;
    else if (text === 'static') isStatic = true;
    else if (text === 'extern') isExtern = true;
    else if (text === 'inline' || text === '__inline' || text === '__inline__') inline = true;
    else if (text === '_Noreturn') attributes.push({ name: 'noreturn', args: '' });
  }
  const sections = attributes.filter((one) => one.name === 'section').map((one) => one.args.replace(/^"|"$/g, ''));
  return { name: item.name ?? '', attributes, macros, isStatic, isExtern, inline, sections };
}

/** Reads `((a, b(c)))`; gives the index of its last token. */
function readAttributes(
  tokens: readonly CppToken[],
  open: number,
  into: { name: string; args: string }[],
  macros: Set<string>,
): number {
  let depth = 0;
  let name = '';
  let args = '';
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at];
    const text = token?.text ?? '';
    for (let expansion = token?.expansion ?? null; expansion !== null; expansion = expansion.parent) {
      macros.add(expansion.macro.name);
    }
    if (text === '(') depth++;
    else if (text === ')') {
      depth--;
      if (depth <= 1 && name !== '' && (depth < 2 || args !== '')) {
        if (depth < 2) {
          into.push({ name, args });
          name = '';
          args = '';
        }
      }
      if (depth === 0) return at;
    } else if (depth === 2 && text === ',') {
      if (name !== '') into.push({ name, args });
      name = '';
      args = '';
    } else if (depth === 2) name = text.replace(/^__|__$/g, '');
    else if (depth > 2) args += text;
  }
  return tokens.length;
}

function merge(name: string, all: readonly Declared[]): Declared {
  const last = all.at(-1);
  if (all.length === 1 && last !== undefined) return last;
  return {
    name,
    attributes: all.flatMap((one) => one.attributes),
    macros: new Set(all.flatMap((one) => [...one.macros])),
    isStatic: all.some((one) => one.isStatic),
    isExtern: all.some((one) => one.isExtern),
    inline: all.some((one) => one.inline),
    sections: [...new Set(all.flatMap((one) => one.sections))],
  };
}

function classOf(declared: Declared, sections: NoinstrSections): FunctionClass {
  if (declared.sections.some((section) => sections.has(section))) return 'noinstr';
  const always = declared.attributes.some((one) => one.name === 'always_inline' || one.name === 'alwaysinline');
  if (always) return 'always-inline';
  return declared.inline ? 'inline' : 'plain';
}

function isNoreturn(declared: Declared): boolean {
  return declared.attributes.some((one) => one.name === 'noreturn');
}

/** Built without a trace site: `notrace` is one of two attributes, as the compiler has it. */
export function isNotrace(declared: Declared): boolean {
  return declared.attributes.some(
    (one) =>
      one.name === 'no_instrument_function' || (one.name === 'patchable_function_entry' && /^0(,0)?$/.test(one.args)),
  );
}

/** Names in a parameter list: the last identifier of each part, or the one behind `(*`. */
function parameterNames(tokens: readonly CppToken[]): string[] {
  const names: string[] = [];
  let depth = 0;
  let name = '';
  for (const [at, token] of tokens.entries()) {
    const { text } = token;
    if (text === '(' || text === '[') depth++;
    else if (text === ')' || text === ']') {
      depth--;
      if (depth < 0) break;
    } else if (text === ',' && depth === 0) {
      names.push(name);
      name = '';
    } else if (token.kind === 'identifier' && depth === 0) name = text;
    else if (token.kind === 'identifier' && depth === 1 && tokens[at - 1]?.text === '*') name = text;
  }
  names.push(name);
  return names;
}
