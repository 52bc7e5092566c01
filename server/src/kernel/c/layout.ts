// Offsets of members as the AArch64 ABI lays structures out (AAPCS64, 5.9 "Composite Types"), from their text.

import { parseExpression } from '../../syntax/cflow/statements.ts';
import { constantOf } from './constant.ts';
import type { NameScope } from './functionSource.ts';
import { sizeOfType } from './typeOf.ts';

interface Layout {
  readonly sizeBytes: number;
  readonly alignBytes: number;
}

interface Member {
  /** `null` for an unnamed structure or union. */
  readonly name: string | null;
  readonly type: string;
}

const maxDepth = 8;

/**
 * Offset in bytes of `path` (`.member`, `[3].key`) in an object of a type; `null` where a type on the way, or before the
 * member, is not known, has bit fields or an alignment of its own. Never throws.
 */
export function offsetOfPath(type: string, path: string, scope: NameScope): number | null {
  let at = 0;
  let of = type;
  for (const step of path.match(/\.\w+|\[[^\]]*\]/g) ?? []) {
    if (step.startsWith('[')) {
      const element = elementOf(of);
      const index = numberOf(step.slice(1, -1), scope);
      const layout = element === null ? null : layoutOf(element, scope, 0);
      if (element === null || index === null || layout === null) return null;
      at += index * layout.sizeBytes;
      of = element;
      continue;
    }
    const found = memberAt(of, step.slice(1), scope, 0);
    if (found === null) return null;
    at += found.offsetBytes;
    of = found.type;
  }
  return at;
}

function memberAt(
  type: string,
  name: string,
  scope: NameScope,
  depth: number,
): { readonly offsetBytes: number; readonly type: string } | null {
  const body = bodyOf(type, scope);
  if (body === null || depth > maxDepth) return null;
  const isUnion = /^\s*union\b/.test(type);
  let at = 0;
  for (const member of membersOf(body) ?? []) {
    const layout = layoutOf(member.type, scope, depth + 1);
    if (layout === null) return null;
    const start = isUnion ? 0 : alignUp(at, layout.alignBytes);
    if (member.name === name) return { offsetBytes: start, type: member.type };
    if (member.name === null) {
      const inner = memberAt(member.type, name, scope, depth + 1);
      if (inner !== null) return { offsetBytes: start + inner.offsetBytes, type: inner.type };
    }
    at = start + layout.sizeBytes;
  }
  return null;
}

function layoutOf(type: string, scope: NameScope, depth: number): Layout | null {
  if (depth > maxDepth) return null;
  const plain = type.replace(/\b(const|volatile|extern|static)\b/g, ' ').trim();
  if (plain.includes('[')) {
    const element = elementOf(plain);
    const count = numberOf(/\[([^\]]*)\]/.exec(plain)?.[1] ?? '', scope);
    const layout = element === null ? null : layoutOf(element, scope, depth + 1);
    return layout === null || count === null ? null : { ...layout, sizeBytes: count * layout.sizeBytes };
  }
  const size = sizeOfType(plain.replace(/\s*\*/g, ' *').replace(/\s+/g, ' '));
  if (size !== null) return { sizeBytes: size, alignBytes: size };
  const named = /^\w+$/.test(plain) ? scope.typeNamed(plain) : null;
  if (named !== null) return layoutOf(named, scope, depth + 1);
  const body = bodyOf(plain, scope);
  const members = body === null ? null : membersOf(body);
  if (members === null) return null;
  const isUnion = /^\s*union\b/.test(plain);
  let sizeBytes = 0;
  let alignBytes = 1;
  for (const member of members) {
    const layout = layoutOf(member.type, scope, depth + 1);
    if (layout === null) return null;
    alignBytes = Math.max(alignBytes, layout.alignBytes);
    sizeBytes = isUnion
      ? Math.max(sizeBytes, layout.sizeBytes)
      : alignUp(sizeBytes, layout.alignBytes) + layout.sizeBytes;
  }
  return { sizeBytes: alignUp(sizeBytes, alignBytes), alignBytes };
}

/** Text between the braces of a structure that is written out or that has a name. */
function bodyOf(type: string, scope: NameScope): string | null {
  const open = type.indexOf('{');
  if (open >= 0) return type.slice(open + 1, type.lastIndexOf('}'));
  const tag = /^(?:struct|union)\s+(\w+)\s*$/.exec(type.trim())?.[1];
  return tag === undefined ? null : scope.structBody(tag);
}

function elementOf(type: string): string | null {
  const open = type.indexOf('[');
  const close = type.indexOf(']', open);
  return open < 0 || close < 0 ? null : `${type.slice(0, open)}${type.slice(close + 1)}`.trim();
}

/** Members in order; `null` where one has a bit field or an attribute that moves it. */
function membersOf(body: string): readonly Member[] | null {
  const members: Member[] = [];
  for (const declaration of splitOutside(body, ';')) {
    const text = declaration.replace(/\s+/g, ' ').trim();
    if (text === '' || /^(_Static_assert|static_assert)\b/.test(text)) continue;
    if (/\b(aligned|packed)\b/.test(text.replace(/\{.*\}/, ''))) return null;
    const plain = text.replace(/__attribute__ ?\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)/g, ' ').trim();
    const close = plain.lastIndexOf('}');
    const head = close >= 0 ? plain.slice(0, close + 1) : '';
    const rest = plain.slice(head.length);
    if (head !== '' && rest.trim() === '') {
      members.push({ name: null, type: head });
      continue;
    }
    const declarators = splitOutside(rest, ',');
    const [first = '', ...more] = declarators;
    const base = head !== '' ? head : first.replace(/(\(|\*|\w+ *(\[|$|:)).*$/, '').trim();
    const own = head !== '' ? first : first.slice(base.length);
    for (const one of [own, ...more]) {
      if (/:(?!:)/.test(one)) return null;
      const name = /\( ?\* ?(\w+)/.exec(one)?.[1] ?? /(\w+) *(?:\[[^\]]*\] *)*$/.exec(one)?.[1];
      if (name === undefined) return null;
      const isPointer = one.includes('*');
      const arrays = one.includes('(') ? '' : one.slice(one.indexOf(name) + name.length).trim();
      members.push({ name, type: `${base}${isPointer ? ' *' : ''}${arrays === '' ? '' : ` ${arrays}`}` });
    }
  }
  return members;
}

/** Parts of a text between separators outside of all brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function numberOf(text: string, scope: NameScope): number | null {
  const value = constantOf(parseExpression(text), { get: (name) => scope.enumerator(name) ?? undefined });
  return value === null || value < 0n || value > 1_000_000n ? null : Number(value);
}

function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}
