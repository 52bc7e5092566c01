import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRegistry } from 'vscode-tmgrammar-test/dist/common/index.js';
import {
  type GrammarTestCase,
  parseGrammarTestCase,
  runGrammarTestCase,
  type TestFailure,
} from 'vscode-tmgrammar-test/dist/unit/index.js';

const ROOT = new URL('../../', import.meta.url);
const pathOf = (relative: string): string => new URL(relative, ROOT).pathname;

const registry = createRegistry([
  { path: pathOf('syntaxes/arm64-kernel-asm.tmLanguage.json'), scopeName: 'source.arm64-kernel-asm' },
  {
    path: pathOf('syntaxes/arm64-kernel-asm.injection.tmLanguage.json'),
    scopeName: 'source.arm64-kernel-asm.injection',
    injectTo: ['source.c'],
  },
  { path: pathOf('test/grammar/cStub.tmLanguage.json'), scopeName: 'source.c' },
]);

/** The failed assertion the way a person reads it: the source line, carets below, wanted and found scopes. */
function renderFailure(testCase: GrammarTestCase, failure: TestFailure): string {
  const source = testCase.source[failure.srcLine] ?? '';
  return [
    `line ${failure.line + 1}:`,
    source,
    ' '.repeat(failure.start) + '^'.repeat(Math.max(1, failure.end - failure.start)),
    `  missing: ${failure.missing.join(' ') || '-'}; unexpected: ${failure.unexpected.join(' ') || '-'}`,
    `  found:   ${failure.actual.join(' ')}`,
  ].join('\n');
}

describe('TextMate grammar', () => {
  const folder = new URL('test/grammar/', ROOT);
  for (const name of readdirSync(folder).filter((file) => /\.[Sh]$/.test(file))) {
    it(name, async () => {
      const testCase = parseGrammarTestCase(readFileSync(new URL(name, folder), 'utf8'));
      const failures = await runGrammarTestCase(registry, testCase);
      expect(failures.map((failure) => renderFailure(testCase, failure)).join('\n\n')).toBe('');
    });
  }
});

function listAssembly(folder: URL): URL[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return listAssembly(new URL(`${entry.name}/`, folder));
    return entry.name.endsWith('.S') ? [new URL(entry.name, folder)] : [];
  });
}

describe('TextMate grammar over the example tree', () => {
  it('ends every line of code at the outermost rule and marks nothing invalid', async () => {
    const grammar = await registry.loadGrammar('source.arm64-kernel-asm');
    if (!grammar) throw new Error('grammar not loaded');
    const wrong: string[] = [];
    for (const file of listAssembly(new URL('examples/', ROOT))) {
      let state: Parameters<typeof grammar.tokenizeLine>[1] = null;
      for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
        const line = grammar.tokenizeLine(text, state);
        state = line.ruleStack;
        const scopes = line.tokens.flatMap((token) => token.scopes);
        const isOpenComment = line.tokens.at(-1)?.scopes.some((scope) => scope.startsWith('comment.block'));
        if (scopes.some((scope) => scope.startsWith('invalid'))) wrong.push(`${file.pathname}:${index + 1} invalid`);
        if (line.ruleStack.depth > 1 && !text.endsWith('\\') && !isOpenComment) {
          wrong.push(`${file.pathname}:${index + 1} still open after: ${text}`);
        }
      }
      if (state && state.depth !== 1) wrong.push(`${file.pathname}: open at the end of the file`);
    }
    expect(wrong).toEqual([]);
  });
});

interface LanguageConfiguration {
  readonly wordPattern: string;
  readonly folding: { readonly markers: { readonly start: string; readonly end: string } };
  readonly indentationRules: Readonly<Record<string, string>>;
}

const configuration = JSON.parse(
  readFileSync(pathOf('syntaxes/arm64-kernel-asm.language-configuration.json'), 'utf8'),
) as LanguageConfiguration;

describe('language configuration', () => {
  it('keeps local labels, macro arguments and directives whole as words', () => {
    const words = (text: string): string[] => text.match(new RegExp(configuration.wordPattern, 'g')) ?? [];
    expect(words('\tldr\tx0, [\\tmp, :lo12:sym]')).toEqual(['ldr', 'x0', '\\tmp', 'lo12', 'sym']);
    expect(words('.Lfoo: .macro b.ne 1b, 0x1f')).toEqual(['.Lfoo', '.macro', 'b.ne', '1b', '0x1f']);
    expect(words('b\t.Lskip_\\@')).toEqual(['b', '.Lskip_\\@']);
    expect(words('alternative_if ARM64_HAS_PAN; v0.16b')).toEqual(['alternative_if', 'ARM64_HAS_PAN', 'v0.16b']);
  });

  it('opens and closes a fold for each block of the macro language, the preprocessor and the alternatives', () => {
    const start = new RegExp(configuration.folding.markers.start);
    const end = new RegExp(configuration.folding.markers.end);
    const sign = (line: string): string => (start.test(line) ? '+' : end.test(line) ? '-' : ' ');
    const lines = [
      '\t.macro foo, a',
      '\t.if \\a',
      '#ifdef CONFIG_X',
      'alternative_if_not ARM64_HAS_PAN',
      '\tnop',
      'alternative_else',
      'alternative_endif',
      'alternative_if ARM64_HAS_PAN',
      'alternative_else_nop_endif',
      'alternative_cb ARM64_ALWAYS_SYSTEM, f',
      'alternative_cb_end',
      'alternative_insn nop, isb, ARM64_HAS_SB',
      '#endif',
      '\t.endif',
      '\t.endm',
    ];
    expect(lines.map(sign).join('')).toBe('++++  -+-+- ---');
  });

  it('has only patterns that compile', () => {
    for (const pattern of Object.values(configuration.indentationRules))
      expect(() => new RegExp(pattern)).not.toThrow();
  });

  it('puts code after a label one step in and labels at the margin', () => {
    const increase = new RegExp(configuration.indentationRules.increaseIndentPattern ?? '');
    const decrease = new RegExp(configuration.indentationRules.decreaseIndentPattern ?? '');
    expect(['1:', '.Lx:', 'SYM_FUNC_START(f)', 'el1:\t// c'].map((line) => increase.test(line))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['\tnop', '#endif', '1:\tnop'].map((line) => increase.test(line))).toEqual([false, false, false]);
    expect(['\t1:', '\tSYM_FUNC_END(f)', '\tadd x0, x1, :lo12:y'].map((line) => decrease.test(line))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
