import type { Steps } from '../base/steps.ts';
import type { CppResult } from '../syntax/cpp/model.ts';
import { CppCache, type CppHost } from '../syntax/cpp/preprocessor.ts';
import type { CompileContext } from './compileContext.ts';
import { readingC } from './cReading.ts';
import type { KernelTree } from './kernelTree.ts';

/** A C file with the text of all that it includes, as one object of the build compiles it. */
export interface TranslationUnit {
  readonly path: string;
  readonly text: string;
  readonly tree: KernelTree | null;
  readonly context: CompileContext | null;
  /** The file that is compiled: the file itself, or one that includes it. */
  readonly within: string;
  readonly cpp: CppResult;
}

/**
 * How much is kept of a unit's headers. `again`: their lines, in compact form, so that an edit of the file reads its own
 * lines only. `once`: their texts alone, which other units share. `plain`: nothing, and lines with their tokens.
 */
export type UnitReading = 'again' | 'once' | 'plain';

/**
 * Reads whole translation units: half a million tokens each. A file that cannot stand alone is read as part of the one
 * that includes it. Units are not kept here, only what makes the next reading cheap.
 */
export class TranslationUnits {
  readonly #cache: CppCache;

  constructor(cache: CppCache) {
    this.#cache = cache;
  }

  /** In steps; a file that changes between two of them may be read before or after it. */
  *read(
    path: string,
    text: string,
    tree: KernelTree | null,
    host: CppHost,
    like: CompileContext | null,
    reading: UnitReading,
  ): Steps<TranslationUnit> {
    const input = {
      path,
      text,
      tree,
      object: null,
      ...(like === null ? {} : { context: like }),
      within: null,
      host,
      cache: reading === 'plain' ? new CppCache() : this.#cache,
      includedText: 'all',
      ...(reading === 'plain' ? {} : { compact: reading }),
    } as const;
    const { cpp, context, within } = yield* readingC(input);
    return { path, text, tree, context, within, cpp };
  }
}
