import { describe, expect, it } from 'vitest';
import { createBrowserFileSource } from '../../server/src/lsp/browserFileSource.ts';
import type { ReadFile } from '../../server/src/lsp/protocol.ts';
import { IndexBuild } from '../../server/src/project/nameIndex/indexBuild.ts';
import { NameIndex } from '../../server/src/project/nameIndex.ts';

const file = (text: string) => ({ uri: '', kind: 'file' as const, text });
const directory = (...names: readonly string[]) => ({
  uri: '',
  kind: 'directory' as const,
  entries: names.map((name) => ({ name, kind: 'file' as const })),
});

describe('the file source of a web worker', () => {
  it('remembers what was asked for and is not there, once', () => {
    const files = createBrowserFileSource();
    expect(files.readText('/a.h')).toBeUndefined();
    expect(files.kindOf('/a.h')).toBeUndefined();
    expect(files.takeWanted()).toEqual(['/a.h']);
    expect(files.takeWanted()).toEqual([]);
  });

  it('knows what it was given, also that something is absent', () => {
    const files = createBrowserFileSource();
    files.put('/a.h', file('text'));
    files.put('/b.h', { uri: '', kind: 'absent' });
    expect(files.readText('/a.h')).toBe('text');
    expect(files.kindOf('/b.h')).toBeUndefined();
    expect(files.stamp('/b.h')).toBeUndefined();
    expect(files.takeWanted()).toEqual([]);
  });

  it('does not ask for what the listing of a directory shows to be absent', () => {
    const files = createBrowserFileSource();
    files.put('/include', directory('x.h'));
    expect(files.kindOf('/include/x.h')).toBe('file');
    expect(files.readText('/include/y.h')).toBeUndefined();
    expect(files.takeWanted()).toEqual([]);
    expect(files.readText('/include/x.h')).toBeUndefined();
    expect(files.takeWanted()).toEqual(['/include/x.h']);
  });

  it('asks again for what it was told to forget, and gives a new stamp', () => {
    const files = createBrowserFileSource();
    files.put('/a.h', file('old'));
    const before = files.stamp('/a.h');
    files.forget('/a.h');
    expect(files.readText('/a.h')).toBeUndefined();
    files.put('/a.h', file('new'));
    expect(files.stamp('/a.h')).not.toBe(before);
  });

  it('lets a text go and asks for it again; it is the same file', () => {
    const files = createBrowserFileSource();
    files.put('/a.h', file('text'));
    const before = files.stamp('/a.h');
    files.release?.('/a.h');
    expect(files.kindOf('/a.h')).toBe('file');
    expect(files.takeWanted()).toEqual([]);
    expect(files.readText('/a.h')).toBeUndefined();
    expect(files.takeWanted()).toEqual(['/a.h']);
    expect(files.knows('/a.h')).toBe(false);
    files.put('/a.h', file('text'));
    expect(files.readText('/a.h')).toBe('text');
    expect(files.stamp('/a.h')).toBe(before);
  });

  it('has a tree indexed without holding all of its texts', () => {
    const disk: Readonly<Record<string, ReadFile>> = {
      '/k/kernel': {
        uri: '',
        kind: 'directory',
        entries: [...directory('a.c', 'b.c').entries, { name: 'sub', kind: 'directory' }],
      },
      '/k/kernel/sub': directory('c.c'),
      '/k/kernel/a.c': file('int first;\n'),
      '/k/kernel/b.c': file('int second;\n'),
      '/k/kernel/sub/c.c': file('int third;\n'),
    };
    const files = createBrowserFileSource();
    const index = new NameIndex('/k', (path) => files.readText(path));
    const scope = { folders: ['kernel', 'absent'], exclude: [] };
    const build = new IndexBuild(index, { files, scope, isOpen: () => false });
    for (let rounds = 0; rounds < 10; rounds++) {
      while (build.step());
      const wanted = files.takeWanted();
      for (const path of wanted) files.put(path, disk[path] ?? { uri: '', kind: 'absent' });
      if (!build.retry() && wanted.length === 0) break;
    }
    build.finish();
    expect(index.figures.files).toBe(3);
    expect(index.definitionsOf('third').map(({ path }) => path)).toEqual(['/k/kernel/sub/c.c']);
    expect(files.knows('/k/kernel/a.c')).toBe(false);
  });
});
