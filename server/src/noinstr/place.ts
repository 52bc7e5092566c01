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

export function placeOf(site: Site): Place {
  const { op } = site;
  const { file, offset } = outermostPlace(op.token);
  const [name] = namesAt(site);
  const outer = op.token.expansion === null ? op.token.text : (name ?? op.token.text);
  return { file, offset, length: outer.length };
}

/** The call in the root function that a finding is told at, and the chain below it as related places. */
export function placeFinding(finding: PathFinding, walk: Walk, _texts: Texts): PlacedFinding {
  const chain = chainOf(finding.anchor ?? finding.site);
  const at = finding.anchor === null ? chain[0] : chain.at(-1);
  const place = placeOf(at ?? finding.site);
  const below = finding.anchor === null ? chain.slice(1) : [];
  const related = [
    ...below.map((site) => ({ ...placeOf(site), message: `in ${site.fn.name}()` })),
    ...finding.related.map(({ site, message }) => ({ ...placeOf(site), message })),
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
