import type { TextRange } from '../../base/text.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { CFile } from './cFile.ts';

/**
 * What to say of a test of a cpucap or a key that is not patched (`cpus_have_cap`, `static_key_enabled`): it looks like
 * those that are. `null` for every other name.
 */
export function unpatchedTestText(_ctx: FeatureContext, _file: CFile, _word: string, _range: TextRange): string | null {
  return null;
}
