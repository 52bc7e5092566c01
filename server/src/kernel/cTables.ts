// A small tolerant reader of C initializer tables: enough for the kernel's capability and errata tables,
// without a C parser and without running the preprocessor (both branches of a conditional are kept, marked).

/** One token of C text. `gates` are the conditions of the `#if` lines around it, outermost first. */
export interface CToken {
  readonly text: string;
  readonly line: number;
  readonly gates: readonly string[];
}

export interface CMacroDefinition {
  readonly name: string;
  /** `null` for an object-like macro. */
  readonly parameters: readonly string[] | null;
  readonly body: readonly CToken[];
}

export interface CTables {
  readonly macros: ReadonlyMap<string, CMacroDefinition>;
  /** Array initializers by name, at file level and inside functions, without the outer braces. */
  readonly arrays: ReadonlyMap<
    string,
    { readonly type: string; readonly line: number; readonly tokens: readonly CToken[] }
  >;
  /** Lines of function definitions by name. */
  readonly functions: ReadonlyMap<string, number>;
}

const tokenPattern = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\d[\w.]*|##|[^\s\w]/g;

/** Reads file-level arrays, macros and function places of C text. Total: any text gives what can be found. */
export function readCTables(text: string): CTables {
  const macros = new Map<string, CMacroDefinition>();
  const tokens: CToken[] = [];
  const conditions: { current: string; past: string[] }[] = [];
  let gates: readonly string[] = [];
  const refreshGates = (): void => {
    gates = conditions.map((condition) => condition.current);
  };

  const lines = blankComments(text).split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let logical = lines[index] ?? '';
    while (logical.endsWith('\\') && index + 1 < lines.length)
      logical = `${logical.slice(0, -1)} ${lines[++index] ?? ''}`;
    const directive = /^[ \t]*#[ \t]*(\w+)[ \t]*(.*)$/.exec(logical);
    if (!directive) {
      for (const match of logical.matchAll(tokenPattern)) tokens.push({ text: match[0], line, gates });
      continue;
    }
    const [, word = '', rest = ''] = directive;
    if (word === 'define') {
      const macro = readDefine(rest, line, gates);
      if (macro && !macros.has(macro.name)) macros.set(macro.name, macro);
    } else if (word === 'if' || word === 'ifdef' || word === 'ifndef') {
      const name = rest.trim().split(/\s/)[0] ?? '';
      const current =
        word === 'if' ? rest.trim().replace(/\s+/g, ' ') : `${word === 'ifndef' ? '!' : ''}defined(${name})`;
      conditions.push({ current, past: [] });
      refreshGates();
    } else if (word === 'elif' || word === 'else') {
      const top = conditions[conditions.length - 1];
      if (!top) continue;
      top.past.push(top.past.length === 0 ? top.current : (top.current.split(' && ').at(-1) ?? top.current));
      const not = top.past.map((past) => `!(${past})`).join(' && ');
      top.current = word === 'else' ? not : `${not} && (${rest.trim()})`;
      refreshGates();
    } else if (word === 'endif') {
      conditions.pop();
      refreshGates();
    }
  }
  return { macros, ...findDefinitions(tokens) };
}

function readDefine(rest: string, line: number, gates: readonly string[]): CMacroDefinition | null {
  const match = /^(\w+)(\(([^)]*)\))?([\s\S]*)$/.exec(rest);
  if (!match?.[1]) return null;
  const parameters = match[2] === undefined ? null : (match[3] ?? '').split(',').map((name) => name.trim());
  const body = [...(match[4] ?? '').matchAll(tokenPattern)].map((token) => ({ text: token[0], line, gates }));
  return { name: match[1], parameters, body };
}

/** Comments become spaces; line breaks inside them stay, so that lines keep their numbers. */
function blankComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g, (match) =>
    match.startsWith('/') ? match.replace(/[^\n]/g, ' ') : match,
  );
}

function findDefinitions(tokens: readonly CToken[]): Pick<CTables, 'arrays' | 'functions'> {
  const arrays = new Map<string, { type: string; line: number; tokens: readonly CToken[] }>();
  const functions = new Map<string, number>();
  let statement = 0;
  for (let at = 0; at < tokens.length; at++) {
    const text = tokens[at]?.text;
    if (text === ';') statement = at + 1;
    else if (text === '{') {
      const end = closingIndex(tokens, at);
      const before = tokens.slice(statement, at);
      const open = before.findIndex((token) => token.text === '[');
      const name = open > 0 ? before[open - 1] : undefined;
      if (before.at(-1)?.text === '=' && name) {
        const type = before
          .slice(0, open - 1)
          .map((token) => token.text)
          .join(' ');
        if (!arrays.has(name.text)) arrays.set(name.text, { type, line: name.line, tokens: tokens.slice(at + 1, end) });
      } else if (before.at(-1)?.text === ')') {
        const paren = before.findIndex((token) => token.text === '(');
        const called = before[paren - 1];
        if (called && !functions.has(called.text)) functions.set(called.text, called.line);
        findLocalArrays(tokens.slice(at + 1, end), arrays);
      }
      at = end;
      // A function body or a type ends here; after an initializer the `;` follows anyway.
      if (before.at(-1)?.text !== '=') statement = end + 1;
    }
  }
  return { arrays, functions };
}

/** `static const TYPE NAME[] = { … };` inside a function body. */
function findLocalArrays(
  body: readonly CToken[],
  arrays: Map<string, { type: string; line: number; tokens: readonly CToken[] }>,
): void {
  for (let at = 4; at < body.length; at++) {
    if (body[at]?.text !== '{' || body[at - 1]?.text !== '=' || body[at - 2]?.text !== ']') continue;
    const open = body.findLastIndex((token, index) => index < at && token.text === '[');
    const name = body[open - 1];
    if (!name || arrays.has(name.text)) continue;
    const type = `${body[open - 3]?.text ?? ''} ${body[open - 2]?.text ?? ''}`.trim();
    arrays.set(name.text, { type, line: name.line, tokens: body.slice(at + 1, closingIndex(body, at)) });
  }
}

/** Index of the bracket closing the one at `open`, or the last index when it is never closed. */
export function closingIndex(tokens: readonly CToken[], open: number): number {
  const opener = tokens[open]?.text;
  const closer = opener === '{' ? '}' : opener === '(' ? ')' : ']';
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const text = tokens[at]?.text;
    if (text === opener) depth++;
    else if (text === closer && --depth === 0) return at;
  }
  return tokens.length - 1;
}

/** Parts of tokens between the commas outside of all brackets; empty parts are dropped. */
export function splitAtCommas(tokens: readonly CToken[]): readonly (readonly CToken[])[] {
  const parts: CToken[][] = [];
  let part: CToken[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === ',' && depth === 0) {
      parts.push(part);
      part = [];
      continue;
    }
    if ('([{'.includes(token.text)) depth++;
    else if (')]}'.includes(token.text)) depth--;
    part.push(token);
  }
  parts.push(part);
  return parts.filter((tokensOfPart) => tokensOfPart.length > 0);
}

const maxExpandDepth = 8;

/**
 * Tokens with the macros that `wanted` accepts expanded (arguments put in for parameters; `#` and `##` are not
 * carried out, so macros that use them should not be wanted). Expanded tokens take the place of the use.
 */
export function expandMacros(
  tokens: readonly CToken[],
  macros: ReadonlyMap<string, CMacroDefinition>,
  wanted: (macro: CMacroDefinition) => boolean,
  depth = 0,
): readonly CToken[] {
  if (depth > maxExpandDepth) return tokens;
  const out: CToken[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (!token) break;
    const macro = macros.get(token.text);
    const isCall = tokens[at + 1]?.text === '(';
    if (!macro || !wanted(macro) || (macro.parameters !== null && !isCall)) {
      out.push(token);
      continue;
    }
    let args: readonly (readonly CToken[])[] = [];
    if (macro.parameters !== null) {
      const end = closingIndex(tokens, at + 1);
      args = splitAtCommas(tokens.slice(at + 2, end));
      at = end;
    }
    const put = macro.body.flatMap((part) => {
      const index = macro.parameters?.indexOf(part.text) ?? -1;
      return index < 0 ? [{ ...part, line: token.line, gates: token.gates }] : (args[index] ?? []);
    });
    out.push(...expandMacros(put, macros, wanted, depth + 1));
  }
  return out;
}

/**
 * Truth of a gate condition, by `isSet` for `CONFIG_X` (name without `CONFIG_`); `null` where it depends on
 * something else.
 */
export function evaluateGate(condition: string, isSet: (name: string) => boolean): boolean | null {
  const tokens = [...condition.matchAll(/&&|\|\||[!()]|\w+/g)].map((match) => match[0]);
  let at = 0;
  const or = (): boolean | null => {
    let value = and();
    while (tokens[at] === '||') {
      at++;
      const right = and();
      value = value === true || right === true ? true : value === null || right === null ? null : false;
    }
    return value;
  };
  const and = (): boolean | null => {
    let value = unary();
    while (tokens[at] === '&&') {
      at++;
      const right = unary();
      value = value === false || right === false ? false : value === null || right === null ? null : true;
    }
    return value;
  };
  const unary = (): boolean | null => {
    const token = tokens[at++];
    if (token === '!') {
      const value = unary();
      return value === null ? null : !value;
    }
    if (token === '(') {
      const value = or();
      if (tokens[at] === ')') at++;
      return value;
    }
    if (token === undefined) return null;
    if (/^(defined|IS_ENABLED|IS_BUILTIN)$/.test(token)) {
      const hasParen = tokens[at] === '(';
      if (hasParen) at++;
      const name = tokens[at++] ?? '';
      if (hasParen && tokens[at] === ')') at++;
      return name.startsWith('CONFIG_') ? isSet(name.slice('CONFIG_'.length)) : null;
    }
    if (/^\d+$/.test(token)) return Number(token) !== 0;
    return null;
  };
  return or();
}
