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
