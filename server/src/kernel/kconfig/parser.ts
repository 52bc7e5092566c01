import { createKconfigWords, parseKconfigCondition, parseKconfigExpression } from './expressions.ts';
import { createMacros, type KconfigMacros } from './macros.ts';
import { and, type Expr, type KconfigChoice, type KconfigSymbol, type KconfigTree } from './model.ts';
import { type KconfigToken, lexKconfigLine } from './tokens.ts';
import type { Toolchain } from './toolchain.ts';

export interface KconfigInput {
  /** Text of a file relative to the tree's root; `undefined` when there is none. */
  readonly readText: (path: string) => string | undefined;
  readonly toolchain: Toolchain;
  /** `KERNELVERSION` and such. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A `menu`, `if` or `choice` around the current line. */
interface Block {
  readonly kind: 'menu' | 'if' | 'choice';
  /** Dependencies that everything inside has, from outside to inside. */
  dependency: Expr | null;
  /** `visible if` of this menu and of those around it. */
  visibility: Expr | null;
  readonly choice: KconfigChoice | null;
}

/** A `config` or `choice` whose properties are being read. */
interface Entry {
  readonly symbol: KconfigSymbol | null;
  readonly choice: KconfigChoice | null;
  dependency: Expr | null;
  readonly prompts: (Expr | null)[];
  readonly defaults: { value: Expr; condition: Expr | null }[];
  readonly ranges: { low: KconfigSymbol; high: KconfigSymbol; condition: Expr | null }[];
  readonly selects: { symbol: KconfigSymbol; condition: Expr | null; isImply: boolean }[];
}

const maxFiles = 5000;
const maxSourceDepth = 30;
const maxBlocks = 300;

/** Reads `Kconfig` and everything it sources. Total: what is not understood is listed and passed over. */
export function parseKconfig(input: KconfigInput): KconfigTree {
  const macros: KconfigMacros = createMacros({ ...input.toolchain.environment, ...input.environment }, input.toolchain);
  const files: string[] = [];
  const problems: string[] = [];
  const blocks: Block[] = [];
  let modules: KconfigSymbol | null = null;
  let entry: Entry | null = null;
  let where = '';

  const problem = (): void => {
    if (problems.length < 100) problems.push(where);
  };

  const words = createKconfigWords();
  const { symbols, symbolOf, operandOf } = words;
  const parseExpression = (tokens: readonly KconfigToken[], at: number): { value: Expr | null; end: number } =>
    parseKconfigExpression(tokens, at, operandOf);
  const parseCondition = (tokens: readonly KconfigToken[], at: number): Expr | null =>
    parseKconfigCondition(tokens, at, operandOf);

  const block = (): Block | undefined => blocks[blocks.length - 1];
  const open = (next: Block): void => {
    if (blocks.length < maxBlocks) blocks.push(next);
    else problem();
  };

  const finishEntry = (): void => {
    if (!entry) return;
    const { symbol, choice } = entry;
    const base = and(block()?.dependency ?? null, entry.dependency);
    const visibility = block()?.visibility ?? null;
    if (symbol) {
      symbol.dependencies.push(base);
      for (const prompt of entry.prompts) symbol.prompts.push(and(base, and(visibility, prompt)));
      for (const { value, condition } of entry.defaults)
        symbol.defaults.push({ value, condition: and(base, condition) });
      for (const range of entry.ranges) symbol.ranges.push({ ...range, condition: and(base, range.condition) });
      for (const { symbol: target, condition, isImply } of entry.selects) {
        const own: Expr = { kind: 'symbol', symbol };
        const reason = and(own, and(base, condition)) ?? own;
        (isImply ? target.impliedBy : target.selectedBy).push(reason);
      }
    } else if (choice) {
      for (const prompt of entry.prompts) choice.prompts.push(and(base, and(visibility, prompt)));
      for (const { value, condition } of entry.defaults) {
        if (value.kind === 'symbol') choice.defaults.push({ symbol: value.symbol, condition: and(base, condition) });
      }
    }
    entry = null;
  };

  const openEntry = (symbol: KconfigSymbol | null, choice: KconfigChoice | null): void => {
    finishEntry();
    entry = { symbol, choice, dependency: null, prompts: [], defaults: [], ranges: [], selects: [] };
  };

  /** Ends the head of a choice: what follows is inside it. */
  const enterChoice = (): void => {
    if (!entry?.choice) return;
    const { choice } = entry;
    const outer = block();
    finishEntry();
    const dependency: Expr = { kind: 'choice', choice };
    open({ kind: 'choice', dependency, visibility: outer?.visibility ?? null, choice });
  };

  const property = (word: string, tokens: readonly KconfigToken[]): boolean => {
    const [, first] = tokens;
    const isText = (token: KconfigToken | undefined): boolean => token?.kind === 'string' || token?.kind === 'word';
    switch (word) {
      case 'bool':
      case 'tristate':
      case 'int':
      case 'hex':
      case 'string':
        if (!entry) return false;
        if (entry.symbol && entry.symbol.type === 'unknown') entry.symbol.type = word;
        if (entry.choice) entry.choice.isTristate = word === 'tristate';
        if (isText(first)) entry.prompts.push(parseCondition(tokens, 2));
        return true;
      case 'prompt':
        if (!entry) return false;
        entry.prompts.push(parseCondition(tokens, 2));
        return true;
      case 'def_bool':
      case 'def_tristate':
      case 'default': {
        if (!entry) return false;
        if (word !== 'default' && entry.symbol?.type === 'unknown')
          entry.symbol.type = word === 'def_bool' ? 'bool' : 'tristate';
        const { value, end } = parseExpression(tokens, 1);
        if (value) entry.defaults.push({ value, condition: parseCondition(tokens, end) });
        return true;
      }
      case 'select':
      case 'imply':
        if (!entry?.symbol || !first) return entry !== null;
        entry.selects.push({
          symbol: symbolOf(first.text),
          condition: parseCondition(tokens, 2),
          isImply: word === 'imply',
        });
        return true;
      case 'range': {
        const [, low, high] = tokens;
        if (entry?.symbol && low && high) {
          entry.ranges.push({ low: operandOf(low), high: operandOf(high), condition: parseCondition(tokens, 3) });
        }
        return true;
      }
      case 'depends': {
        const { value, end } = parseExpression(tokens, 2);
        const condition = parseCondition(tokens, end);
        // `depends on A if B` (6.19 on): A is needed where B holds.
        const needed: Expr | null =
          condition && value ? { kind: 'or', left: { kind: 'not', operand: condition }, right: value } : value;
        if (entry) entry.dependency = and(entry.dependency, needed);
        else if (block()?.kind === 'menu') {
          const menu = block();
          if (menu) menu.dependency = and(menu.dependency, needed);
        }
        return true;
      }
      case 'visible': {
        const menu = block();
        if (!entry && menu) menu.visibility = and(menu.visibility, parseExpression(tokens, 2).value);
        return true;
      }
      case 'optional':
        if (entry?.choice) entry.choice.isOptional = true;
        return true;
      case 'modules':
        if (entry?.symbol) modules = entry.symbol;
        return true;
      case 'option':
        if (first?.text === 'modules' && entry?.symbol) modules = entry.symbol;
        return true;
      case 'transitional':
        return true;
      default:
        return false;
    }
  };

  const endBlock = (kind: Block['kind']): void => {
    if (kind === 'choice') enterChoice();
    finishEntry();
    if (block()?.kind === kind) blocks.pop();
    else problem();
  };

  const readFile = (path: string, depth: number): void => {
    const text = files.length < maxFiles && depth < maxSourceDepth ? input.readText(path) : undefined;
    if (text === undefined) return;
    files.push(path);
    const lines = text.split('\n');
    for (let index = 0; index < lines.length; index++) {
      let line = lines[index] ?? '';
      while (line.endsWith('\\') && index + 1 < lines.length) line = line.slice(0, -1) + (lines[++index] ?? '');
      const match = /^[ \t]*(?:([A-Za-z_-]+)|(\S))/.exec(line);
      if (!match) continue;
      const word = match[1];
      if (word === undefined) {
        if (match[2] === '$') macros.expand(line);
        continue;
      }
      where = `${path}:${index + 1}: ${line.trim()}`;
      if (word === 'help' || line.trim() === '---help---') {
        index = skipHelp(lines, index + 1) - 1;
        continue;
      }
      const assignment = /^[ \t]*([A-Za-z0-9_-]+)[ \t]*(:=|\+=|=)[ \t]*(.*)$/.exec(line);
      if (assignment && !keywords.has(word)) {
        macros.assign(assignment[1] ?? '', (assignment[2] ?? '=') as '=', assignment[3] ?? '');
        continue;
      }
      const tokens = lexKconfigLine(line, macros);
      statement(word, tokens, path, depth);
    }
  };

  const statement = (word: string, tokens: readonly KconfigToken[], path: string, depth: number): void => {
    const first = tokens[1]?.text ?? '';
    // The members of a choice end its head, and so does everything else that is no property.
    if (!propertyWords.has(word) && word !== 'choice') enterChoice();
    switch (word) {
      case 'config':
      case 'menuconfig': {
        if (first === '') {
          problem();
          return;
        }
        const symbol = symbolOf(first);
        symbol.isDefined = true;
        openEntry(symbol, null);
        const inside = block()?.choice;
        if (inside && !symbol.choice) {
          symbol.choice = inside;
          inside.members.push(symbol);
        }
        return;
      }
      case 'choice':
        enterChoice();
        openEntry(null, { members: [], prompts: [], defaults: [], isTristate: false, isOptional: false });
        return;
      case 'endchoice':
        endBlock('choice');
        return;
      case 'menu':
        finishEntry();
        openBlock('menu', null);
        return;
      case 'endmenu':
        endBlock('menu');
        return;
      case 'if': {
        finishEntry();
        openBlock('if', parseExpression(tokens, 1).value);
        return;
      }
      case 'endif':
        endBlock('if');
        return;
      case 'comment':
        // A comment's own `depends on` must not reach the block around it.
        openEntry(null, null);
        return;
      case 'source':
      case 'osource':
        finishEntry();
        readFile(first, depth + 1);
        return;
      case 'rsource':
      case 'orsource':
        finishEntry();
        readFile(`${path.slice(0, path.lastIndexOf('/') + 1)}${first}`, depth + 1);
        return;
      case 'mainmenu':
        return;
      default:
        if (!property(word, tokens)) problem();
    }
  };

  const openBlock = (kind: 'menu' | 'if', condition: Expr | null): void => {
    const outer = block();
    open({
      kind,
      dependency: and(outer?.dependency ?? null, condition),
      visibility: outer?.visibility ?? null,
      choice: kind === 'if' ? (outer?.choice ?? null) : null,
    });
  };

  readFile('Kconfig', 0);
  finishEntry();
  for (const symbol of symbols.values()) {
    // A member without a type has its choice's; a word nobody defines stands for itself.
    if (symbol.type === 'unknown' && symbol.choice) symbol.type = symbol.choice.isTristate ? 'tristate' : 'bool';
    if (!symbol.isDefined) symbol.isConstant = true;
  }
  return { symbols, modules: modules ?? symbols.get('MODULES') ?? null, files, problems };
}

const propertyWords: ReadonlySet<string> = new Set(
  'bool tristate int hex string prompt def_bool def_tristate default select imply range depends visible optional modules option transitional'.split(
    ' ',
  ),
);

const keywords: ReadonlySet<string> = new Set([
  ...propertyWords,
  ...'config menuconfig choice endchoice menu endmenu if endif comment source osource rsource orsource mainmenu help'.split(
    ' ',
  ),
]);

/** Index of the first line after a help text that begins at `start`: the first one indented less than its first line. */
function skipHelp(lines: readonly string[], start: number): number {
  let base = -1;
  for (let index = start; index < lines.length; index++) {
    const line = lines[index] ?? '';
    let indent = 0;
    let at = 0;
    for (; at < line.length; at++) {
      const c = line.charCodeAt(at);
      if (c === 32) indent++;
      else if (c === 9) indent = (indent & ~7) + 8;
      else break;
    }
    if (at >= line.length || line.charCodeAt(at) === 13) continue;
    if (base < 0) {
      if (indent === 0) return index;
      base = indent;
    } else if (indent < base) return index;
  }
  return lines.length;
}
