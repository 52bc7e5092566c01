import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createNodeFileSource } from '../../server/src/node/nodeFileSource.ts';

const directory = mkdtempSync(join(tmpdir(), 'patchpoint-files-'));
mkdirSync(join(directory, 'sub'));
writeFileSync(join(directory, 'sub/a.S'), 'nop\n');
symlinkSync('sub', join(directory, 'link'));
symlinkSync('nowhere', join(directory, 'dangling'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('files of the disk', () => {
  it('reads, looks and lists; links are followed and named', () => {
    const files = createNodeFileSource();
    expect(files.readText(`${directory}/link/a.S`)).toBe('nop\n');
    expect(files.readText(`${directory}/sub`)).toBeUndefined();
    expect(files.kindOf(`${directory}/link`)).toBe('directory');
    expect(files.kindOf(`${directory}/sub/a.S/deeper`)).toBeUndefined();
    expect(files.list(directory)).toEqual([
      { name: 'link', kind: 'directory' },
      { name: 'sub', kind: 'directory' },
    ]);
    expect(files.linkTarget(`${directory}/link`)).toBe(`${directory}/sub`);
    expect(files.linkTarget(`${directory}/sub`)).toBeUndefined();
    expect(files.list(`${directory}/none`)).toEqual([]);
  });

  it('keeps what it saw until it is told to forget', () => {
    const files = createNodeFileSource();
    const path = `${directory}/late.S`;
    expect(files.kindOf(path)).toBeUndefined();
    writeFileSync(path, '');
    expect(files.kindOf(path)).toBeUndefined();
    files.forget(path);
    expect(files.kindOf(path)).toBe('file');
    rmSync(path);
  });
});
