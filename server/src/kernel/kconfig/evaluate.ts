import { type ConfigValues, parseDotConfig, unquoteConfigValue } from './dotConfig.ts';
import type { Expr, KconfigChoice, KconfigSymbol, KconfigTree, Tristate } from './model.ts';

interface Value {
  tri: Tristate;
  /** Text of an int, hex or string. */
  text: string;
  /** Written to `.config`: visible, selected, implied or given by an active default. */
  isWritten: boolean;
}

/**
 * Values that `make defconfig` writes for a defconfig: its lines are the user's values, everything else follows from
 * visibility, defaults, `select` and `imply` (`scripts/kconfig/symbol.c:sym_calc_value`, 6.12). Set values only, as
 * a `.config` writes them.
 */
export function evaluateConfig(tree: KconfigTree, defconfig: string): ConfigValues {
  const user = parseDotConfig(defconfig);
  const values = new Map<KconfigSymbol, Value>();
  const choices = new Map<KconfigChoice, { tri: Tristate; selected: KconfigSymbol | null }>();
  const unset: Value = { tri: 0, text: '', isWritten: false };

  const modules = (): Tristate => (tree.modules ? symbolValue(tree.modules).tri : 0);

  const evaluate = (expr: Expr | null): Tristate => {
    if (expr === null) return 2;
    switch (expr.kind) {
      case 'symbol':
        return triOf(expr.symbol);
      case 'choice':
        return choiceOf(expr.choice).tri;
      case 'and': {
        const left = evaluate(expr.left);
        return left === 0 ? 0 : (Math.min(left, evaluate(expr.right)) as Tristate);
      }
      case 'or': {
        const left = evaluate(expr.left);
        return left === 2 ? 2 : (Math.max(left, evaluate(expr.right)) as Tristate);
      }
      case 'not':
        return (2 - evaluate(expr.operand)) as Tristate;
      case 'compare':
        return compare(expr) ? 2 : 0;
    }
  };

  const triOf = (symbol: KconfigSymbol): Tristate => {
    if (symbol.isConstant) {
      if (symbol.name === 'y') return 2;
      // `m` means `m && MODULES` in every condition (menu.c:rewrite_m).
      return symbol.name === 'm' && modules() !== 0 ? 1 : 0;
    }
    return symbol.type === 'bool' || symbol.type === 'tristate' ? symbolValue(symbol).tri : 0;
  };

  const textOf = (symbol: KconfigSymbol): string => {
    if (symbol.isConstant) return symbol.name;
    const value = symbolValue(symbol);
    if (symbol.type === 'bool' || symbol.type === 'tristate')
      return value.tri === 2 ? 'y' : value.tri === 1 ? 'm' : 'n';
    return value.text;
  };

  const compare = (expr: Extract<Expr, { kind: 'compare' }>): boolean => {
    const left = textOf(expr.left);
    const right = textOf(expr.right);
    const a = numberOf(left, expr.left);
    const b = numberOf(right, expr.right);
    const order = a === null || b === null ? (left < right ? -1 : left > right ? 1 : 0) : a < b ? -1 : a > b ? 1 : 0;
    switch (expr.operator) {
      case '=':
        return order === 0;
      case '!=':
        return order !== 0;
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '>=':
        return order >= 0;
    }
  };

  /** Greatest visibility of the prompts; a bool is never half visible. */
  const visibilityOf = (prompts: readonly (Expr | null)[], isTristate: boolean): Tristate => {
    let most: Tristate = 0;
    for (const prompt of prompts) {
      most = Math.max(most, evaluate(prompt)) as Tristate;
      if (most === 2) break;
    }
    return most === 1 && !(isTristate && modules() !== 0) ? 2 : most;
  };

  const greatest = (exprs: readonly (Expr | null)[]): Tristate => {
    let most: Tristate = 0;
    for (const expr of exprs) {
      most = Math.max(most, evaluate(expr)) as Tristate;
      if (most === 2) break;
    }
    return most;
  };

  const userTri = (symbol: KconfigSymbol): Tristate | null => {
    const given = user.values.get(symbol.name);
    if (given === undefined) return user.unset.has(symbol.name) ? 0 : null;
    if (given === 'y') return 2;
    // `m` for a bool is refused with a warning (confdata.c:conf_set_sym_val).
    return given === 'm' && symbol.type === 'tristate' ? 1 : null;
  };

  const choiceOf = (choice: KconfigChoice): { tri: Tristate; selected: KconfigSymbol | null } => {
    const before = choices.get(choice);
    if (before) return before;
    const result: { tri: Tristate; selected: KconfigSymbol | null } = { tri: 0, selected: null };
    choices.set(choice, result);
    const visible = visibilityOf(choice.prompts, choice.isTristate);
    const chosen = choice.members.map(userTri);
    if (choice.isOptional && !chosen.some((tri) => tri !== null && tri > 0)) return result;
    result.tri =
      choice.isTristate && chosen.every((tri) => tri !== 2) && chosen.includes(1)
        ? (Math.min(visible, 1) as Tristate)
        : visible;
    if (result.tri !== 2) return result;
    const isVisible = (member: KconfigSymbol): boolean => visibilityOf(member.prompts, false) !== 0;
    result.selected =
      choice.members.find((member, index) => chosen[index] === 2 && isVisible(member)) ??
      choice.defaults.find(({ symbol, condition }) => evaluate(condition) !== 0 && isVisible(symbol))?.symbol ??
      choice.members.find((member) => isVisible(member)) ??
      null;
    return result;
  };

  const boolValue = (symbol: KconfigSymbol, value: Value): void => {
    const isTristate = symbol.type === 'tristate' && modules() !== 0;
    const visible = visibilityOf(symbol.prompts, isTristate);
    if (visible !== 0) value.isWritten = true;
    if (symbol.choice) {
      const choice = choiceOf(symbol.choice);
      if (choice.tri === 2) {
        value.tri = visible !== 0 && choice.selected === symbol ? 2 : 0;
        return;
      }
    }
    const selected = capped(greatest(symbol.selectedBy), isTristate);
    let tri: Tristate = 0;
    const given = visible === 0 ? null : userTri(symbol);
    if (given !== null) tri = Math.min(given, visible) as Tristate;
    else {
      const active = symbol.defaults.find(({ condition }) => evaluate(condition) !== 0);
      if (active) {
        tri = Math.min(evaluate(active.value), evaluate(active.condition)) as Tristate;
        value.isWritten = true;
      }
      const implied = capped(greatest(symbol.impliedBy), isTristate);
      if (implied !== 0) {
        tri = Math.min(Math.max(tri, implied), capped(greatest(symbol.dependencies), isTristate)) as Tristate;
        value.isWritten = true;
      }
    }
    if (selected !== 0) value.isWritten = true;
    tri = Math.max(tri, selected) as Tristate;
    value.tri = capped(tri, isTristate);
  };

  const textValue = (symbol: KconfigSymbol, value: Value): void => {
    const visible = visibilityOf(symbol.prompts, false);
    const given = user.values.get(symbol.name);
    if (visible !== 0) value.isWritten = true;
    if (visible !== 0 && given !== undefined) value.text = unquoteConfigValue(given);
    else {
      const active = symbol.defaults.find(({ condition }) => evaluate(condition) !== 0);
      if (active) {
        value.isWritten = true;
        value.text = active.value.kind === 'symbol' ? textOf(active.value.symbol) : '';
      }
    }
    if (symbol.type === 'string') return;
    const base = symbol.type === 'hex' ? 16 : 10;
    const range = symbol.ranges.find(({ condition }) => evaluate(condition) !== 0);
    const number = parseNumber(value.text, base);
    if (range && number !== null) {
      const low = parseNumber(textOf(range.low), base);
      const high = parseNumber(textOf(range.high), base);
      const bound = low !== null && number < low ? low : high !== null && number > high ? high : null;
      if (bound !== null) value.text = symbol.type === 'hex' ? `0x${bound.toString(16)}` : String(bound);
    }
    if (value.text === '' && value.isWritten) value.text = symbol.type === 'hex' ? '0x0' : '0';
  };

  const symbolValue = (symbol: KconfigSymbol): Value => {
    const before = values.get(symbol);
    if (before) return before;
    if (symbol.isConstant) return unset;
    // Entered before it is worked out: a dependency on itself sees `n`, as in kconfig.
    const value: Value = { tri: 0, text: '', isWritten: false };
    values.set(symbol, value);
    if (symbol.type === 'bool' || symbol.type === 'tristate') boolValue(symbol, value);
    else if (symbol.type !== 'unknown') textValue(symbol, value);
    return value;
  };

  const out = new Map<string, string>();
  for (const symbol of tree.symbols.values()) {
    if (!symbol.isDefined) continue;
    const value = symbolValue(symbol);
    if (symbol.type === 'bool' || symbol.type === 'tristate') {
      if (value.tri !== 0) out.set(symbol.name, value.tri === 2 ? 'y' : 'm');
    } else if (symbol.type === 'string') {
      if (value.isWritten) out.set(symbol.name, `"${value.text.replace(/[\\"]/g, '\\$&')}"`);
    } else if (value.isWritten && value.text !== '') out.set(symbol.name, value.text);
  }
  return out;
}

/** `m` becomes `y` where only `y` and `n` exist. */
function capped(tri: Tristate, isTristate: boolean): Tristate {
  return tri === 1 && !isTristate ? 2 : tri;
}

/** What a value is in a comparison (`expr.c:expr_parse_string`); `null` means it compares as text. */
function numberOf(text: string, symbol: KconfigSymbol): bigint | null {
  switch (symbol.type) {
    case 'bool':
    case 'tristate':
      return text === 'y' ? 2n : text === 'm' ? 1n : text === 'n' ? 0n : null;
    case 'int':
      return parseNumber(text, 10);
    case 'hex':
      return parseNumber(text, 16);
    case 'string':
      return null;
    case 'unknown':
      return parseNumber(text, /^0x/i.test(text) ? 16 : 10);
  }
}

function parseNumber(text: string, base: 10 | 16): bigint | null {
  if (base === 16) return /^(0x)?[\da-f]+$/i.test(text) ? BigInt(/^0x/i.test(text) ? text : `0x${text}`) : null;
  return /^-?\d+$/.test(text) ? BigInt(text) : null;
}
