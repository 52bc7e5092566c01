import type { Expander, Expansion } from './expander.ts';
import type { Macro } from './macro.ts';
import { pasteTokens, stringify } from './paste.ts';
import { ARGUMENT_END, AVOID_PASTE, Flag, Kind, paddingFor, type Tok, withFlags } from './token.ts';

/** One argument of a function-like macro. */
export interface MacroArgument {
  /** Its tokens as written, then `ARGUMENT_END`. */
  readonly tokens: Tok[];
  readonly expansions: (Expansion | null)[];
  /** Number of tokens without the end. */
  count: number;
  /** A variable argument that was left out, not even empty: `, ## args` drops its comma. */
  omitted: boolean;
  expanded: readonly Tok[] | null;
  expandedFrom: readonly (Expansion | null)[] | null;
}

function emptyArgument(): MacroArgument {
  return { tokens: [], expansions: [], count: 0, omitted: false, expanded: null, expandedFrom: null };
}

/**
 * Reads arguments after the `(`. `null` when they are wrong: the name then stays, the tokens are gone, as with
 * GCC. Tokens written where the name was written, or further out, are marked with the new expansion.
 */
export function collectArguments(
  expander: Expander,
  name: Tok,
  macro: Macro,
  expansion: Expansion,
  outer: Expansion | null,
): { list: MacroArgument[]; close: Tok } | null {
  const wanted = macro.parameters?.length ?? 0;
  const list: MacroArgument[] = [];
  let given = 0;
  let last: Tok;
  do {
    const argument = emptyArgument();
    let depth = 0;
    given++;
    for (;;) {
      last = expander.next();
      const type = last.type;
      if (type === Kind.padding) {
        if (argument.tokens.length === 0) continue;
      } else if (type === Kind.openParen) depth++;
      else if (type === Kind.closeParen) {
        if (depth-- === 0) break;
      } else if (type === Kind.comma) {
        if (depth === 0 && !(macro.variadic && given === wanted)) break;
      } else if (type === Kind.end || (type === Kind.hash && last.flags & Flag.lineStart)) break;
      argument.tokens.push(last);
      const from = expander.expansion;
      argument.expansions.push(isAround(from, outer) ? expansion : from);
    }
    while (argument.tokens[argument.tokens.length - 1]?.type === Kind.padding) {
      argument.tokens.pop();
      argument.expansions.pop();
    }
    argument.count = argument.tokens.length;
    argument.tokens.push(ARGUMENT_END);
    argument.expansions.push(null);
    if (given <= Math.max(1, wanted)) list.push(argument);
  } while (last.type !== Kind.closeParen && last.type !== Kind.end);
  if (last.type === Kind.end) {
    if (last === ARGUMENT_END) expander.back();
    expander.host.argumentsWrong(name, outer, `unterminated argument list invoking macro "${macro.name}"`, true);
    return null;
  }
  expansion.argumentsTextual = expander.expansion === null || (expander.expansion === outer && expansion.textual);
  if (given === 1 && wanted === 0 && list[0]?.count === 0) given = 0;
  if (given !== wanted && !(given + 1 === wanted && macro.variadic)) {
    const message =
      given < wanted
        ? `macro "${macro.name}" requires ${wanted} arguments, but only ${given} given`
        : `macro "${macro.name}" passed ${given} arguments, but takes just ${wanted}`;
    expander.host.argumentsWrong(name, outer, message, false);
    return null;
  }
  while (list.length < wanted) {
    const missing = emptyArgument();
    missing.tokens.push(ARGUMENT_END);
    missing.expansions.push(null);
    list.push(missing);
  }
  if (macro.variadic && (given < wanted || (given === 1 && list[0]?.count === 0))) {
    const variable = list[wanted - 1];
    if (variable !== undefined) variable.omitted = true;
  }
  return { list, close: last };
}

/** `from` is `inner` or one of the expansions around it; `null` is the text, around all. */
function isAround(from: Expansion | null, inner: Expansion | null): boolean {
  if (from === null) return true;
  for (let at = inner; at !== null; at = at.parent) if (at === from) return true;
  return false;
}

/** Result of putting arguments into a replacement list, not yet rescanned. */
export interface Substitution {
  readonly tokens: Tok[];
  readonly expansions: (Expansion | null)[];
}

/** Replacement list of a macro with its arguments in place (`#`, `##`, `__VA_OPT__` included). */
export function substitute(
  expander: Expander,
  macro: Macro,
  args: readonly MacroArgument[],
  expansion: Expansion,
): Substitution {
  const body = macro.tokens;
  const tokens: Tok[] = [];
  const expansions: (Expansion | null)[] = [];
  const wanted = macro.parameters?.length ?? 0;
  const inDirective = expander.inDirective;
  const option = macro.variadic ? new VariableOption(expander, args[wanted - 1], expansion) : null;
  const add = (tok: Tok, from: Expansion | null): void => {
    tokens.push(tok);
    expansions.push(from);
  };
  const setPaste = (index: number, like: number): void => {
    const tok = tokens[index];
    if (tok !== undefined) tokens[index] = withFlags(tok, (tok.flags & ~Flag.pasteLeft) | (like & Flag.pasteLeft));
  };
  /** Index of the last token before an open `__VA_OPT__`; `-1` without one before, `-2` outside. */
  let optionStart = -2;
  for (let i = 0; i < body.length; i++) {
    const src = body[i];
    if (src === undefined) continue;
    const afterPaste = i > 0 && ((body[i - 1]?.flags ?? 0) & Flag.pasteLeft) !== 0;
    const state = option === null ? 'include' : option.see(src);
    if (state === 'begin') {
      if (i > 0 && !afterPaste) add(paddingFor(src), expansion);
      optionStart = tokens.length - 1;
      continue;
    }
    if (state === 'end') {
      closeOption(src, option?.stringifies === true);
      optionStart = -2;
      continue;
    }
    if (state === 'drop') continue;
    if (src.type !== Kind.parameter) {
      add(src, expansion);
      continue;
    }
    const argument = args[src.parameter];
    if (argument === undefined) continue;
    const atOptionStart = optionStart !== -2 && optionStart >= 0 && tokens.length - 1 === optionStart;
    let from: readonly Tok[] = argument.tokens;
    let fromExpansions: readonly (Expansion | null)[] = argument.expansions;
    let first = 0;
    let count = argument.count;
    let pasteAt = -1;
    if (src.flags & Flag.stringify) {
      from = [stringify(argument.tokens, 0, argument.count, src)];
      fromExpansions = [expansion];
      count = 1;
    } else if (src.flags & Flag.pasteLeft) {
      // Raw, and its last token is pasted on.
    } else if (afterPaste) {
      const last = tokens[tokens.length - 1];
      if (last !== undefined) {
        if (last.type === Kind.comma && macro.variadic && src.parameter === wanted - 1) {
          if (argument.omitted) {
            tokens.pop();
            expansions.pop();
          } else pasteAt = tokens.length - 1;
        } else if (count === 0) pasteAt = tokens.length - 1;
      }
    } else {
      expander.expandArgument(argument, expansion);
      from = argument.expanded ?? [];
      fromExpansions = argument.expandedFrom ?? [];
      count = from.length;
      if (atOptionStart) {
        while (count > 0 && from[first]?.type === Kind.padding) {
          first++;
          count--;
        }
      }
    }
    if (!inDirective && i > 0 && !afterPaste && !atOptionStart) add(paddingFor(src), expansion);
    if (count > 0) {
      for (let j = first; j < first + count; j++) {
        const tok = from[j];
        if (tok !== undefined) add(tok, fromExpansions[j] ?? null);
      }
      if (src.flags & Flag.pasteLeft) pasteAt = tokens.length - 1;
    }
    if (!inDirective && (src.flags & Flag.pasteLeft) === 0) add(AVOID_PASTE, expansion);
    if (pasteAt >= 0) setPaste(pasteAt, src.flags);
    if (tokens.length > expander.budget) {
      expander.host.limitReached('macro expansion produces too many tokens');
      break;
    }
  }
  return { tokens, expansions };

  function closeOption(src: Tok, stringifies: boolean): void {
    const start = optionStart;
    if (stringifies) {
      const inner = pasteRuns(expander, tokens.slice(start + 1));
      const made = stringify(inner, 0, inner.length, src);
      tokens.length = start + 1;
      expansions.length = start + 1;
      add(withFlags(made, src.flags & Flag.pasteLeft), expansion);
      return;
    }
    const startTok = start >= 0 ? tokens[start] : undefined;
    if (startTok !== undefined && tokens.length - 1 === start && startTok.flags & Flag.pasteLeft) setPaste(start, 0);
    if ((src.flags & Flag.pasteLeft) === 0) {
      add(AVOID_PASTE, expansion);
      return;
    }
    while (tokens.length - 1 > start && tokens[tokens.length - 1] === AVOID_PASTE) {
      tokens.pop();
      expansions.pop();
    }
    const last = tokens[tokens.length - 1];
    if (last !== undefined && last.type !== Kind.padding) setPaste(tokens.length - 1, src.flags);
  }
}

/** Tokens with their `##` done, for `#__VA_OPT__`. */
function pasteRuns(expander: Expander, tokens: readonly Tok[]): Tok[] {
  const out: Tok[] = [];
  for (const tok of tokens) {
    const left = out[out.length - 1];
    const whole =
      left !== undefined && left.flags & Flag.pasteLeft
        ? pasteTokens(left, tok, expander.language, expander.names)
        : null;
    if (whole === null) out.push(tok);
    else out[out.length - 1] = withFlags(whole, whole.flags | (tok.flags & Flag.pasteLeft));
  }
  return out;
}

/** Follows `__VA_OPT__( ... )` through a replacement list. */
class VariableOption {
  readonly #expander: Expander;
  readonly #argument: MacroArgument | undefined;
  readonly #expansion: Expansion;
  #depth = -1;
  #included: boolean | null = null;
  stringifies = false;

  constructor(expander: Expander, argument: MacroArgument | undefined, expansion: Expansion) {
    this.#expander = expander;
    this.#expansion = expansion;
    this.#argument = argument;
  }

  see(tok: Tok): 'include' | 'drop' | 'begin' | 'end' {
    if (this.#depth < 0) {
      if (tok.type !== Kind.name || tok.name !== this.#expander.names.variableOption) return 'include';
      this.#depth = 0;
      this.stringifies = (tok.flags & Flag.stringify) !== 0;
      return 'begin';
    }
    if (this.#depth === 0) {
      this.#depth = 1;
      this.#included ??= this.#hasTokens();
      return 'drop';
    }
    if (tok.type === Kind.openParen) this.#depth++;
    else if (tok.type === Kind.closeParen && --this.#depth === 0) {
      this.#depth = -1;
      return 'end';
    }
    return this.#included === true ? 'include' : 'drop';
  }

  #hasTokens(): boolean {
    const argument = this.#argument;
    if (argument === undefined) return false;
    this.#expander.expandArgument(argument, this.#expansion);
    return argument.expanded?.some((tok) => tok.type !== Kind.padding) ?? false;
  }
}
