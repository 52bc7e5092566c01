import type { CppExpansion, CppMacro, CppToken } from '../syntax/cpp/model.ts';

/** Tells which macro use speaks for a token: the outermost one with a meaning whose own text it is. */
export interface Claims {
  /** For a token that came out of macros; `null` when no named macro wrote it. */
  ofToken(token: CppToken): CppExpansion | null;
  /** For a macro use inside others. */
  ofUse(expansion: CppExpansion): CppExpansion | null;
}

/** `textOf` reads the files that macros are defined in. */
export function openClaims(isNamed: (name: string) => boolean, textOf: (file: string) => string | undefined): Claims {
  const ends = new Map<CppMacro, number>();
  const endOf = (macro: CppMacro): number => {
    let end = ends.get(macro);
    if (end === undefined) {
      end = definitionEnd(textOf(macro.file) ?? '', macro.offset);
      ends.set(macro, end);
    }
    return end;
  };
  // An argument keeps the place where it was written; what the macro's body spells stands in its definition.
  const wrote = (macro: CppMacro, file: string, offset: number): boolean =>
    file === '' || file.startsWith('<') || (file === macro.file && offset > macro.offset && offset < endOf(macro));
  const claim = (spelledIn: string, spelledAt: number, innermost: CppExpansion | null): CppExpansion | null => {
    let file = spelledIn;
    let offset = spelledAt;
    let found: CppExpansion | null = null;
    for (let at = innermost; at !== null; at = at.parent) {
      if (!wrote(at.macro, file, offset)) continue;
      if (isNamed(at.macro.name)) found = at;
      // What a macro spells belongs to what the use of it belongs to.
      ({ file, offset } = at);
    }
    return found;
  };
  return {
    ofToken: (token) => (token.expansion === null ? null : claim(token.file, token.offset, token.expansion)),
    ofUse: (expansion) => claim(expansion.file, expansion.offset, expansion.parent),
  };
}

/** End of a `#define`: the first line end that no backslash continues. */
export function definitionEnd(text: string, from: number): number {
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) {
    const before = text.charCodeAt(at - 1) === 13 ? at - 2 : at - 1;
    if (text[before] !== '\\') return at;
  }
  return text.length;
}
