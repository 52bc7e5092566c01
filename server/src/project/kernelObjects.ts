import { basename, dirname, joinPath, normalizePath } from '../base/path.ts';
import type { FileSource } from './fileSource.ts';
import { type MakefileVariables, readMakefile } from './kernelMakefile.ts';

/** One object of the tree and what its makefiles add to the flags every object gets. Paths are relative to the tree. */
export interface MakefileObject {
  readonly object: string;
  readonly variant: string | null;
  readonly makefile: string | null;
  /** Directory whose makefile builds it: `$(src)`. */
  readonly makefileDirectory: string;
  readonly asmFlags: readonly string[];
  readonly asmRemoved: readonly string[];
  readonly cFlags: readonly string[];
  readonly cRemoved: readonly string[];
  readonly isModule: boolean;
  readonly moduleName: string;
  readonly moduleFile: string;
  readonly notes: readonly string[];
  readonly dependencies: readonly string[];
}

/** Objects that the makefiles name. */
export interface ObjectIndex {
  /** Objects made from a source, given without its `.S` or `.c` (`arch/arm64/lib/memcpy`). */
  objectsOf(stem: string): readonly MakefileObject[];
  /** The object a source would give by its directory's flags, whether or not a makefile names it. */
  assumedObject(stem: string): MakefileObject;
}

interface NamedObject {
  readonly object: string;
  readonly makefile: DirectoryMakefile;
  readonly how: 'built' | 'listed';
}

interface DirectoryMakefile {
  readonly directory: string;
  readonly path: string;
  readonly variables: MakefileVariables;
}

// Directories below arch/arm64 without kernel objects of their own; dts alone has thousands of files.
const skipped = new Set(['boot', 'include', 'configs', 'tools']);

/** Reads the makefiles below `arch/arm64` (some thirty). A directory's makefile is `Kbuild` if there is one. */
export function indexObjects(files: FileSource, root: string, config: (name: string) => string | null): ObjectIndex {
  const read = new Map<string, DirectoryMakefile | null>();
  const makefileOf = (directory: string): DirectoryMakefile | null => {
    const before = read.get(directory);
    if (before !== undefined) return before;
    const found = readDirectoryMakefile(files, root, directory, config);
    read.set(directory, found);
    return found;
  };
  const byStem = new Map<string, NamedObject[]>();
  const walk = (directory: string, depth: number): void => {
    const makefile = makefileOf(directory);
    if (makefile && directory !== 'arch/arm64') {
      for (const [object, how] of objectsNamedBy(makefile)) {
        const stem = object.replace(/(\.(nvhe|pi|stub|vdso|compat))?\.o$/, '');
        const list = byStem.get(stem) ?? [];
        if (!list.some((entry) => entry.object === object && entry.how === how)) list.push({ object, makefile, how });
        byStem.set(stem, list);
      }
    }
    if (depth > 5) return;
    for (const entry of files.list(joinPath(root, directory))) {
      if (entry.kind === 'directory' && !skipped.has(entry.name) && !entry.name.startsWith('.')) {
        walk(`${directory}/${entry.name}`, depth + 1);
      }
    }
  };
  walk('arch/arm64', 0);

  const named = new Map<string, ReadonlyMap<string, 'built' | 'listed'>>();
  const namedBy = (makefile: DirectoryMakefile): ReadonlyMap<string, 'built' | 'listed'> => {
    const known = named.get(makefile.path) ?? objectsNamedBy(makefile);
    named.set(makefile.path, known);
    return known;
  };
  // Elsewhere in the tree an object is named by the makefile of its directory or of one above.
  const outside = (stem: string): readonly NamedObject[] => {
    const found: NamedObject[] = [];
    for (
      let directory = dirname(`/${stem}`).slice(1);
      directory !== '';
      directory = dirname(`/${directory}`).slice(1)
    ) {
      const makefile = makefileOf(directory);
      const how = makefile === null ? undefined : namedBy(makefile).get(`${stem}.o`);
      if (makefile !== null && how !== undefined) found.push({ object: `${stem}.o`, makefile, how });
    }
    return found;
  };

  return {
    objectsOf: (stem) => {
      const all = byStem.get(stem) ?? (stem.startsWith('arch/arm64/') ? [] : outside(stem));
      const built = all.filter((entry) => entry.how === 'built');
      const named = built.length > 0 ? built : all;
      const compiled = new Map<string, NamedObject>();
      for (const entry of named) {
        // `.pi.o` and `.stub.o` are objcopies of the plain object, not compilations of their own.
        const object = entry.object.replace(/\.(pi|stub)\.o$/, '.o');
        // A directory's own makefile speaks for its objects unless only others name them.
        const before = compiled.get(object);
        if (!before || entry.makefile.directory === dirname(object)) compiled.set(object, { ...entry, object });
      }
      return [...compiled.values()].map((entry) => describeObject(entry.object, entry.makefile, makefileOf, []));
    },
    assumedObject: (stem) => {
      const object = `${stem}.o`;
      for (
        let directory = dirname(`/${stem}`).slice(1);
        directory !== '';
        directory = dirname(`/${directory}`).slice(1)
      ) {
        const makefile = makefileOf(directory);
        if (makefile) return describeObject(object, makefile, makefileOf, []);
      }
      return describeObject(object, null, makefileOf, ['no makefile found for its directory']);
    },
  };
}

function readDirectoryMakefile(
  files: FileSource,
  root: string,
  directory: string,
  config: (name: string) => string | null,
): DirectoryMakefile | null {
  for (const name of ['Kbuild', 'Makefile']) {
    const path = `${root}/${directory}/${name}`;
    const text = files.readText(path);
    if (text === undefined) continue;
    const variables = readMakefile({
      text,
      preset: {
        srctree: root,
        objtree: '.',
        src: `${root}/${directory}`,
        obj: directory,
        ARCH: 'arm64',
        SRCARCH: 'arm64',
        CC: 'gcc',
      },
      config,
      include: (included) => files.readText(joinPath(root, included)),
    });
    // Up to 6.9 makefiles write `$(srctree)/$(src)`; since then `$(src)` has the tree in it, as here.
    const once = (value: string): string => value.replaceAll(`${root}/${root}`, root);
    return {
      directory,
      path,
      variables: {
        names: variables.names,
        value: (variable) => once(variables.value(variable)),
        words: (variable) => variables.words(variable).map(once),
      },
    };
  }
  return null;
}

/**
 * Objects the makefile builds (`built`: through `obj-*`, `lib-*`, `extra-y`, `targets` and the composites among
 * them) or that some other variable lists (a list from which it derives others, as nVHE does), as paths
 * relative to the tree.
 */
function objectsNamedBy(makefile: DirectoryMakefile): ReadonlyMap<string, 'built' | 'listed'> {
  const out = new Map<string, 'built' | 'listed'>();
  const listsOf = (name: string): readonly string[] =>
    makefile.variables
      .words(name)
      .filter((word) => /^[\w./+-]+\.o$/.test(word))
      .map((word) => normalizePath(word.startsWith(`${makefile.directory}/`) ? word : `${makefile.directory}/${word}`));
  const composites = new Map<string, string[]>();
  for (const name of makefile.variables.names) {
    // Flags per object are named after objects but list none.
    if (/^(AFLAGS|CFLAGS|OBJECT_FILES|KASAN|KCOV|KCSAN|GCOV|UBSAN|LDFLAGS)/.test(name)) continue;
    const objects = listsOf(name);
    const isGoal = /^(obj|lib|extra|always)-[ymn]?$|^targets$/.test(name);
    for (const object of objects) if (isGoal || !out.has(object)) out.set(object, isGoal ? 'built' : 'listed');
    const composite = /^([\w.-]+)-(?:y|m|objs|)$/.exec(name)?.[1];
    if (composite !== undefined && !isGoal) {
      const whole = normalizePath(`${makefile.directory}/${composite}.o`);
      composites.set(whole, [...(composites.get(whole) ?? []), ...objects]);
    }
  }
  for (const [whole, parts] of composites) {
    if (out.get(whole) === 'built') for (const part of parts) out.set(part, 'built');
  }
  return out;
}

function describeObject(
  object: string,
  makefile: DirectoryMakefile | null,
  makefileOf: (directory: string) => DirectoryMakefile | null,
  notes: readonly string[],
): MakefileObject {
  const directory = makefile?.directory ?? dirname(`/${object}`).slice(1);
  const stem = basename(object).replace(/\.o$/, '');
  const variant = /\.(\w+)$/.exec(stem)?.[1] ?? null;
  const dependencies: string[] = [];
  const inherited: { asm: string[]; c: string[] } = { asm: [], c: [] };
  const parts = directory.split('/');
  for (let n = 2; n <= parts.length; n++) {
    const above = makefileOf(parts.slice(0, n).join('/'));
    if (!above || n === 2) continue;
    dependencies.push(above.path);
    inherited.asm.push(...above.variables.words('subdir-asflags-y'));
    inherited.c.push(...above.variables.words('subdir-ccflags-y'));
  }
  const words = (name: string): readonly string[] => makefile?.variables.words(name) ?? [];
  const module = moduleOf(object, makefile);
  return {
    object,
    variant,
    makefile: makefile?.path ?? null,
    makefileDirectory: directory,
    asmFlags: [
      ...inherited.asm,
      ...words('KBUILD_CPPFLAGS'),
      ...words('KBUILD_AFLAGS'),
      ...words('asflags-y'),
      ...words(`AFLAGS_${stem}.o`),
    ],
    asmRemoved: [...words('asflags-remove-y'), ...words(`AFLAGS_REMOVE_${stem}.o`)],
    cFlags: [
      ...inherited.c,
      ...words('KBUILD_CPPFLAGS'),
      ...words('KBUILD_CFLAGS'),
      ...words('ccflags-y'),
      ...words(`CFLAGS_${stem}.o`),
    ],
    cRemoved: [...words('ccflags-remove-y'), ...words(`CFLAGS_REMOVE_${stem}.o`)],
    isModule: module.isModule,
    moduleName: module.name,
    moduleFile: `${directory}/${module.name}`,
    notes,
    dependencies,
  };
}

/** The module (or built-in composite) an object goes into: the `X` of `X-y` or `X-objs`, else the object itself. */
function moduleOf(object: string, makefile: DirectoryMakefile | null): { name: string; isModule: boolean } {
  const stem = basename(object).replace(/\.o$/, '');
  if (!makefile) return { name: stem, isModule: false };
  const has = (variable: string, name: string): boolean =>
    makefile.variables.words(variable).some((word) => joinPath('/', `${makefile.directory}/${word}`) === `/${name}`);
  for (const name of makefile.variables.names) {
    const composite = /^([\w.-]+)-(?:y|objs|m)$/.exec(name)?.[1];
    if (composite === undefined || /^(obj|lib|always|extra|hyp-obj|targets|clean|subdir)$/.test(composite)) continue;
    const composed = `${makefile.directory}/${composite}.o`;
    if (!has(name, object)) continue;
    if (has('obj-m', composed)) return { name: composite, isModule: true };
    if (has('obj-y', composed)) return { name: composite, isModule: false };
  }
  return { name: stem, isModule: has('obj-m', object) };
}
