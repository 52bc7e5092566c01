import type { TextRange } from '../../base/text.ts';
import { cpucapText } from '../cpucapText.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { HoverText } from '../hover.ts';
import { type Word, wordAt } from '../wordAt.ts';
import type { CFile } from './cFile.ts';
import type { CSite } from './cSites.ts';
import { inactiveText } from './inactiveText.ts';
import { keyLines, keyText } from './keyText.ts';
import { openCFile } from './openCFile.ts';
import { sitesAt } from './siteAt.ts';
import { type SiteTextInput, siteText } from './siteText.ts';
import { stateQuestion } from './stateQuestion.ts';
import { unpatchedTestText } from './unpatchedTest.ts';

/** Sites of one place that are told in full; the others are counted. */
const maxSites = 4;

/**
 * What to say at an offset of a C file: the sites of the macro or call there, the cpucap, the key or the test of a
 * cpucap named there, or why nothing is compiled there. `null` where Patchpoint has nothing to add to what clangd says.
 */
export function cHover(ctx: FeatureContext, path: string, offset: number): HoverText | null {
  const file = openCFile(ctx, path);
  if (file === null) return null;
  const inactive = inactiveText(file, offset);
  if (inactive !== null) return inactive;
  const word = wordAt(file.text, offset);
  const sites = sitesAt(file, offset, word);
  const parts: string[] = [];
  let range: TextRange | null = null;
  if (sites !== null) {
    const input: SiteTextInput = {
      ctx,
      file,
      question: stateQuestion(ctx, file),
      keyLines: (name, kind) => keyLines(ctx, file, name, kind),
    };
    range = sites[0]?.range ?? null;
    parts.push(...sites.slice(0, maxSites).map((site) => siteText(input, site)));
    if (sites.length > maxSites) parts.push(`… and ${sites.length - maxSites} more sites in this place.`);
  }
  if (word !== null) {
    const named = namedText(ctx, file, word, sites);
    if (named !== null) {
      parts.push(named);
      range = word.range;
    }
  }
  return range === null ? null : { range, markdown: parts.join('\n\n---\n\n') };
}

function namedText(ctx: FeatureContext, file: CFile, word: Word, sites: readonly CSite[] | null): string | null {
  if (/^ARM64_\w+$/.test(word.text)) return cpucapText(file, word.text, ctx.state);
  const key = file.keys.find((one) => one.nameRange.start === word.range.start);
  if (key !== undefined) return keyText(ctx, file, key);
  return sites === null ? unpatchedTestText(ctx, file, word.text, word.range) : null;
}
