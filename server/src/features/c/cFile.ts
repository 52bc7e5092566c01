import { LineIndex, type TextRange } from '../../base/text.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { CSite } from './cSites.ts';

/** A function of a C file as lenses and views need it. */
export interface CFunctionPlace {
  readonly name: string;
  readonly nameRange: TextRange;
  /** Whole definition. */
  readonly range: TextRange;
  readonly line: number;
}

/** Where a static key or a static call is defined, and what it starts with. */
export interface CKeyPlace {
  readonly kind: 'static-key' | 'static-call';
  readonly name: string;
  readonly nameRange: TextRange;
  readonly line: number;
  /** Value as linked: of a key, and `null` for a call or where it is not known. */
  readonly initial: boolean | null;
  /** Function that a static call holds as linked; `null` for a key and for none. */
  readonly target: string | null;
  /** Elements of an array of keys; `null` for a single one. */
  readonly count: number | null;
  /** Option that decides what the key starts with (`DEFINE_STATIC_KEY_MAYBE`); `null` when it is fixed. */
  readonly config: string | null;
  /** `static`: no other file can name it. */
  readonly isLocal: boolean;
  /** In a section that is read-only after boot: the key cannot change any more. */
  readonly isSealed: boolean;
}

/** What Patchpoint knows of one text of a C file: plain data, without trees or tokens. */
export interface CFile {
  readonly path: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly tree: KernelTree | null;
  readonly sites: readonly CSite[];
  readonly functions: readonly CFunctionPlace[];
  readonly keys: readonly CKeyPlace[];
  /** Text that the preprocessor removes, whole lines. */
  readonly inactive: readonly TextRange[];
  /** Made from an older text, places moved along. */
  readonly isMoved: boolean;
}

/** Where features get it from. */
export interface CFileSource {
  /** Knowledge of the text as it is now; `null` where there is none (yet). */
  get(path: string): CFile | null;
}

/**
 * The same knowledge for a newer text of the file, as if one piece had been replaced: places before it stay, places
 * behind it move along, and sites that it touches are gone until the file is analyzed again. The same object when
 * nothing changed.
 */
export function movedTo(file: CFile, text: string): CFile {
  if (file.text === text) return file;
  const edit = editBetween(file.text, text);
  const lines = new LineIndex(text);
  const place: Moved = { path: file.path, edit, from: file.lines, lines };
  const functions = file.functions.flatMap((one) => {
    const range = movedRange(one.range, edit, true);
    const nameRange = movedRange(one.nameRange, edit, false);
    return range === null || nameRange === null
      ? []
      : [{ ...one, range, nameRange, line: lines.lineAt(nameRange.start) }];
  });
  const keys = file.keys.flatMap((one) => {
    const nameRange = movedRange(one.nameRange, edit, false);
    return nameRange === null ? [] : [{ ...one, nameRange, line: lines.lineAt(nameRange.start) }];
  });
  return {
    ...file,
    text,
    lines,
    sites: file.sites.flatMap((site) => movedSite(site, place) ?? []),
    functions,
    keys,
    inactive: file.inactive.flatMap((range) => movedRange(range, edit, true) ?? []),
    isMoved: true,
  };
}

interface Edit {
  readonly start: number;
  /** End of the replaced piece in the older text. */
  readonly end: number;
  readonly delta: number;
}

interface Moved {
  readonly path: string;
  readonly edit: Edit;
  readonly from: LineIndex;
  readonly lines: LineIndex;
}

/** The smallest piece whose replacement makes the second text of the first. */
export function editBetween(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let behind = 0;
  while (
    behind < shorter - start &&
    before.charCodeAt(before.length - 1 - behind) === after.charCodeAt(after.length - 1 - behind)
  )
    behind++;
  return { start, end: before.length - behind, delta: after.length - before.length };
}

/** A range behind the edit, before it, or (where `around`) with the edit inside; `null` when the edit touches its ends. */
export function movedRange(range: TextRange, edit: Edit, around: boolean): TextRange | null {
  if (range.end <= edit.start) return range;
  if (range.start >= edit.end) return { start: range.start + edit.delta, end: range.end + edit.delta };
  if (!around || range.start > edit.start || range.end < edit.end) return null;
  return { start: range.start, end: range.end + edit.delta };
}

function movedSite(site: CSite, place: Moved): CSite | null {
  const range = movedRange(site.range, place.edit, false);
  if (range === null) return null;
  const { path, lines } = place;
  const line = (at: number): number => movedLine(at, place);
  const here = <T extends { readonly file: string; readonly line: number }>(one: T): T =>
    one.file === path ? { ...one, line: line(one.line) } : one;
  const start = lines.positionAt(range.start);
  const { jump } = site;
  const arm = (one: NonNullable<typeof jump>['inLine']): NonNullable<typeof jump>['inLine'] =>
    one === null || one.line === null
      ? one
      : { ...one, line: line(one.line), endLine: one.endLine === null ? null : line(one.endLine) };
  return {
    ...site,
    range,
    line: start.line,
    column: start.column,
    endLine: lines.lineAt(range.end),
    chain: site.chain.map(here),
    written: here(site.written),
    jump: jump === null ? null : { ...jump, inLine: arm(jump.inLine), outOfLine: arm(jump.outOfLine) },
  };
}

/** A line of the older text in the newer one; lines of the replaced piece give the line where it began. */
function movedLine(line: number, { edit, from, lines }: Moved): number {
  const start = from.lineStart(line);
  if (start <= edit.start) return line;
  return start >= edit.end ? lines.lineAt(start + edit.delta) : lines.lineAt(edit.start);
}
