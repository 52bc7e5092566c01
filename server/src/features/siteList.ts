import type { ChainFrame } from '../kernel/patchSite.ts';
import type { FeatureContext } from './featureContext.ts';

/** One instruction of a stream; `word` is 8 lower-case hexadecimal digits, `null` where only source is known. */
export interface SiteInsn {
  readonly text: string;
  readonly word: string | null;
  readonly origin: { readonly file: string; readonly line: number };
}

/** One object of `patchpoint sites`. */
export interface SiteRecord {
  readonly kind: 'alternative' | 'callback-alternative' | 'jump' | 'static-call' | 'ftrace';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly construct: string;
  readonly trigger: {
    readonly cpucap: string | null;
    readonly scope?: string | null;
    readonly config?: string | null;
    readonly callback?: string | null;
  };
  readonly unpatched: readonly SiteInsn[];
  readonly patched: readonly SiteInsn[];
  readonly evidence: 'source' | 'object';
  readonly chain: readonly ChainFrame[];
  readonly issues: readonly string[];
}

export function siteRecords(
  _ctx: FeatureContext,
  _path: string,
  _options: { readonly definitions: boolean },
): readonly SiteRecord[] {
  return [];
}
