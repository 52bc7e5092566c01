import { IndexBuild } from '../../server/src/project/nameIndex/indexBuild.ts';
import { NameTable } from '../../server/src/project/nameIndex/nameTable.ts';
import { NameScanner } from '../../server/src/project/nameIndex/scanNames.ts';
import {
  declarationFlag,
  definitionKinds,
  definitionStride,
  makerMask,
  staticFlag,
} from '../../server/src/project/nameIndex/scannedFile.ts';
import { NameIndex } from '../../server/src/project/nameIndex.ts';
import { type MemoryFileSource, memoryFileSource } from './memoryFileSource.ts';

/** Definitions of one text for people, a line each: `line kind name`. Fails when an offset does not lead to the name. */
export function scanText(text: string, isAssembly = false): string {
  const table = new NameTable();
  const bytes = new TextEncoder().encode(text);
  const { definitions } = new NameScanner(table).scan(bytes, bytes.length, isAssembly);
  const plain = text.replace(/^\ufeff/, '');
  const rows: string[] = [];
  for (let at = 0; at < definitions.length; at += definitionStride) {
    const [number = 0, offset = 0, lineAndKind = 0, maker = 0] = definitions.subarray(at, at + definitionStride);
    const name = table.text(number);
    if (!plain.startsWith(name, offset)) throw new Error(`${name} is not at ${offset}`);
    const flags = [
      lineAndKind & staticFlag ? 'static ' : '',
      lineAndKind & declarationFlag ? 'declared ' : '',
      definitionKinds[lineAndKind & 0x3f] ?? '?',
    ];
    const by = maker === 0 ? '' : ` by ${table.text(maker & makerMask)} argument ${maker >>> 28}`;
    rows.push(`${lineAndKind >>> 8} ${flags.join('')} ${name}${by}`);
  }
  return rows.join('\n');
}

export interface IndexFixture {
  readonly index: NameIndex;
  readonly files: MemoryFileSource;
  /** Reads what changed since. */
  readonly refresh: () => void;
}

/** An index of files below `/k`, all folders of which are in its scope. */
export function indexOf(texts: Readonly<Record<string, string>>): IndexFixture {
  const files = memoryFileSource(texts);
  const index = new NameIndex('/k', (path) => files.readText(path));
  const refresh = (): void => {
    const build = new IndexBuild(index, {
      files,
      scope: { folders: ['arch', 'include', 'kernel'], exclude: ['arch/x86'] },
      isOpen: () => false,
    });
    while (build.step());
    build.finish();
  };
  refresh();
  return { index, files, refresh };
}

/** Definitions of a name for people, a line each. */
export function definitionsText({ index }: Pick<IndexFixture, 'index'>, name: string): string {
  return index
    .definitionsOf(name)
    .map((one) => {
      const words = [one.isStatic ? 'static ' : '', one.isDeclaration ? 'declared ' : '', one.kind];
      return `${one.path}:${one.line} ${words.join('')}${one.madeBy === null ? '' : ` by ${one.madeBy}`}`;
    })
    .sort()
    .join('\n');
}
