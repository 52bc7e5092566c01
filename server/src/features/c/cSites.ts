import type { CSite } from '../../kernel/c/cSite.ts';
import type { FeatureContext } from '../featureContext.ts';

export type { CSite } from '../../kernel/c/cSite.ts';

/**
 * Patch sites of a C file or header in source order, one for each place and kind of site; equal ones are counted.
 * Empty while the C parser is not loaded, and for files that cannot be read. Throws only `CancelledError`.
 */
export function cSitesOf(_ctx: FeatureContext, _path: string): readonly CSite[] {
  return [];
}
