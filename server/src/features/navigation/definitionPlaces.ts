// Where things are defined: what the preprocessor and the assembler used at a place first, then what is written in
// the document, then the rest of the tree.

import { dirname, joinPath } from '../../base/path.ts';
import type { TextRange } from '../../base/text.ts';
import { bareCpucapName } from '../../kernel/cpucaps.ts';
import type { SourceToken } from '../../project/outlineModel.ts';
import { macroAround, namesOf, outlineOf, tokenText } from '../../project/sourceOutline.ts';
import type { MacroDefinition } from '../../syntax/gas/model.ts';
import { type DocumentView, indexOf, lineText } from './documentView.ts';
import type { NamedThing } from './namedThing.ts';
import { numericLabelPlace } from './numericLabels.ts';
import { symbolsOf } from './symbolStatements.ts';

/** A place that defines something. `full`: the whole definition around the name. */
export interface Place {
  readonly path: string;
  readonly range: TextRange;
  readonly full?: TextRange;
}

/** How many places of one name are worth offering. */
const maxPlaces = 50;

/** Places that define a thing, the one that holds at `named` first. Throws only `CancelledError`. */
export function definitionPlaces(view: DocumentView, named: NamedThing): readonly Place[] {
  const { thing } = named;
  switch (thing.kind) {
    case 'include':
      return includePlaces(view, thing.include.range, thing.include.spec);
    case 'parameter': {
      const parameter = thing.block.parameters[thing.index];
      return parameter === undefined ? [] : [{ path: view.path, range: parameter.range }];
    }
    case 'cpp-parameter': {
      const parameter = thing.define.parameters?.find(({ name }) => name === thing.name);
      return parameter === undefined ? [] : [{ path: view.path, range: parameter.range }];
    }
    case 'numeric-label': {
      const place = numericLabelPlace(view, thing.token);
      return place === null ? [] : [place];
    }
    case 'macro':
      return macroPlaces(view, thing.name, named.range.start);
    case 'cpp-macro':
      return cppMacroPlaces(view, named, thing.name);
    case 'cpucap':
      return cpucapPlaces(view, thing.name, thing.cap.definition);
    case 'alias':
      return aliasPlaces(view, thing.name, named.range.start);
    case 'keyword-argument':
      return keywordPlaces(view, thing.operation, thing.name);
    case 'symbol':
      return symbolPlaces(view, named, thing.name);
  }
}

/** The parameter that an invocation calls by its name. */
function keywordPlaces(view: DocumentView, operation: SourceToken, name: string): readonly Place[] {
  const macro = tokenText(view.outline, operation);
  for (const { path, range } of macroPlaces(view, macro, operation.start)) {
    const outline = path === view.path ? view.outline : outlineOf(view.ctx.workspace, path);
    const block = outline?.blocks.find((one) => one.name?.range.start === range.start);
    const parameter = block?.parameters.find((one) => one.name === name);
    if (parameter !== undefined) return [{ path, range: parameter.range }];
  }
  return [];
}

function includePlaces(view: DocumentView, range: TextRange, spec: string): readonly Place[] {
  const { analysis, tree, path } = view;
  const start: TextRange = { start: 0, end: 0 };
  const found = analysis?.cpp.includes.find((one) => one.file === path && one.range.start === range.start);
  if (found?.resolved) return [{ path: found.resolved, range: start }];
  // In a branch that is not compiled nobody has looked for it.
  const name = spec.slice(1).replace(/[>"]$/, '');
  if (name === '' || tree === null) return [];
  const folders = [
    ...(spec.startsWith('"') ? [dirname(path)] : []),
    ...(analysis?.context?.options.includePaths ?? []),
  ];
  const target = folders.map((folder) => joinPath(folder, name)).find((one) => tree.files.kindOf(one) === 'file');
  return target === undefined ? [] : [{ path: target, range: start }];
}

function macroPlaces(view: DocumentView, name: string, offset: number): readonly Place[] {
  const { analysis, outline, path } = view;
  const lower = name.toLowerCase();
  const own = namesOf(outline).macros.get(lower) ?? [];
  const itself = own.find((block) => block.name?.range.start === offset);
  if (itself?.name) return [{ path, range: itself.name.range, full: { start: itself.start, end: itself.headEnd } }];
  const used = analysis === null ? null : macroInForce(view, lower, offset);
  if (used !== null) return [macroPlace(view, used)];
  const written: Place[] = own.flatMap((block) => (block.name === null ? [] : [{ path, range: block.name.range }]));
  if (written.length > 0) return written;
  return indexed(view, name, true, (role) => role === 'macro-name');
}

/** The definition that the assembler used at a place: that of an expansion there, else the last one before it. */
function macroInForce(view: DocumentView, lower: string, offset: number): MacroDefinition | null {
  const { analysis, path } = view;
  if (analysis === null) return null;
  const line = view.lines.lineAt(offset);
  for (const { macro, callSource } of analysis.gas.frames) {
    if (callSource.line === line && callSource.file === path && macro?.name.toLowerCase() === lower) return macro;
  }
  const all = analysis.gas.macros.get(lower) ?? [];
  const before = all.findLast(({ source }) => source.file === path && source.line < line);
  return before ?? analysis.gas.liveMacros.get(lower) ?? all[all.length - 1] ?? null;
}

function macroPlace(view: DocumentView, macro: MacroDefinition): Place {
  const { file, line } = macro.source;
  const outline = outlineOf(view.ctx.workspace, file);
  const lines = view.ctx.workspace.lineIndexOf(file);
  if (outline === undefined || lines === undefined) return { path: file, range: { start: 0, end: 0 } };
  const blocks = namesOf(outline).macros.get(macro.name.toLowerCase()) ?? [];
  const block = blocks.find((one) => lines.lineAt(one.start) === line);
  if (block?.name) return { path: file, range: block.name.range, full: { start: block.start, end: block.headEnd } };
  return { path: file, range: lineText({ outline, lines }, line) };
}

function cppMacroPlaces(view: DocumentView, named: NamedThing, name: string): readonly Place[] {
  const { path, outline, analysis } = view;
  const own = namesOf(outline).defines.get(name) ?? [];
  if (named.token?.role === 'cpp-name') return [{ path, range: named.range }];
  const thing = named.thing;
  const macro = (thing.kind === 'cpp-macro' ? thing.macro : null) ?? analysis?.cpp.macros.get(name) ?? null;
  if (macro !== null) {
    const { file, offset } = macro;
    const text = view.ctx.workspace.textOf(file);
    if (text?.startsWith(name, offset)) return [{ path: file, range: { start: offset, end: offset + name.length } }];
  }
  if (own.length > 0) return own.map(({ nameRange }) => ({ path, range: nameRange }));
  return indexed(view, name, false, (role) => role === 'cpp-name');
}

/** The line of the cpucap list, and the entry of the capability table that detects it. */
function cpucapPlaces(
  view: DocumentView,
  name: string,
  definition: { readonly file: string; readonly line: number } | null,
): readonly Place[] {
  const bare = bareCpucapName(name);
  const places = definition === null ? [] : [wordOnLine(view, definition.file, definition.line, bare)];
  const { meaning } = view.tree?.cpucapMeaning(name) ?? { meaning: null };
  if (meaning !== null) places.push(wordOnLine(view, meaning.file, meaning.line, bare));
  return places.filter((place) => place !== null);
}

/** A word on a line or, for a table's entry, a few lines below it; else the line. */
function wordOnLine(view: DocumentView, file: string, line: number, word: string): Place | null {
  const text = view.ctx.workspace.textOf(file);
  const lines = view.ctx.workspace.lineIndexOf(file);
  if (text === undefined || lines === undefined) return null;
  const { start, end } = lines.lineRange(line, text);
  const entry = text.slice(start, lines.lineRange(line + 8, text).end);
  const at = new RegExp(`(?<![A-Za-z0-9])${word}(?!\\w)|(?<=\\bARM64_)${word}(?!\\w)`).exec(entry)?.index;
  if (at === undefined) return { path: file, range: { start, end } };
  return {
    path: file,
    range: { start: start + at, end: start + at + word.length },
    full: { start, end: Math.max(end, start + at + word.length) },
  };
}

function aliasPlaces(view: DocumentView, name: string, offset: number): readonly Place[] {
  const { outline, analysis, path } = view;
  const own = (namesOf(outline).definitions.get(name) ?? []).filter(({ kind }) => kind === 'alias');
  const nearest = own.findLast(({ range }) => range.start <= offset) ?? own[0];
  if (nearest !== undefined) return [{ path, range: nearest.range, full: nearest.statement }];
  const alias = analysis?.gas.aliases.get(name.toLowerCase())?.findLast(({ register }) => register !== null);
  if (alias === undefined) return [];
  const place = wordOnLine(view, alias.source.file, alias.source.line, name.replace(/[$.]/g, '\\$&'));
  return place === null ? [] : [place];
}

function symbolPlaces(view: DocumentView, named: NamedThing, name: string): readonly Place[] {
  const { outline, path, analysis } = view;
  const within = named.thing.kind === 'symbol' ? named.thing.within : null;
  const written = (namesOf(outline).definitions.get(name) ?? []).filter(
    ({ kind, scope }) =>
      (kind === 'label' || kind === 'constant') && (within === null || macroAround(scope) === within),
  );
  const own: Place[] = written.map(({ range, statement }) => ({ path, range, full: statement }));
  for (const { expansion, range } of analysis?.cpp.uses ?? []) {
    if (expansion === name && isLabelAt(outline.text, range.end)) own.push({ path, range });
  }
  for (const symbol of symbolsOf(view)) {
    if (symbol.name === name) own.push({ path, range: symbol.nameRange, full: symbol.range });
  }
  if (own.length > 0) return unique(own);
  if (name.includes('\\')) return [];
  const label = analysis?.gas.labels.get(name)?.statement.source ?? assignedAt(view, name);
  if (label) {
    const target = label.file === path ? view : otherDocument(view, label.file);
    if (target !== null) return [{ path: label.file, range: lineText(target, label.line) }];
  }
  if (name.startsWith('.L')) return [];
  const functions =
    indexOf(view)
      ?.symbols()
      .filter((one) => one.kind === 'function' && one.name === name) ?? [];
  if (functions.length > 0) return functions.slice(0, maxPlaces);
  return indexed(view, name, false, (role) => role === 'label' || role === 'constant');
}

/** Whether a colon follows, which makes a label of what stands before it. */
export function isLabelAt(text: string, end: number): boolean {
  return /^[ \t]*:(?!:)/.test(text.slice(end, end + 8));
}

/** Line of the first assignment to a symbol, wherever macros make it. */
function assignedAt(view: DocumentView, name: string): { readonly file: string; readonly line: number } | null {
  if (!view.analysis?.gas.constants.has(name)) return null;
  const statement = view.analysis.gas.statements.find((one) => one.kind === 'assignment' && one.op === name);
  return statement?.source ?? null;
}

function otherDocument(view: DocumentView, path: string): Pick<DocumentView, 'lines' | 'outline'> | null {
  const outline = outlineOf(view.ctx.workspace, path);
  const lines = view.ctx.workspace.lineIndexOf(path);
  return outline === undefined || lines === undefined ? null : { outline, lines };
}

function indexed(view: DocumentView, name: string, anyCase: boolean, isWanted: (role: string) => boolean): Place[] {
  const found = indexOf(view)?.occurrences(name, anyCase) ?? [];
  return found.filter(({ role }) => isWanted(role)).slice(0, maxPlaces);
}

function unique(places: readonly Place[]): Place[] {
  const seen = new Set<number>();
  return places.filter(({ range }) => {
    if (seen.has(range.start)) return false;
    seen.add(range.start);
    return true;
  });
}
