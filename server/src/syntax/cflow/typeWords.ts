import type { CToken } from './lexer.ts';
import type { TokenReader } from './reader.ts';

const typeWords: ReadonlySet<string> = new Set(
  (
    'void char short int long float double signed unsigned _Bool bool __signed__ __signed struct union enum const volatile ' +
    '__const __volatile__ __const__ typeof __typeof__ __typeof __auto_type __int128 __int128_t __uint128_t _Complex _Atomic restrict ' +
    '__restrict __restrict__ typeof_unqual __typeof_unqual__'
  ).split(' '),
);

const storageWords: ReadonlySet<string> = new Set(
  'static extern register auto inline __inline __inline__ typedef _Thread_local __thread __extension__ _Noreturn'.split(
    ' ',
  ),
);

/** Words that begin no declaration and no type, although a name may follow them. */
const statementWords: ReadonlySet<string> = new Set(
  'return goto case default else do if while for switch break continue sizeof asm __asm__ __asm _Static_assert'.split(
    ' ',
  ),
);

/** Names that are types wherever they stand (the kernel's short integers and everything that ends in `_t`). */
export function looksLikeTypeName(name: string): boolean {
  return (
    /^(__)?(be|le)?[us]?(8|16|32|64|128)$/.test(name) ||
    /_t$/.test(name) ||
    /^(__kernel_|u(int|long|short|char)$|efi_)/.test(name)
  );
}

export function isTypeWord(token: CToken): boolean {
  return token.kind === 'identifier' && typeWords.has(token.text);
}

export function isStorageWord(token: CToken): boolean {
  return token.kind === 'identifier' && storageWords.has(token.text);
}

/** Whether a statement that begins here declares something. */
export function beginsDeclaration(reader: TokenReader): boolean {
  const first = reader.peek();
  if (first.kind !== 'identifier' || statementWords.has(first.text)) return false;
  if (typeWords.has(first.text) || storageWords.has(first.text)) return true;
  if (/^__attribute(__)?$/.test(first.text)) return true;
  const second = reader.peek(1);
  // A typedef's name may also be a variable's; a function is not called `name(*`.
  if (reader.isTypeName(first.text)) {
    if (second.text === '(') return reader.is('*', 2);
    return second.kind === 'identifier' || second.text === '*';
  }
  if (second.kind === 'identifier') return !/^(asm|__asm__|__asm)$/.test(second.text) || looksLikeTypeName(first.text);
  if (second.text !== '*' || second.kind !== 'punctuator') return false;
  let ahead = 1;
  while (reader.is('*', ahead) || isQualifier(reader.peek(ahead))) ahead++;
  const name = reader.peek(ahead);
  const after = reader.peek(ahead + 1);
  if (name.kind !== 'identifier') return false;
  // `a * b;` says nothing as a statement, so it is a declaration.
  return ['=', ';', ',', '[', ')'].includes(after.text) || /^__attribute(__)?$/.test(after.text);
}

function isQualifier(token: CToken): boolean {
  return /^(const|volatile|restrict|__restrict|__restrict__|__const)$/.test(token.text);
}

/** Whether the text in the parentheses that open here is a type name: a cast, a compound literal, an operand of `sizeof`. */
export function isTypeInParens(reader: TokenReader): boolean {
  const first = reader.peek(1);
  if (first.kind !== 'identifier') return false;
  if (typeWords.has(first.text) || isStorageWord(first)) return true;
  let ahead = 2;
  if (reader.isTypeName(first.text) && reader.is(')', ahead)) return true;
  if (reader.is(')', ahead)) {
    const after = reader.peek(ahead + 1);
    if (
      after.kind === 'identifier' ||
      after.kind === 'number' ||
      after.kind === 'string' ||
      after.kind === 'character'
    ) {
      return !/^(asm|__asm__)$/.test(after.text);
    }
    if (after.text === '~' || after.text === '!' || after.text === '{') return true;
    return looksLikeTypeName(first.text) && ['(', '&', '*', '-', '+'].includes(after.text);
  }
  if (reader.peek(ahead).kind === 'identifier') return true;
  let stars = 0;
  while (reader.is('*', ahead) || isQualifier(reader.peek(ahead))) {
    ahead++;
    stars++;
  }
  if (stars === 0) return false;
  if (reader.is(')', ahead)) return true;
  // `(name *(*)(…))` and `(name *[3])`.
  return (
    (reader.is('(', ahead) && reader.is('*', ahead + 1)) || (reader.is('[', ahead) && looksLikeTypeName(first.text))
  );
}
