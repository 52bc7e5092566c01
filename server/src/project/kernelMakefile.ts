/** Variables of a makefile after it was read, fully expanded on demand. */
export interface MakefileVariables {
  /** Expanded value with white space collapsed; empty when the variable is not set. */
  value(name: string): string;
  /** `value` split into words. */
  words(name: string): readonly string[];
  readonly names: readonly string[];
}

export interface MakefileInput {
  readonly text: string;
  /** Variables that are set before the first line. `CONFIG_*` come from `config`. */
  readonly preset: Readonly<Record<string, string>>;
  /** Value of `CONFIG_name`, `null` when it is not set. */
  readonly config: (name: string) => string | null;
  /** Text of an included makefile; `undefined` leaves the include out. */
  readonly include?: (path: string) => string | undefined;
}

interface Variable {
  value: string;
  recursive: boolean;
}

const maxDepth = 24;
const maxIncludes = 60;
const maxExpandedLength = 200_000;
const maxExpansions = 300_000;

/**
 * Reads a makefile as far as flags and object lists need it: assignments, conditionals, includes and the text functions.
 * Rules, recipes and `define` blocks are passed over; what would run a program is answered as a current
 * GNU toolchain answers (`cc-option` and its kin succeed, `$(shell …)` is empty). Total: any text gives variables.
 */
export function readMakefile(input: MakefileInput): MakefileVariables {
  const variables = new Map<string, Variable>();
  for (const [name, value] of Object.entries(input.preset)) variables.set(name, { value, recursive: false });
  const expander = makeExpander(variables, input.config);
  let nIncludes = 0;

  const run = (text: string, depth: number): void => {
    // One element per open conditional: is this branch taken, was any branch taken, is the outside live.
    const stack: { live: boolean; taken: boolean; outer: boolean }[] = [];
    let inDefine = false;
    let inRule = false;
    const isLive = (): boolean => stack[stack.length - 1]?.live ?? true;
    for (const line of logicalLines(text)) {
      const body = line.trim();
      if (inDefine) {
        if (/^endef\b/.test(body)) inDefine = false;
        continue;
      }
      if (line.startsWith('\t') && inRule) continue;
      if (body === '') continue;
      const conditional = /^(ifeq|ifneq|ifdef|ifndef|else|endif)\b[ \t]*(.*)$/.exec(body);
      if (conditional) {
        const [, word = '', rest = ''] = conditional;
        if (word === 'endif') stack.pop();
        else if (word === 'else') {
          const top = stack[stack.length - 1];
          if (!top) continue;
          const nested = /^(ifeq|ifneq|ifdef|ifndef)\b[ \t]*(.*)$/.exec(rest);
          const holds = !top.taken && (!nested || test(nested[1] ?? '', nested[2] ?? ''));
          top.live = top.outer && holds;
          top.taken ||= holds;
        } else {
          const outer = isLive();
          const holds = outer && test(word, rest);
          stack.push({ live: holds, taken: holds, outer });
        }
        continue;
      }
      if (!isLive()) {
        if (/^define\b/.test(body)) inDefine = true;
        continue;
      }
      if (/^(override[ \t]+)?define\b/.test(body)) {
        inDefine = true;
        continue;
      }
      const include = /^-?s?include[ \t]+(.*)$/.exec(body);
      if (include) {
        inRule = false;
        for (const path of expander(include[1] ?? '').split(/\s+/)) {
          if (path === '' || depth > 6 || ++nIncludes > maxIncludes) continue;
          const included = input.include?.(path);
          if (included !== undefined) run(included, depth + 1);
        }
        continue;
      }
      const assignment =
        /^(?:(?:export|override|private)[ \t]+)*([^\s:#=+?!][^\s:#=+?!]*)[ \t]*(::?=|\+=|\?=|!=|=)[ \t]*([\s\S]*)$/.exec(
          body,
        );
      if (assignment) {
        inRule = false;
        assign(expander(assignment[1] ?? '').trim(), assignment[2] ?? '=', assignment[3] ?? '');
        continue;
      }
      if (/:/.test(body)) inRule = true;
    }
  };

  const assign = (name: string, operator: string, text: string): void => {
    const before = variables.get(name);
    if (operator === '+=' && before) {
      const added = before.recursive ? text : expander(text);
      if (before.value.length + added.length < maxExpandedLength) before.value = `${before.value} ${added}`;
    } else if (operator === '=' || operator === '+=') variables.set(name, { value: text, recursive: true });
    else if (operator === '?=') {
      if (!before) variables.set(name, { value: text, recursive: true });
    } else if (operator === '!=') variables.set(name, { value: '', recursive: false });
    else variables.set(name, { value: expander(text), recursive: false });
  };

  const test = (word: string, rest: string): boolean => {
    if (word === 'ifdef' || word === 'ifndef') {
      const name = expander(rest).trim();
      const isSet = name.startsWith('CONFIG_')
        ? input.config(name.slice('CONFIG_'.length)) !== null
        : (variables.get(name)?.value ?? '').trim() !== '';
      return isSet === (word === 'ifdef');
    }
    const [left, right] = conditionSides(rest);
    return (expander(left).trim() === expander(right).trim()) === (word === 'ifeq');
  };

  run(input.text, 0);
  const value = (name: string): string => expander(`$(${name})`).replace(/\s+/g, ' ').trim();
  return {
    value,
    words: (name) =>
      value(name)
        .split(' ')
        .filter((word) => word !== ''),
    names: [...variables.keys()],
  };
}

/** Lines with `\`-continuations joined and comments removed; a leading tab is kept. */
function* logicalLines(text: string): Generator<string> {
  let pending = '';
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.endsWith('\\') && !line.endsWith('\\\\')) {
      pending += `${pending === '' ? line.slice(0, -1) : line.slice(0, -1).trimStart()} `;
      continue;
    }
    yield withoutComment(pending === '' ? line : pending + line.trimStart());
    pending = '';
  }
  if (pending !== '') yield withoutComment(pending);
}

function withoutComment(line: string): string {
  for (let at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
    if (line[at - 1] !== '\\') return line.slice(0, at);
  }
  return line;
}

/** The two sides of `(a,b)`, `"a" "b"` or `'a' 'b'`. */
function conditionSides(rest: string): readonly [string, string] {
  const text = rest.trim();
  if (text.startsWith('(')) {
    const end = text.lastIndexOf(')');
    const [left = '', ...right] = splitArguments(text.slice(1, end < 0 ? text.length : end));
    return [left, right.join(',')];
  }
  const quoted = /^(["'])(.*?)\1[ \t]*(["'])(.*?)\3/.exec(text);
  return quoted ? [quoted[2] ?? '', quoted[4] ?? ''] : [text, ''];
}

/** Splits at commas that stand outside of every `$(…)` and `${…}`. */
function splitArguments(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '(' || c === '{') depth++;
    else if (c === ')' || c === '}') depth--;
    else if (c === ',' && depth <= 0) {
      out.push(text.slice(start, at));
      start = at + 1;
    }
  }
  out.push(text.slice(start));
  return out;
}

function makeExpander(
  variables: ReadonlyMap<string, Variable>,
  config: MakefileInput['config'],
): (text: string) => string {
  // Self-doubling definitions would otherwise take for ever.
  let left = maxExpansions;
  const expand = (text: string, depth: number, args: readonly string[]): string => {
    if (!text.includes('$')) return text;
    if (depth > maxDepth || --left < 0) return '';
    let out = '';
    let at = 0;
    while (at < text.length && out.length < maxExpandedLength) {
      const dollar = text.indexOf('$', at);
      if (dollar < 0) break;
      out += text.slice(at, dollar);
      const open = text[dollar + 1];
      if (open === '(' || open === '{') {
        const end = closing(text, dollar + 1);
        out += reference(text.slice(dollar + 2, end), depth + 1, args);
        at = end + 1;
      } else {
        if (open === '$') out += '$';
        else if (open !== undefined) out += lookup(open, depth + 1, args);
        at = dollar + 2;
      }
    }
    return at < text.length ? out + text.slice(at) : out;
  };

  const lookup = (name: string, depth: number, args: readonly string[]): string => {
    if (/^\d$/.test(name)) return args[Number(name)] ?? '';
    if (name === 'comma') return ',';
    if (name === 'pound') return '#';
    if (name.startsWith('CONFIG_')) return config(name.slice('CONFIG_'.length)) ?? '';
    const variable = variables.get(name);
    if (!variable) return '';
    return variable.recursive ? expand(variable.value, depth, args) : variable.value;
  };

  const reference = (inside: string, depth: number, args: readonly string[]): string => {
    const call = /^([a-z-]+)[ \t]+([\s\S]*)$/.exec(inside);
    if (call?.[1] && call[2] !== undefined && (call[1] in textFunctions || specialFunctions.has(call[1]))) {
      return apply(call[1], splitArguments(call[2]), depth, args);
    }
    const substitution = /^([^:=\s]+):([^=]*)=(.*)$/.exec(inside);
    if (substitution) {
      const [, name = '', from = '', to = ''] = substitution;
      const pattern = from.includes('%') ? [from, to] : [`%${from}`, `%${to}`];
      return patsubst(
        pattern[0] ?? '',
        expand(pattern[1] ?? '', depth, args),
        lookup(expand(name, depth, args), depth, args),
      );
    }
    return lookup(expand(inside, depth, args).trim(), depth, args);
  };

  const apply = (name: string, raw: readonly string[], depth: number, args: readonly string[]): string => {
    const argument = (index: number): string => expand(raw[index] ?? '', depth, args);
    switch (name) {
      case 'if':
        return argument(0).trim() !== ''
          ? argument(1)
          : raw
              .slice(2)
              .map((_, index) => argument(index + 2))
              .join(',');
      case 'or':
        return raw.map((_, index) => argument(index)).find((value) => value.trim() !== '') ?? '';
      case 'and': {
        const values = raw.map((_, index) => argument(index));
        return values.some((value) => value.trim() === '') ? '' : (values[values.length - 1] ?? '');
      }
      case 'foreach': {
        const variable = argument(0).trim();
        const body = raw.slice(2).join(',');
        // The loop variable is put into the body's text: bodies of kernel makefiles only name it plainly.
        return words(argument(1))
          .map((word) => expand(body.replaceAll(`$(${variable})`, word), depth, args))
          .join(' ');
      }
      case 'call': {
        const called = argument(0).trim();
        const given = raw.map((_, index) => argument(index));
        if (/^(cc|as|ld)-option$|^(cc|as|ld)-ifversion$|^__cc-option$/.test(called)) return (given[1] ?? '').trim();
        if (called === 'cc-disable-warning') return '';
        if (called === 'try-run') return (given[2] ?? '').trim() || (given[3] ?? '').trim();
        if (/-(min-version|yn)$/.test(called)) return 'y';
        const variable = variables.get(called);
        return variable ? expand(variable.value, depth, given) : '';
      }
      case 'shell':
      case 'wildcard':
      case 'eval':
      case 'error':
      case 'warning':
      case 'info':
      case 'origin':
      case 'flavor':
        return '';
      case 'value':
        return variables.get(argument(0).trim())?.value ?? '';
      default:
        return textFunctions[name]?.(raw.map((_, index) => argument(index))) ?? '';
    }
  };
  return (text) => expand(text, 0, []);
}

const specialFunctions: ReadonlySet<string> = new Set(
  'if or and foreach call shell wildcard eval error warning info origin flavor value'.split(' '),
);

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const eachWord =
  (change: (word: string) => string) =>
  ([text = '']: readonly string[]): string =>
    words(text).map(change).join(' ');

const textFunctions: Readonly<Record<string, (args: readonly string[]) => string>> = {
  subst: ([from = '', to = '', text = '']) => (from === '' ? text : text.replaceAll(from, to)),
  patsubst: ([from = '', to = '', text = '']) => patsubst(from.trim(), to.trim(), text),
  strip: eachWord((word) => word),
  findstring: ([part = '', text = '']) => (text.includes(part) ? part : ''),
  filter: ([patterns = '', text = '']) => filter(patterns, text, true),
  'filter-out': ([patterns = '', text = '']) => filter(patterns, text, false),
  sort: ([text = '']) => [...new Set(words(text))].sort().join(' '),
  word: ([n = '', text = '']) => words(text)[Number(n) - 1] ?? '',
  words: ([text = '']) => String(words(text).length),
  wordlist: ([from = '', to = '', text = '']) =>
    words(text)
      .slice(Number(from) - 1, Number(to))
      .join(' '),
  firstword: ([text = '']) => words(text)[0] ?? '',
  lastword: ([text = '']) => words(text).at(-1) ?? '',
  addprefix: ([prefix = '', text = '']) =>
    words(text)
      .map((word) => prefix.trim() + word)
      .join(' '),
  addsuffix: ([suffix = '', text = '']) =>
    words(text)
      .map((word) => word + suffix.trim())
      .join(' '),
  dir: eachWord((word) => (word.includes('/') ? word.slice(0, word.lastIndexOf('/') + 1) : './')),
  notdir: eachWord((word) => word.slice(word.lastIndexOf('/') + 1)),
  basename: eachWord((word) => word.replace(/\.[^./]*$/, '')),
  suffix: eachWord((word) => /\.[^./]*$/.exec(word)?.[0] ?? ''),
  realpath: eachWord((word) => word.replace(/(.)\/$/, '$1')),
  abspath: eachWord((word) => word.replace(/(.)\/$/, '$1')),
  join: ([left = '', right = '']) => {
    const rights = words(right);
    return words(left)
      .map((word, index) => word + (rights[index] ?? ''))
      .join(' ');
  },
};

function filter(patterns: string, text: string, keep: boolean): string {
  const tests = words(patterns);
  return words(text)
    .filter((word) => tests.some((pattern) => matchPattern(pattern, word) !== null) === keep)
    .join(' ');
}

/** What `%` stood for (empty when the pattern has none), or `null` when the word does not match. */
function matchPattern(pattern: string, word: string): string | null {
  const at = pattern.indexOf('%');
  if (at < 0) return pattern === word ? '' : null;
  const before = pattern.slice(0, at);
  const after = pattern.slice(at + 1);
  const fits = word.length >= before.length + after.length && word.startsWith(before) && word.endsWith(after);
  return fits ? word.slice(before.length, word.length - after.length) : null;
}

function patsubst(from: string, to: string, text: string): string {
  return words(text)
    .map((word) => {
      const stem = matchPattern(from, word);
      return stem === null ? word : to.replace('%', () => stem);
    })
    .join(' ');
}

/** Index of the bracket that closes the one at `open`, or the text's length. */
function closing(text: string, open: number): number {
  const opener = text[open];
  const closer = opener === '(' ? ')' : '}';
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === opener) depth++;
    else if (text[at] === closer && --depth === 0) return at;
  }
  return text.length;
}
