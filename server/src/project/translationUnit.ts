import type { CppResult } from '../syntax/cpp/model.ts';
import { CppCache, type CppHost } from '../syntax/cpp/preprocessor.ts';
import type { CompileContext } from './compileContext.ts';
import { readC } from './cReading.ts';
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
 * Reads whole translation units. They are large (half a million tokens) and not kept; what is kept is what makes the
 * next reading of the same file cheap, and of no other: it takes 100 MB and more. A file that cannot stand alone is read as part of the one that includes it.
 */
export class TranslationUnits {
  #cache = new CppCache();
  #path = '';

  read(
    path: string,
    text: string,
    tree: KernelTree | null,
    host: CppHost,
    like?: CompileContext | null,
  ): TranslationUnit {
    if (path !== this.#path) {
      this.#path = path;
      this.#cache = new CppCache();
    }
    const input = {
      path,
      text,
      tree,
      object: null,
      ...(like == null ? {} : { context: like }),
      within: null,
      host,
      cache: this.#cache,
      includedText: 'all',
    } as const;
    const { cpp, context, within } = readC(input);
    return { path, text, tree, context, within, cpp };
  }
}
