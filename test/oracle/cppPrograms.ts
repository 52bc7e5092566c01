/** Makes random inputs for a preprocessor out of macros, conditionals, comments, literals and odd spacing. */
export function makeProgram(random: (bound: number) => number): string {
  const pick = <T>(choices: readonly [T, ...T[]]): T => choices[random(choices.length)] ?? choices[0];
  const names = ['A', 'B', 'C', 'F', 'G', 'H', 'V', 'W', 'foo', 'x', 'y', 'L'] as const;
  const numbers = ['1', '0x1f', '1e', '.5', '1.', '0b1', '12u'] as const;
  const operators =
    '+ - * / % < > <= = == ! & && | || ^ ~ . ... -> ++ -- += << >> <<= :: : ? ; # ## @ \\ [ ] { } $ ` <: :>'.split(' ');
  const literals = ['"s"', "'c'", '"a\\"b"', "L'x'", 'L"w"'] as const;
  const odd = ['/*c*/', ' /* d */ ', '__LINE__', '__VA_ARGS__', '__COUNTER__', "'"] as const;

  const token = (depth: number): string => {
    const kind = random(20);
    if (kind < 7) return pick(names);
    if (kind < 10) return pick(numbers);
    if (kind < 15) return operators[random(operators.length)] ?? '+';
    if (kind < 16) return pick(literals);
    if (kind < 17 && depth < 3) return `(${tokens(depth + 1)})`;
    if (kind < 18) return ',';
    if (kind < 19 && depth < 3) {
      const second = pick(['', `,${tokens(depth + 1)}`]);
      return `${pick(['F', 'G', 'H', 'V', 'W'])}${pick(['', ' ', '', '/**/'])}(${tokens(depth + 1)}${second})`;
    }
    return pick(odd);
  };
  const tokens = (depth = 0): string => {
    let out = '';
    for (let n = random(6); n > 0; n--) out += token(depth) + pick(['', ' ', '', '  ', '\t', '']);
    return out;
  };
  const body = (parameters: readonly string[], variadic: boolean): string => {
    const parameter = () => parameters[random(parameters.length)] ?? 'x';
    let out = '';
    for (let n = random(7); n > 0; n--) {
      const kind = random(10);
      if (parameters.length > 0 && kind < 5) out += parameter();
      else if (parameters.length > 0 && kind < 6) out += `#${pick(['', ' '])}${parameter()}`;
      else if (variadic && kind < 7) out += `__VA_OPT__(${pick(['', 'x', 'x y', 'a,b', 'a##b', parameter()])})`;
      else out += token(2);
      out += pick(['', ' ', ' ', '##', ' ## ', '']);
    }
    if (random(8) > 0) out = out.replace(/(?:##|\s)+$/, '');
    return random(8) > 0 ? out.replace(/^(?:\s|##)+/, '') : out;
  };
  const definition = (): string => {
    const name = pick(['A', 'B', 'C', 'F', 'G', 'H', 'V', 'W']);
    if (name < 'D') return `#define ${name} ${body([], false)}`;
    if (name === 'F') return `#define F(x) ${body(['x'], false)}`;
    if (name === 'G') return `#define G(x${pick([',', ', '])}y) ${body(['x', 'y'], false)}`;
    if (name === 'H') return `#define H() ${body([], false)}`;
    return pick([
      `#define ${name}(...) ${body(['__VA_ARGS__'], true)}`,
      `#define ${name}(x,...) ${body(['x', '__VA_ARGS__'], true)}`,
      `#define ${name}(x,r...) ${body(['x', 'r'], true)}`,
    ]);
  };
  const values = '0 1 2 0x7fffffffffffffff 18446744073709551615u 9223372036854775807 -1 5 63 64 1u 3UL'.split(' ');
  const comparisons = '+ - * / % << >> < > <= >= == != & | ^ && || ,'.split(' ');
  const expression = (depth = 0): string => {
    const kind = random(14);
    if (depth > 3 || kind < 2) return values[random(values.length)] ?? '0';
    if (kind < 3) return pick(["'a'", "'\\377'", "'ab'"]);
    if (kind < 4) return pick(['!', '-', '~', '+']) + expression(depth + 1);
    if (kind < 5) return `(${expression(depth + 1)})`;
    if (kind < 6) return `${expression(depth + 1)} ? ${expression(depth + 1)} : ${expression(depth + 1)}`;
    if (kind < 7) return pick(['defined A', 'defined(F)', '!defined zz', 'A', 'zz', 'F', '__LINE__', 'H()', 'F(1)']);
    return `${expression(depth + 1)} ${comparisons[random(comparisons.length)]} ${expression(depth + 1)}`;
  };
  const lines: (() => string)[] = [
    ...Array.from({ length: 6 }, () => definition),
    () => `#undef ${pick(names)}`,
    () => {
      const other = pick([`#else\n${tokens()}\n`, '', `#elif ${expression()}\nelif\n`, '#elifdef A\n q\n']);
      return `#if ${expression()}\n${tokens()}\n${other}#endif`;
    },
    () => `${pick(['#ifdef ', '#ifndef '])}${pick(names)}\n${tokens()}\n#else\nelse\n#endif`,
    () => `${pick(['', '  '])}${pick(['# foo A', '#', '#foo', '# 1', '  # B'])} ${tokens()}`,
    () => `${tokens()}\\\n${tokens()}`,
    () => `${tokens()}/* multi\n line */${tokens()}`,
    () => `${tokens()} // ${tokens()}`,
    () => '',
    () => {
      const between = pick(['\n#define A 7\n', '\n', '\n\n']);
      return `${pick(['F', 'G', 'V', 'W'])}(${tokens()}\n${tokens()}${between}${tokens()})${tokens()}`;
    },
    () => `${pick(['F', 'H', 'G'])}\n${pick(['(1,2)', '(3)', '()', '\n x', ' '])}${tokens()}`,
    () => `#define ${pick(['A', 'B'])} ${pick(['F', 'F(', 'G(1,', 'V(', '1)', 'H'])}`,
    ...Array.from({ length: 6 }, () => () => pick(['', '\t', '   ', '', ' ']) + tokens()),
  ];
  let out = '';
  for (let n = 3 + random(14); n > 0; n--) out += `${lines[random(lines.length)]?.() ?? ''}\n`;
  return out;
}
