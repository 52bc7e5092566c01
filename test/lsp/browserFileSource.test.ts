import { describe, expect, it } from 'vitest';
import { createBrowserFileSource } from '../../server/src/lsp/browserFileSource.ts';

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
});
