import type { ServerHost } from './host.ts';

/** Where each rule is explained: the document with the line of the rule's heading, which editors take as `#L12`. */
export function ruleLinks(document: ServerHost['rulesDocument']): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const [index, line] of (document?.text ?? '').split('\n').entries()) {
    const rule = /^## (\S+)\s*$/.exec(line)?.[1];
    if (rule !== undefined) links.set(rule, `${document?.uri}#L${index + 1}`);
  }
  return links;
}

/** Each rule on noinstr code has a page of its own, beside the document of the others. */
export function ruleLink(
  document: ServerHost['rulesDocument'],
  links: ReadonlyMap<string, string>,
  rule: string,
): string | undefined {
  if (document === null || !rule.startsWith('noinstr.')) return links.get(rule);
  return document.uri.replace(/rules\.md$/, `rules/${rule}.md`);
}

/** Whether the setting names a rule, or the group that it is in. */
export function isDisabledRule(disabledRules: readonly string[], rule: string): boolean {
  return disabledRules.some((pattern) => rule === pattern || rule.startsWith(`${pattern}.`));
}
