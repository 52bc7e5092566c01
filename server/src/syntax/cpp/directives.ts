import { readHeaderTokens } from './dynamicMacros.ts';
import { type ConditionTokens, evaluateCondition } from './expression.ts';
import type { ConditionalGroup, Frame } from './frame.ts';
import { Directive } from './lineScan.ts';
import { readDefinition } from './macro.ts';
import { pragmaLine, runPragma } from './pragma.ts';
import type { Run } from './run.ts';
import { Kind, type Tok } from './token.ts';

/** Carries out the directive on a logical line of the file being read. `frame.line` is already behind it. */
export function runDirective(run: Run, frame: Frame, line: number, directive: number): void {
  switch (directive) {
    case Directive.if:
    case Directive.ifdef:
    case Directive.ifndef: {
      run.sync();
      const taken = isTrue(run, frame, line, directive);
      frame.groups.push({ line, taken, sawElse: false });
      if (!taken) skipBranches(run, frame, line);
      return;
    }
    case Directive.elif:
    case Directive.elifdef:
    case Directive.elifndef:
    case Directive.else: {
      const group = frame.groups[frame.groups.length - 1];
      if (group === undefined) {
        problem(run, frame, line, 'unbalanced-conditional', `${word(frame, line)} without #if`);
        return;
      }
      noteElse(run, frame, line, directive, group);
      group.taken = true;
      skipBranches(run, frame, line);
      return;
    }
    case Directive.endif:
      if (frame.groups.pop() === undefined) problem(run, frame, line, 'unbalanced-conditional', '#endif without #if');
      return;
    case Directive.define:
      define(run, frame, line);
      return;
    case Directive.undef:
      undefine(run, frame, line);
      return;
    case Directive.include:
    case Directive.includeNext:
    case Directive.import:
      include(run, frame, line, directive);
      return;
    case Directive.error:
      problem(run, frame, line, 'error-directive', messageOf(frame, line));
      return;
    case Directive.warning:
      problem(run, frame, line, 'warning-directive', messageOf(frame, line));
      return;
    case Directive.pragma:
      run.sync();
      runPragma(run, frame, line);
      return;
    case Directive.line:
    case Directive.number:
      presume(run, frame, line, directive);
      return;
    case Directive.ident:
      if (!run.isAsm() && (frame.isShown || run.readsIncludedText)) pragmaLine(run, frame, line);
      return;
    case Directive.unknown:
      problem(run, frame, line, 'bad-directive', `invalid preprocessing directive ${word(frame, line)}`);
      return;
    default:
      return;
  }
}

function word(frame: Frame, line: number): string {
  return `#${frame.file.tokens(line)[1]?.text ?? ''}`;
}

function messageOf(frame: Frame, line: number): string {
  const tokens = frame.file.tokens(line);
  const first = tokens[2];
  if (first === undefined) return word(frame, line);
  return `${word(frame, line)} ${frame.file.text.slice(first.offset, frame.file.end(line)).trimEnd()}`;
}

function problem(
  run: Run,
  frame: Frame,
  line: number,
  kind: 'unbalanced-conditional' | 'bad-directive' | 'error-directive' | 'warning-directive' | 'bad-expression',
  message: string,
): void {
  const start = frame.file.tokens(line)[0]?.offset ?? frame.file.start(line);
  run.issue(kind, message, { start, end: frame.file.end(line) });
}

function noteElse(run: Run, frame: Frame, line: number, directive: number, group: ConditionalGroup): void {
  if (group.sawElse) problem(run, frame, line, 'unbalanced-conditional', `${word(frame, line)} after #else`);
  if (directive === Directive.else) group.sawElse = true;
}

/** Goes on behind the next branch of a group that is to be read, or behind its `#endif`. */
function skipBranches(run: Run, frame: Frame, from: number): void {
  const { file, groups } = frame;
  const group = groups[groups.length - 1];
  if (group === undefined) return;
  let at = from;
  for (;;) {
    const next = file.lines.nextInGroup[at] ?? -1;
    if (frame.isShown) {
      const start = Math.min(file.end(at) + 1, file.text.length);
      const end = next < 0 ? file.text.length : file.start(next);
      if (end > start) run.inactive.push({ start, end });
    }
    if (next < 0) {
      frame.line = file.lineCount;
      return;
    }
    frame.line = next + 1;
    const directive = file.directive(next);
    if (directive === Directive.endif) {
      groups.pop();
      return;
    }
    const open = !group.taken && !group.sawElse;
    noteElse(run, frame, next, directive, group);
    if (open && (directive === Directive.else || isTrue(run, frame, next, directive))) {
      group.taken = true;
      return;
    }
    at = next;
  }
}

function isTrue(run: Run, frame: Frame, line: number, directive: number): boolean {
  if (directive === Directive.if || directive === Directive.elif) return evaluate(run, frame, line);
  const name = frame.file.tokens(line)[2];
  if (name === undefined || name.type !== Kind.name || name.name === null) {
    problem(run, frame, line, 'bad-directive', `no macro name given in ${word(frame, line)} directive`);
    return false;
  }
  const isDefined = testName(run, frame, name);
  return directive === Directive.ifdef || directive === Directive.elifdef ? isDefined : !isDefined;
}

function testName(run: Run, frame: Frame, name: Tok): boolean {
  const macro = name.name?.macro ?? null;
  if (macro === null) return false;
  if (frame.isShown) run.uses.addTest(macro, name);
  return true;
}

function evaluate(run: Run, frame: Frame, line: number): boolean {
  const { expander } = run;
  const trace = frame.isShown ? { tokens: [] as Tok[], expansions: [] as (typeof expander.expansion)[] } : null;
  run.uses.trace = trace;
  expander.inDirective = true;
  frame.readTokens(frame.file.tokens(line), 2);
  const tokens: ConditionTokens = {
    next: () => {
      const tok = expander.nextSolid();
      trace?.tokens.push(tok);
      trace?.expansions.push(expander.expansion);
      return tok;
    },
    nextRaw: () => {
      expander.preventExpansion++;
      const tok = expander.nextSolid();
      expander.preventExpansion--;
      return tok;
    },
    isDefined: (name) => testName(run, frame, name),
    definedOperator: (name) => name.name === run.cache.names.defined,
  };
  const result = evaluateCondition(tokens);
  expander.dropContexts();
  expander.inDirective = false;
  frame.readTokens([], 0);
  run.uses.trace = null;
  if (result.error !== null) problem(run, frame, line, 'bad-expression', result.error);
  return result.value;
}

function define(run: Run, frame: Frame, line: number): void {
  const { file } = frame;
  const macro = file.macro(line, () => {
    const made = readDefinition(file, line);
    return 'macro' in made ? made.macro : null;
  });
  if (macro === null) {
    const again = readDefinition(file, line);
    if ('error' in again) run.issue('bad-directive', again.error, { start: again.offset, end: file.end(line) });
    return;
  }
  run.sync();
  run.cache.table.set(macro.id, macro);
}

function undefine(run: Run, frame: Frame, line: number): void {
  const name = frame.file.tokens(line)[2];
  if (name === undefined || name.name === null) {
    problem(run, frame, line, 'bad-directive', 'no macro name given in #undef directive');
    return;
  }
  run.sync();
  if (name.name.macro !== null) run.cache.table.set(name.name, null);
}

function include(run: Run, frame: Frame, line: number, directive: number): void {
  const { file } = frame;
  const written = file.headerName(line);
  let name = written?.name ?? '';
  let angled = written?.angled ?? false;
  const start = written?.start ?? file.tokens(line)[2]?.offset ?? file.start(line);
  const end = written?.end ?? file.end(line);
  if (written === null) {
    const computed = computedName(run, frame, line);
    if (computed === null) {
      problem(run, frame, line, 'bad-directive', `${word(frame, line)} expects "FILENAME" or <FILENAME>`);
      return;
    }
    name = computed.name;
    angled = computed.angled;
  }
  const spec = angled ? `<${name}>` : `"${name}"`;
  const range = { start, end };
  const at = { file: file.path, line: file.physicalLine(start), range, spec };
  const after = directive === Directive.includeNext && !frame.isMain ? frame.directory : null;
  const found = run.search.find(name, angled, file.path, after);
  if (frame.isShown || run.readsIncludedText || found === undefined) {
    run.includes.push({ ...at, resolved: found?.file.path ?? null });
  }
  if (found === undefined) {
    run.issue('include-not-found', `${name}: no such file`, range);
    return;
  }
  if (frame.level >= run.maxDepth) {
    // GCC gives up here as well.
    run.stop(`#include nested more than ${run.maxDepth} deep`);
    return;
  }
  const { path } = found.file;
  const markRead = (): void => {
    run.sync();
    run.setFact(`once ${path}`, 1);
  };
  run.includeFile(found.file, found.directory, frame.level, directive === Directive.import ? markRead : null);
}

function computedName(run: Run, frame: Frame, line: number): { name: string; angled: boolean } | null {
  run.sync();
  const { expander } = run;
  expander.inDirective = true;
  frame.readTokens(frame.file.tokens(line), 2);
  const header = readHeaderTokens(run);
  expander.dropContexts();
  expander.inDirective = false;
  frame.readTokens([], 0);
  return header;
}

/** `#line 33 "file"`, and in C `# 33 "file"`: changes `__LINE__` and `__FILE__`, not our own places. */
function presume(run: Run, frame: Frame, line: number, directive: number): void {
  run.sync();
  const { expander } = run;
  expander.inDirective = true;
  frame.readTokens(frame.file.tokens(line), directive === Directive.line ? 2 : 1);
  const number = expander.nextSolid();
  const name = expander.nextSolid();
  expander.dropContexts();
  expander.inDirective = false;
  frame.readTokens([], 0);
  if (number.type !== Kind.number || !/^[0-9]+$/.test(number.text)) {
    problem(run, frame, line, 'bad-directive', `"${number.text}" after #line is not a positive integer`);
    return;
  }
  const following = frame.file.physicalLine(frame.file.end(line)) + 1;
  frame.lineShift = Number.parseInt(number.text, 10) - following;
  if (name.type === Kind.string) frame.presumedFile = name.text.slice(1, -1).replace(/\\(.)/g, '$1');
}
