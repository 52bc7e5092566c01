import type { AlternativeSite } from '../../kernel/patchSite.ts';
import type { DocumentView } from './documentView.ts';

/**
 * Alternatives whose construct is written in a document, one for each place, in order: those of its own code, and
 * those in its macros with the arguments left as names. Throws only `CancelledError`.
 */
export function sitesWrittenIn(view: DocumentView): readonly AlternativeSite[] {
  const { analysis, path } = view;
  if (analysis === null) return [];
  const found = new Map<string, AlternativeSite>();
  const add = (site: AlternativeSite): void => {
    const { file, openLine, endLine } = site.written;
    const key = `${openLine}:${endLine}`;
    if (file === path && !found.has(key)) found.set(key, site);
  };
  for (const expansion of analysis.openExpansions()) expansion.sites.forEach(add);
  analysis.sites.forEach(add);
  return [...found.values()].sort((left, right) => left.written.openLine - right.written.openLine);
}
