import { type Word, wordAt } from '../wordAt.ts';
import type { CFile } from './cFile.ts';
import type { CSite } from './cSites.ts';

/**
 * Sites of the innermost place that an offset is on, in order; `null` where there is none. Of a call only its name and
 * the key that it names count: the other arguments are code of their own.
 */
export function sitesAt(file: CFile, offset: number, word = wordAt(file.text, offset)): readonly CSite[] | null {
  const around = file.sites.filter(({ range }) => range.start <= offset && offset <= range.end);
  const hit = around.filter((site) => isMeant(file, site, word));
  const size = ({ range }: CSite): number => range.end - range.start;
  const smallest = Math.min(...hit.map(size));
  const sites = hit.filter((site) => size(site) === smallest);
  return sites.length === 0 ? null : sites;
}

function isMeant(file: CFile, site: CSite, word: Word | null): boolean {
  if (site.written.file === file.path && site.written.line >= site.line && site.written.line <= site.endLine) {
    // An `asm` statement of the file's own.
    return site.chain.length === 0 || word?.range.start === site.range.start;
  }
  if (word === null) return false;
  return word.range.start === site.range.start || names(site, word.text);
}

function names(site: CSite, word: string): boolean {
  if (site.jump?.key?.split(/\W+/).includes(word) === true) return true;
  return site.staticCall?.call === word;
}
