import { firstNotBefore } from '../../base/search.ts';
import type { TextRange } from '../../base/text.ts';
import { registerByName } from '../../isa/registers.ts';
import { type Cpucap, findCpucap } from '../../kernel/cpucaps.ts';
import type {
  DefineOutline,
  IncludeOutline,
  OutlineBlock,
  SourceToken,
  TokenRole,
} from '../../project/outlineModel.ts';
import { itemAt, macroAround, namesOf, parameterOf, tokenText } from '../../project/sourceOutline.ts';
import type { CppMacro, CppMacroUse } from '../../syntax/cpp/model.ts';
import { type DocumentView, indexOf, isInactive } from './documentView.ts';

/** What a name in a document means. */
export type Thing =
  | { readonly kind: 'include'; readonly include: IncludeOutline }
  | { readonly kind: 'parameter'; readonly block: OutlineBlock; readonly index: number }
  | { readonly kind: 'cpp-parameter'; readonly define: DefineOutline; readonly name: string }
  | { readonly kind: 'numeric-label'; readonly token: SourceToken }
  | { readonly kind: 'macro'; readonly name: string }
  /** `macro` is the definition that the preprocessor used here; `null` where it did not look. */
  | { readonly kind: 'cpp-macro'; readonly name: string; readonly macro: CppMacro | null }
  | { readonly kind: 'cpucap'; readonly name: string; readonly cap: Cpucap }
  | { readonly kind: 'alias'; readonly name: string }
  /** `name=` in an invocation: a parameter of the macro, called by its name. */
  | { readonly kind: 'keyword-argument'; readonly name: string; readonly operation: SourceToken }
  /** A label, constant or function. `within`: the macro to which a name with arguments in it belongs. */
  | { readonly kind: 'symbol'; readonly name: string; readonly within: OutlineBlock | null };

export interface NamedThing {
  readonly thing: Thing;
  /** What was pointed at. */
  readonly range: TextRange;
  readonly token: SourceToken | null;
}

/** The thing named at an offset; `null` for registers, instructions, numbers and the like. */
export function thingAt(view: DocumentView, offset: number): NamedThing | null {
  const { outline } = view;
  const use = itemAt(outline.parameterUses, offset);
  if (use !== null) {
    const parameter = parameterOf(use.scope, outline.text.slice(use.start + 1, use.end));
    if (parameter !== null) return { thing: { kind: 'parameter', ...parameter }, range: use, token: null };
  }
  const token = itemAt(outline.tokens, offset);
  if (token === null) return null;
  const made = madeSymbolAt(view, token.start);
  if (made !== null) return { thing: { kind: 'symbol', name: made.expansion, within: null }, range: made.range, token };
  const thing = thingOf(view, token);
  return thing === null ? null : { thing, range: { start: token.start, end: token.end }, token };
}

/** The use of a macro of the preprocessor, around an argument, that makes the name of a label (`L(done)` as `.Ldone`). */
export function madeSymbolAt({ analysis }: DocumentView, offset: number): CppMacroUse | null {
  if (analysis === null) return null;
  const { uses } = analysis.cpp;
  for (let at = firstUseAfter(uses, offset) - 1, steps = 0; at >= 0 && steps < maxNestedUses; at--, steps++) {
    const use = uses[at];
    if (use === undefined || use.nameRange.end > offset || use.range.end <= offset) continue;
    return analysis.gas.labels.has(use.expansion) ? use : null;
  }
  return null;
}

/** How many uses before a place are looked at for the one whose arguments hold it. */
const maxNestedUses = 8;

function thingOf(view: DocumentView, token: SourceToken): Thing | null {
  const text = tokenText(view.outline, token);
  switch (token.role) {
    case 'include': {
      const include = view.outline.includes.find(({ range }) => range.start === token.start);
      return include === undefined ? null : { kind: 'include', include };
    }
    case 'parameter': {
      const block = view.outline.blocks.find((one) => one.parameters.some(({ range }) => range.start === token.start));
      if (block === undefined) return null;
      return {
        kind: 'parameter',
        block,
        index: block.parameters.findIndex(({ range }) => range.start === token.start),
      };
    }
    case 'cpp-parameter':
    case 'cpp-parameter-use': {
      const define = view.outline.defines.find(({ start, body }) => start <= token.start && token.end <= body.end);
      return define === undefined ? null : { kind: 'cpp-parameter', define, name: text };
    }
    case 'numeric-label':
    case 'numeric-reference':
      return { kind: 'numeric-label', token };
    case 'macro-name':
    case 'macro-mention':
      return { kind: 'macro', name: text };
    case 'alias':
    case 'alias-end':
      return { kind: 'alias', name: text };
    case 'label':
    case 'constant':
      return symbol(token, text);
    case 'cpp-name':
      return cpucapOf(view, text) ?? { kind: 'cpp-macro', name: text, macro: null };
    case 'operation':
    case 'operand':
    case 'cpp-word':
    case 'body-operation':
    case 'body-word':
    case 'c-word':
      return wordThing(view, token, text);
    default:
      return null;
  }
}

function wordThing(view: DocumentView, token: SourceToken, text: string): Thing | null {
  const keyword = token.role === 'operand' ? keywordArgument(view, token, text) : null;
  if (keyword !== null) return keyword;
  const known = knownThing(view, token, text);
  if (known !== undefined) return known;
  if (text.includes('\\')) return token.role === 'operand' ? symbol(token, text) : null;
  // Only now is it worth the whole tree's names.
  const elsewhere = indexOf(view)?.occurrences(text, true) ?? [];
  const isDefined = (role: TokenRole): boolean => elsewhere.some((one) => one.role === role);
  if (isDefined('macro-name') && mayBeMacro(token.role)) return { kind: 'macro', name: text };
  if (token.role === 'operation') return null;
  if (isDefined('cpp-name') && token.role !== 'operand') return { kind: 'cpp-macro', name: text, macro: null };
  return token.role === 'body-operation' ? null : symbol(token, text);
}

/** A word before a `=` in the arguments of an invocation. */
function keywordArgument({ outline }: DocumentView, token: SourceToken, name: string): Thing | null {
  if (!/^[ \t]*=(?!=)/.test(outline.text.slice(token.end, token.end + 8))) return null;
  const statement = outline.statements.findLast(({ operation }) => operation.start < token.start);
  if (statement === undefined || statement.end < token.end) return null;
  return { kind: 'keyword-argument', name, operation: statement.operation };
}

/**
 * What a word means by the document and what it includes; `undefined` when these do not know it, `null` when it is
 * no name at all. Never reads the tree's index.
 */
export function knownThing(view: DocumentView, token: SourceToken, text: string): Thing | null | undefined {
  const { outline, analysis } = view;
  const cpucap = cpucapOf(view, text);
  if (cpucap !== null) return cpucap;
  const use = analysis === null ? null : useAt(analysis.cpp.uses, token.start);
  if (use !== null) return { kind: 'cpp-macro', name: text, macro: use.macro };
  if (isCppMacro(view, token, text)) return { kind: 'cpp-macro', name: text, macro: null };
  if (token.role === 'cpp-word') return text === 'defined' ? null : { kind: 'cpp-macro', name: text, macro: null };
  const names = namesOf(outline);
  const isMacro = names.macros.has(text.toLowerCase()) || (analysis?.gas.macros.has(text.toLowerCase()) ?? false);
  if (token.role === 'operation' || token.role === 'body-operation') {
    return isMacro ? { kind: 'macro', name: text } : undefined;
  }
  const definitions = names.definitions.get(text);
  if (definitions?.some(({ kind }) => kind === 'alias')) return { kind: 'alias', name: text };
  if (definitions !== undefined) return symbol(token, text);
  if (registerByName(text) !== undefined) return null;
  if (analysis?.gas.aliases.has(text.toLowerCase())) return { kind: 'alias', name: text };
  if (text.startsWith('.L')) return symbol(token, text);
  if (text.startsWith('.')) return null;
  // A part of the name is an argument: a register as well as a symbol.
  if (text.includes('\\')) return undefined;
  if (analysis?.gas.labels.has(text) || analysis?.gas.constants.has(text)) return symbol(token, text);
  return isMacro ? { kind: 'macro', name: text } : undefined;
}

function cpucapOf(view: DocumentView, text: string): Thing | null {
  if (!text.startsWith('ARM64_') || view.tree === null) return null;
  const cap = findCpucap(view.tree.cpucaps, text);
  return cap === undefined ? null : { kind: 'cpucap', name: text, cap };
}

/** Words that the preprocessor has not replaced where it looked: a function-like macro needs its parenthesis. */
function isCppMacro(view: DocumentView, token: SourceToken, text: string): boolean {
  const { analysis, outline } = view;
  const isDefined = namesOf(outline).defines.has(text) || (analysis?.cpp.macros.has(text) ?? false);
  if (!isDefined) return false;
  if (token.role !== 'operation' && token.role !== 'operand') return true;
  return analysis === null || isInactive(view, token.start);
}

/** The preprocessor's use of a macro whose name begins at an offset. */
function useAt(uses: readonly CppMacroUse[], offset: number): CppMacroUse | null {
  const use = uses[firstUseAfter(uses, offset) - 1];
  return use !== undefined && use.nameRange.start === offset ? use : null;
}

function firstUseAfter(uses: readonly CppMacroUse[], offset: number): number {
  return firstNotBefore(uses, (use) => use.nameRange.start <= offset);
}

function symbol(token: SourceToken, name: string): Thing {
  return { kind: 'symbol', name, within: name.includes('\\') ? macroAround(token.scope) : null };
}

function mayBeMacro(role: TokenRole): boolean {
  return role === 'operation' || role === 'operand' || role === 'body-operation' || role === 'body-word';
}
