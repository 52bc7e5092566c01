import type { CppToken } from '../syntax/cpp/model.ts';
import type { PathFinding } from './finding.ts';
import { chainOf, type Site } from './pathState.ts';
import { namesAt } from './report.ts';
import { outermostPlace } from './unit.ts';
import type { Walk } from './walk.ts';

/** A place in a file a person wrote: the outermost macro use where macros made the token. */
export interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** A finding with its place. Offsets are UTF-16 offsets into the text of `file`. */
export interface PlacedFinding extends Place {
  readonly rule: string;
  readonly severity: PathFinding['severity'];
  readonly message: string;
  /** Function it is about. */
  readonly caller: string;
  readonly subject: string;
  readonly related: readonly (Place & { readonly message: string })[];
  readonly replacement: string | null;
  readonly finding: PathFinding | null;
}

/** Texts of files and what is asked of them. */
export interface Texts {
  textOf(file: string): string | undefined;
  /** 1-based line of a token's outermost place. */
  lineOf(token: CppToken): number | null;
}

/** Where a site is written. */
export function placeOf(site: Site): Place {
  const { op } = site;
  const { file, offset } = outermostPlace(op.token);
  const [name] = namesAt(site);
  const outer = op.token.expansion === null ? op.token.text : (name ?? op.token.text);
  return { file, offset, length: outer.length };
}

/** Rules that are about what is called: its definition is where most of them are mended. */
const aboutCallee: ReadonlySet<string> = new Set([
  'noinstr.calls-instrumentable',
  'noinstr.calls-plain-inline',
  'noinstr.partial-protection',
  'noinstr.callback-leaks',
]);

/** Where the called function is defined, as far as that is known. */
function definitionOf({ rule, subject }: PathFinding, walk: Walk, texts: Texts): PlacedFinding['related'] {
  if (!aboutCallee.has(rule)) return [];
  const message = `${subject}() is defined here`;
  const target = walk.resolve(subject);
  if (target.kind === 'function') {
    const { nameToken } = target.fn;
    const { file, offset } = outermostPlace(nameToken);
    return [{ file, offset, length: nameToken.expansion === null ? subject.length : 1, message }];
  }
  if (target.kind !== 'outside' || target.outside.file === null || target.outside.line === null) return [];
  const { file, line } = target.outside;
  const text = texts.textOf(file) ?? '';
  let start = 0;
  for (let at = 1; at < line && start >= 0; at++) start = text.indexOf('\n', start) + 1 || -1;
  const offset = start < 0 ? -1 : text.indexOf(subject, start);
  return offset < 0 ? [] : [{ file, offset, length: subject.length, message }];
}

/**
 * A chain without the calls that the macro which defined their function wrote too: `DEFINE_HANDLER(name) { … }` makes a
 * function that calls the body behind it, and the reader only wrote that.
 */
function writtenChain(chain: readonly Site[]): readonly Site[] {
  const isMade = ({ op, fn }: Site): boolean => {
    if (op.token.expansion === null || fn.nameToken.expansion === null) return false;
    const call = outermostPlace(op.token);
    const name = outermostPlace(fn.nameToken);
    return call.file === name.file && call.offset === name.offset;
  };
  const first = chain.findIndex((site) => !isMade(site));
  return first < 0 ? chain : chain.slice(first);
}

/** The call in the root function that a finding is told at, and the chain below it as related places. */
export function placeFinding(finding: PathFinding, walk: Walk, texts: Texts): PlacedFinding {
  const chain = writtenChain(chainOf(finding.anchor ?? finding.site));
  const at = finding.anchor === null ? chain[0] : chain.at(-1);
  const place = placeOf(at ?? finding.site);
  const below = finding.anchor === null ? chain.slice(1) : [];
  const related = [
    ...below.map((site) => ({ ...placeOf(site), message: `in ${site.fn.name}()` })),
    ...finding.related.map(({ site, message }) => ({ ...placeOf(site), message })),
    ...definitionOf(finding, walk, texts),
  ];
  return {
    ...place,
    rule: finding.rule,
    severity: finding.severity,
    message: finding.message,
    caller: (finding.anchor ?? chain[0] ?? finding.site).fn.name || walk.root.name,
    subject: finding.subject,
    related,
    replacement: finding.replacement,
    finding,
  };
}
