import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where a rule is explained. */
export interface RuleHelp {
  /** `file:` address of its page in this installation. */
  readonly uri: string;
  readonly markdown: string;
}

/**
 * Reads the explanation of a rule out of the documents of this installation, which lie beside the bundle's folder, or at the
 * root of a checkout; `null` where they were not installed. A rule on noinstr code has a page, any other a section.
 */
export function openRuleHelp(): (rule: string) => RuleHelp | null {
  const folder = [join(__dirname, '..', 'docs'), join(__dirname, '..', '..', '..', 'docs')].find((one) =>
    existsSync(join(one, 'rules.md')),
  );
  if (folder === undefined) return () => null;
  const all = join(folder, 'rules.md');
  const sections = sectionsOf(readFileSync(all, 'utf8'));
  return (rule) => {
    const page = join(folder, 'rules', `${rule}.md`);
    if (existsSync(page)) return { uri: pathToFileURL(page).href, markdown: readFileSync(page, 'utf8') };
    const markdown = sections.get(rule);
    return markdown === undefined ? null : { uri: `${pathToFileURL(all).href}#${anchor(rule)}`, markdown };
  };
}

/** Sections by the rule in their heading. */
function sectionsOf(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  for (const part of text.split(/^(?=## )/m)) {
    const rule = /^## (\S+)\s*\n/.exec(part)?.[1];
    if (rule !== undefined) sections.set(rule, part);
  }
  return sections;
}

/** The anchor that a heading has on a page made of Markdown. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\w-]/g, '');
}
