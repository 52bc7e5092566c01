import { parseExpression } from '../../syntax/cflow/statements.ts';
import { constantOf } from './constant.ts';

/**
 * Values of the enumerators in preprocessed text, added to `into` by name; one whose value is not an arithmetic of
 * numbers and of enumerators before it is left out, and so are those that count on from it. Never throws.
 */
export function readEnumerators(text: string, into: Map<string, bigint>): void {
  for (const match of text.matchAll(/\benum\b[^;{}()=]*\{([^{}]*)\}/g)) {
    let next: bigint | null = 0n;
    for (const item of splitItems(match[1] ?? '')) {
      const [, name, value] = /^\s*(\w+)\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?(?:=([\s\S]*))?$/.exec(item) ?? [];
      if (name === undefined) {
        if (item.trim() !== '') next = null;
        continue;
      }
      const own: bigint | null = value === undefined ? next : constantOf(parseExpression(value), into);
      if (own !== null && !into.has(name)) into.set(name, own);
      next = own === null ? null : own + 1n;
    }
  }
}

function splitItems(body: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at);
    if (code === 40) depth++;
    else if (code === 41) depth--;
    else if (code === 44 && depth === 0) {
      items.push(body.slice(from, at));
      from = at + 1;
    }
  }
  items.push(body.slice(from));
  return items;
}
