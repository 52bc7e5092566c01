import type { CExpr } from '../../syntax/cflow/model.ts';
import { parseExpression } from '../../syntax/cflow/statements.ts';
import type { NameScope } from './functionSource.ts';

/** Types of names: those of the function's own first. */
export interface TypeScope {
  readonly scope: NameScope;
  local(name: string): string | null;
}

const maxDepth = 12;

/** Type of an expression as text without qualifiers (`struct static_key_true`, `u64 *`), or `null`. */
export function typeOf(expr: CExpr, types: TypeScope, depth = 0): string | null {
  if (depth > maxDepth) return null;
  const inner = (one: CExpr): string | null => typeOf(one, types, depth + 1);
  switch (expr.kind) {
    case 'name':
      return resolveType(types.local(expr.name) ?? types.scope.variableType(expr.name), types, depth + 1);
    case 'number':
      return 'int';
    case 'string':
      return 'char *';
    case 'type':
      return resolveType(expr.text, types, depth + 1);
    case 'cast':
      return resolveType(expr.type, types, depth + 1);
    case 'list':
      return expr.type === null ? null : resolveType(expr.type, types, depth + 1);
    case 'unary': {
      if (expr.op === '*') {
        if (expr.operand.kind === 'unary' && expr.operand.op === '&') return inner(expr.operand.operand);
        return pointee(inner(expr.operand));
      }
      if (expr.op === '&') {
        const type = inner(expr.operand);
        return type === null ? null : `${type} *`;
      }
      return expr.op === '!' ? 'int' : inner(expr.operand);
    }
    case 'member': {
      const type = inner(expr.operand);
      const of = expr.arrow ? pointee(type) : type;
      return resolveType(types.scope.memberType(of, expr.name), types, depth + 1);
    }
    case 'index':
      return pointee(inner(expr.operand));
    case 'conditional':
      return inner(expr.whenTrue ?? expr.whenFalse) ?? inner(expr.whenFalse);
    case 'assign':
      return inner(expr.left);
    case 'binary':
      if (expr.op === ',') return inner(expr.right);
      if (['==', '!=', '<', '>', '<=', '>=', '&&', '||'].includes(expr.op)) return 'int';
      return wider(inner(expr.left), inner(expr.right));
    case 'call': {
      if (expr.callee.kind !== 'name') return null;
      const called = types.scope.function(expr.callee.name);
      return called === null ? null : resolveType(called.returnType, types, depth + 1);
    }
    case 'block': {
      const last = expr.body[expr.body.length - 1];
      if (last?.kind !== 'expr') return null;
      const value = last.value;
      if (value.kind === 'name') {
        const declared = expr.body.find((one) => one.kind === 'declare' && one.name === value.name);
        if (declared?.kind === 'declare') return resolveType(declared.type, types, depth + 1);
      }
      return inner(value);
    }
    default:
      return null;
  }
}

/** Type text with `typeof` replaced by what it stands for and qualifiers left out. */
export function resolveType(text: string | null, types: TypeScope, depth = 0): string | null {
  if (text === null || depth > maxDepth) return null;
  const plain = plainType(text);
  const match = /^(?:__)?typeof(?:_unqual)?(?:__)?\s*\(/.exec(plain);
  if (match === null) return plain === '__auto_type' || plain === '' ? null : plain;
  let open = 1;
  let at = match[0].length;
  for (; at < plain.length && open > 0; at++) {
    if (plain[at] === '(') open++;
    else if (plain[at] === ')') open--;
  }
  const of = parseExpression(plain.slice(match[0].length, at - 1));
  const type = typeOf(of, types, depth + 1) ?? (of.kind === 'name' ? of.name : null);
  return type === null ? null : plainType(`${type}${plain.slice(at)}`);
}

function plainType(text: string): string {
  return text
    .replace(/\b(const|volatile|__const|__volatile__|restrict|__restrict|register|static|extern|__extension__)\b/g, ' ')
    .replace(/__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/\s*\*/g, ' *')
    .replace(/\* \*/g, '**')
    .trim();
}

function pointee(type: string | null): string | null {
  if (type === null) return null;
  const array = /^(.*?)\s*\[[^\]]*\](.*)$/.exec(type);
  if (array !== null) return `${array[1]}${array[2]}`.trim();
  return /\*\s*$/.test(type) ? type.replace(/\*\s*$/, '').trim() : null;
}

function wider(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return null;
  if (left.includes('*')) return left;
  if (right.includes('*')) return right;
  const a = sizeOfType(left);
  const b = sizeOfType(right);
  if (a === null || b === null) return null;
  if (a < 4 && b < 4) return 'int';
  return a >= b ? left : right;
}

const sizes: ReadonlyMap<string, number> = new Map([
  ['char', 1],
  ['bool', 1],
  ['_Bool', 1],
  ['void', 1],
  ['short', 2],
  ['int', 4],
  ['long', 8],
  ['float', 4],
  ['double', 8],
  ['size_t', 8],
  ['ssize_t', 8],
  ['uintptr_t', 8],
  ['loff_t', 8],
  ['pid_t', 4],
  ['gfp_t', 4],
  ['uint', 4],
  ['ulong', 8],
  ['__int128', 16],
  ['atomic_t', 4],
  ['atomic64_t', 8],
  ['atomic_long_t', 8],
]);

/** Size in bytes of a type without qualifiers on arm64 (LP64), or `null`. */
export function sizeOfType(type: string): number | null {
  if (type.includes('[')) return null;
  if (type.endsWith('*') || type.includes('*()')) return 8;
  const known = sizes.get(type);
  if (known !== undefined) return known;
  const bits =
    /^(?:__)?(?:be|le)?[us](?:int)?(8|16|32|64|128)(?:_t)?$/.exec(type)?.[1] ??
    /^(?:__)?(?:be|le|u?int)(8|16|32|64)(?:_t)?$/.exec(type)?.[1];
  if (bits !== undefined) return Number(bits) / 8;
  if (/^enum\b/.test(type)) return 4;
  const words = type.split(' ');
  if (!words.every((word) => /^(unsigned|signed|char|short|int|long)$/.test(word))) return null;
  if (words.includes('char')) return 1;
  if (words.includes('short')) return 2;
  return words.includes('long') ? 8 : 4;
}

/** Size in bytes of a type as it is written, qualifiers and all, or `null`. */
export function sizeOfPlainType(text: string): number | null {
  return sizeOfType(plainType(text));
}

/** Whether two types are the same to `__builtin_types_compatible_p`; `null` when a name hides what one is. */
export function sameType(left: string | null, right: string | null): boolean | null {
  if (left === null || right === null) return null;
  const a = canonical(left);
  const b = canonical(right);
  if (a === b) return true;
  const isTagged = (type: string): boolean =>
    /^(struct|union|enum)\b/.test(type) || /\*|\[/.test(type) || isBasic(type);
  return isTagged(a) && isTagged(b) ? false : null;
}

function isBasic(type: string): boolean {
  return type
    .split(' ')
    .every((word) => /^(unsigned|signed|char|short|int|long|void|_Bool|bool|float|double|__int128)$/.test(word));
}

function canonical(type: string): string {
  if (/^(unsigned|signed|long|short|int)( |$)/.test(type) && !/[*[]/.test(type)) {
    const words = type.split(' ').filter((word) => word !== 'signed' && word !== 'int');
    return words.length === 0 ? 'int' : words.sort().join(' ') === 'unsigned' ? 'unsigned int' : words.join(' ');
  }
  return type === 'bool' ? '_Bool' : type.replace(/\[[^\]]*\]/g, '[]');
}

/** What `_Generic` chooses; `null` when the type is not known. */
export function chosenByType(expr: Extract<CExpr, { kind: 'generic' }>, types: TypeScope): CExpr | null {
  const type = typeOf(expr.of, types);
  if (type === null) return null;
  const named = expr.choices.find((one) => one.type !== null && sameType(type, resolveType(one.type, types)) === true);
  return (named ?? expr.choices.find((one) => one.type === null))?.value ?? null;
}
