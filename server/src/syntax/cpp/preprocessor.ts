import { finish, type Steps } from '../../base/steps.ts';
import type { CppCache } from './cache.ts';
import { dynamicMacros } from './dynamicMacros.ts';
import type { CppHost } from './includeSearch.ts';
import type { MacroState } from './macroTable.ts';
import type { CppInclude, CppIssue, CppLine, CppMacro, CppMacroUse, CppOptions, CppResult } from './model.ts';
import { predefined } from './predefined.ts';
import { Run } from './run.ts';

export { CppCache } from './cache.ts';
export type { CppHost } from './includeSearch.ts';

/**
 * Preprocesses one translation unit as `gcc -E` of GCC 12 does (`-x assembler-with-cpp` for `asm`), line by line
 * and blank by blank. `mainFile` is an absolute path, `text` its content (which may differ from the disk's).
 * `cache` makes the next run cheap: files are scanned once, and a file included by the main file is not read
 * again while the macro table it is entered with and all files below it are unchanged.
 *
 * Never throws; problems are in `issues`. Bounded by `options.limits`, a met limit is an issue of kind `limit`.
 * Sources: GNU cpp manual; GCC 12 libcpp and gcc/c-family/c-ppoutput.cc for the printed spacing.
 */
export function preprocess(
  mainFile: string,
  text: string,
  options: CppOptions,
  host: CppHost,
  cache: CppCache,
): CppResult {
  return finish(preprocessing(mainFile, text, options, host, cache));
}

/**
 * The same in small steps, between which the cache may serve other runs. A file that changes between two steps may be
 * read before or after it.
 */
export function* preprocessing(
  mainFile: string,
  text: string,
  options: CppOptions,
  host: CppHost,
  cache: CppCache,
): Steps<CppResult> {
  for (;;) {
    const result = yield* runOnce(mainFile, text, options, host, cache);
    if (result !== null) return result;
  }
}

/** `null`: the cache forgot its names in between. */
function* runOnce(
  mainFile: string,
  text: string,
  options: CppOptions,
  host: CppHost,
  cache: CppCache,
): Steps<CppResult | null> {
  cache.trim();
  const { language } = options;
  const main = cache.file(mainFile, text, language);
  const run = new Run(main, options, host, cache);
  cache.claim(run);
  cache.touchMain(mainFile);
  try {
    const { includePaths, defines, filePrefixes, predefined: given } = options;
    const included = options.includedText ?? 'all';
    const objectNames = (options.objectDefines ?? []).map(({ name }) => name);
    const isCompact = options.compact !== undefined;
    const parts = [
      language,
      includePaths,
      defines,
      filePrefixes ?? [],
      given ?? null,
      included,
      objectNames,
      isCompact,
    ];
    const signature = JSON.stringify(parts);
    run.setState(cache.root(signature, isCompact, () => dynamicMacros(language, cache.names, objectNames)));
    const builtIn = options.predefined ?? predefined.definitions(language);
    run.readDefinitions('<built-in>', definitionLines(builtIn));
    if (!(yield* run.read())) return null;
    if (options.defines.length > 0) {
      run.readDefinitions('<command line>', definitionLines(options.defines));
      if (!(yield* run.read())) return null;
    }
    for (const path of options.forcedIncludes) {
      const found = run.search.find(path, false, mainFile, null);
      const at = { file: '<command line>', line: 0, range: { start: 0, end: 0 }, spec: `"${path}"` };
      run.includes.push({ ...at, resolved: found?.file.path ?? null });
      if (found === undefined) {
        run.issues.push({ ...at, kind: 'include-not-found', message: `${path}: no such file` });
      } else {
        run.includeFile(found.file, found.directory, 0);
        if (!(yield* run.read())) return null;
      }
    }
    run.readMain();
    if (!(yield* run.read())) return null;
    run.output.flush();
    run.files.delete('<built-in>');
    run.files.delete('<command line>');
    const files = [main.path, ...[...run.files].filter((path) => path !== main.path)];
    const { issues, includes, inactive } = run;
    const { lines } = run.output;
    const found = { lines, includes, inactive, issues, uses: run.uses.sorted(), files };
    return new Result(found, run.state, cache, cache.generation);
  } finally {
    cache.release(run);
  }
}

/** `-D` and `-U` options as the lines they stand for. */
function definitionLines(defines: CppOptions['defines']): string {
  return defines
    .map(({ name, value }) => (value === null ? `#undef ${name}\n` : `#define ${name} ${value}\n`))
    .join('');
}

/** The same result with other lines and uses: what is kept for long can do without the tokens. */
export function withLines(
  result: CppResult,
  lines: readonly CppLine[],
  uses: readonly CppMacroUse[],
  files: readonly string[],
): CppResult {
  return result instanceof Result ? result.with(lines, uses, files) : { ...result, lines, uses, files };
}

class Result implements CppResult {
  readonly lines: readonly CppLine[];
  readonly includes: readonly CppInclude[];
  readonly inactive: CppResult['inactive'];
  readonly issues: readonly CppIssue[];
  readonly uses: readonly CppMacroUse[];
  readonly files: readonly string[];
  readonly #state: MacroState;
  readonly #cache: CppCache;
  readonly #generation: number;

  constructor(run: Omit<CppResult, 'macros' | 'macroNamed'>, state: MacroState, cache: CppCache, generation: number) {
    this.lines = run.lines;
    this.includes = run.includes;
    this.inactive = run.inactive;
    this.issues = run.issues;
    this.uses = run.uses;
    this.files = run.files;
    this.#state = state;
    this.#cache = cache;
    this.#generation = generation;
  }

  with(lines: readonly CppLine[], uses: readonly CppMacroUse[], files: readonly string[]): CppResult {
    const { includes, inactive, issues } = this;
    return new Result({ lines, includes, inactive, issues, uses, files }, this.#state, this.#cache, this.#generation);
  }

  get macros(): ReadonlyMap<string, CppMacro> {
    return this.#cache.definitions(this.#state);
  }

  macroNamed(name: string): CppMacro | null {
    return this.#cache.definition(this.#state, this.#generation, name);
  }
}
