// Where a thing is named: in its document and, for what other files can see, in the tree.

import type { TextRange } from '../../base/text.ts';
import type { SourceToken, TokenRole } from '../../project/outlineModel.ts';
import { macroAround, namesOf, parameterOf, tokenText } from '../../project/sourceOutline.ts';
import { isLabelAt, type Place } from './definitionPlaces.ts';
import { type DocumentView, indexOf } from './documentView.ts';
import type { Thing } from './namedThing.ts';
import { numericLabelPlace } from './numericLabels.ts';
import { symbolsOf } from './symbolStatements.ts';

export interface NamedPlace extends Place {
  readonly isDefinition: boolean;
}

type Test = (role: TokenRole) => boolean;

const isIn = (...roles: TokenRole[]): Test => {
  const set = new Set(roles);
  return (role) => set.has(role);
};

const macroRoles = isIn('operation', 'macro-name', 'macro-mention', 'body-operation', 'operand', 'body-word');
const aliasRoles = isIn('alias', 'alias-end', 'operand', 'body-word', 'body-operation');
const wordRoles = isIn(
  'operation',
  'operand',
  'cpp-name',
  'cpp-word',
  'body-operation',
  'body-word',
  'c-word',
  'constant',
  'label',
);
const symbolRoles = isIn('operand', 'label', 'constant', 'body-word', 'body-operation', 'c-word');

/** Places in the document that name a thing, in order. */
export function placesInDocument(view: DocumentView, thing: Thing): readonly NamedPlace[] {
  switch (thing.kind) {
    case 'include':
      return [];
    case 'keyword-argument':
      return keywordPlaces(view, thing);
    case 'parameter':
      return parameterPlaces(view, thing);
    case 'cpp-parameter':
      return tokenPlaces(
        view,
        isIn('cpp-parameter', 'cpp-parameter-use'),
        (token, text) => text === thing.name && token.start >= thing.define.start && token.end <= thing.define.body.end,
        isIn('cpp-parameter'),
      );
    case 'numeric-label':
      return numericPlaces(view, thing.token);
    case 'macro': {
      const lower = thing.name.toLowerCase();
      return tokenPlaces(
        view,
        macroRoles,
        (token, text) => isMacroName(token.role, text, thing.name, lower),
        isIn('macro-name'),
      );
    }
    case 'cpp-macro':
    case 'cpucap':
      return tokenPlaces(view, wordRoles, (_token, text) => text === thing.name, isIn('cpp-name'));
    case 'alias':
      return tokenPlaces(view, aliasRoles, (_token, text) => text === thing.name, isIn('alias'));
    case 'symbol':
      return symbolPlaces(view, thing);
  }
}

/** As an operation a macro's name has any case; as an argument it is text. */
function isMacroName(role: TokenRole, text: string, name: string, lower: string): boolean {
  if (role === 'operand' || role === 'body-word') return text === name;
  return text.length === lower.length && text.toLowerCase() === lower;
}

function tokenPlaces(
  view: DocumentView,
  roles: Test,
  isNamed: (token: SourceToken, text: string) => boolean,
  isDefinition: Test,
): NamedPlace[] {
  const found: NamedPlace[] = [];
  for (const token of view.outline.tokens) {
    if (!roles(token.role) || !isNamed(token, tokenText(view.outline, token))) continue;
    found.push(placeOf(view, token, isDefinition(token.role)));
  }
  return found;
}

function placeOf(view: DocumentView, range: TextRange, isDefinition: boolean): NamedPlace {
  return { path: view.path, range: { start: range.start, end: range.end }, isDefinition };
}

function parameterPlaces(view: DocumentView, thing: Extract<Thing, { kind: 'parameter' }>): NamedPlace[] {
  const parameter = thing.block.parameters[thing.index];
  if (parameter === undefined) return [];
  const found = [placeOf(view, parameter.range, true)];
  for (const use of view.outline.parameterUses) {
    const name = view.outline.text.slice(use.start + 1, use.end);
    if (name !== parameter.name || parameterOf(use.scope, name)?.block !== thing.block) continue;
    found.push(placeOf(view, { start: use.start + 1, end: use.end }, false));
  }
  return found;
}

/** A parameter called by its name, where its macro is in the same document. */
function keywordPlaces(view: DocumentView, thing: Extract<Thing, { kind: 'keyword-argument' }>): NamedPlace[] {
  const macro = tokenText(view.outline, thing.operation).toLowerCase();
  for (const block of namesOf(view.outline).macros.get(macro) ?? []) {
    const index = block.parameters.findIndex(({ name }) => name === thing.name);
    if (index >= 0) return parameterPlaces(view, { kind: 'parameter', block, index });
  }
  return [];
}

function numericPlaces(view: DocumentView, token: SourceToken): NamedPlace[] {
  const target = numericLabelPlace(view, token);
  if (target === null || target.path !== view.path) return [placeOf(view, token, false)];
  const number = view.outline.text.slice(target.range.start, target.range.end);
  const found: NamedPlace[] = [];
  for (const one of view.outline.tokens) {
    if (one.role === 'numeric-label' && one.start === target.range.start) found.push(placeOf(view, one, true));
    if (one.role !== 'numeric-reference' || tokenText(view.outline, one).slice(0, -1) !== number) continue;
    const place = numericLabelPlace(view, one);
    if (place?.path === view.path && place.range.start === target.range.start) found.push(placeOf(view, one, false));
  }
  return found;
}

function symbolPlaces(view: DocumentView, thing: Extract<Thing, { kind: 'symbol' }>): NamedPlace[] {
  const definedAt = new Set(
    symbolsOf(view)
      .filter(({ name }) => name === thing.name)
      .map(({ nameRange }) => nameRange.start),
  );
  const found: NamedPlace[] = [];
  for (const token of view.outline.tokens) {
    if (!symbolRoles(token.role) || tokenText(view.outline, token) !== thing.name) continue;
    if (thing.within !== null && macroAround(token.scope) !== thing.within) continue;
    const isDefinition = token.role === 'label' || token.role === 'constant' || definedAt.has(token.start);
    found.push(placeOf(view, token, isDefinition));
  }
  for (const { expansion, range } of view.analysis?.cpp.uses ?? []) {
    if (expansion === thing.name && expansion.startsWith('.')) {
      found.push(placeOf(view, range, isLabelAt(view.outline.text, range.end)));
    }
  }
  return found.sort((left, right) => left.range.start - right.range.start);
}

/** Places in other files, in order of path and offset. Throws only `CancelledError`. */
export function placesElsewhere(view: DocumentView, thing: Thing): readonly NamedPlace[] {
  switch (thing.kind) {
    case 'macro': {
      const lower = thing.name.toLowerCase();
      return indexedPlaces(view, thing.name, macroRoles, isIn('macro-name')).filter(({ role, text }) =>
        isMacroName(role, text, thing.name, lower),
      );
    }
    case 'cpp-macro':
      return indexedPlaces(view, thing.name, wordRoles, isIn('cpp-name'), headersOf(view));
    case 'cpucap':
      return indexedPlaces(view, thing.name, wordRoles, isIn('cpp-name'));
    case 'alias':
      // Only one that a header gives is seen by other files.
      if (isOwnAlias(view, thing.name) && !view.path.endsWith('.h')) return [];
      return indexedPlaces(view, thing.name, aliasRoles, isIn('alias'));
    case 'symbol':
      return isVisible(view, thing) ? visiblePlaces(view, thing.name) : [];
    default:
      return [];
  }
}

function isOwnAlias(view: DocumentView, name: string): boolean {
  return (
    namesOf(view.outline)
      .definitions.get(name)
      ?.some(({ kind }) => kind === 'alias') ?? false
  );
}

/** Whether other files can mean the same symbol: one that this file defines must be given to the linker. */
export function isVisible(view: DocumentView, thing: Extract<Thing, { kind: 'symbol' }>): boolean {
  const { name } = thing;
  if (thing.within !== null || name.startsWith('.') || name.includes('\\')) return false;
  const isDefinedHere =
    (namesOf(view.outline)
      .definitions.get(name)
      ?.some(({ kind }) => kind === 'label' || kind === 'constant') ??
      false) ||
    symbolsOf(view).some((symbol) => symbol.name === name);
  return !isDefinedHere || view.analysis === null || view.analysis.gas.globals.has(name);
}

function visiblePlaces(view: DocumentView, name: string): readonly NamedPlace[] {
  const index = indexOf(view);
  if (index === null) return [];
  const defined = new Set(
    index.symbols().flatMap((one) => (one.name === name ? [`${one.path}:${one.range.start}`] : [])),
  );
  return indexedPlaces(view, name, symbolRoles, isIn('label', 'constant')).map((place) => ({
    ...place,
    isDefinition: place.isDefinition || defined.has(`${place.path}:${place.range.start}`),
  }));
}

interface IndexedPlace extends NamedPlace {
  readonly role: TokenRole;
  readonly text: string;
}

function indexedPlaces(
  view: DocumentView,
  name: string,
  roles: Test,
  isDefinition: Test,
  headers: readonly string[] = [],
): IndexedPlace[] {
  const index = indexOf(view, headers);
  if (index === null) return [];
  return index
    .occurrences(name, roles === macroRoles)
    .filter(({ path, role }) => path !== view.path && roles(role))
    .map(({ path, range, role, text }) => ({ path, range, role, text, isDefinition: isDefinition(role) }));
}

/** Files that the document includes from outside of `arch/arm64`. */
function headersOf(view: DocumentView): readonly string[] {
  const { tree, analysis } = view;
  if (tree === null || analysis === null) return [];
  const own = `${tree.root}/arch/arm64/`;
  return analysis.cpp.files.filter((file) => !file.startsWith(own) && file !== view.path);
}
