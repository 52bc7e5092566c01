import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IndexStore } from '../project/nameIndex/storedIndex.ts';

/** Trees whose indexes are kept: the ones that were written last. */
const maxKept = 6;

/** Keeps indexes as files of a folder, which is made when it is needed. `say` is told of what fails. */
export function createNodeIndexStore(folder: string, say: (problem: string) => void): IndexStore {
  const fileOf = (key: string): string =>
    join(folder, `names-${createHash('sha256').update(key).digest('hex').slice(0, 16)}.index`);
  return {
    read: async (key) => {
      try {
        return await readFile(fileOf(key));
      } catch (error) {
        if (!isAbsent(error)) say(`the kept index cannot be read: ${String(error)}`);
        return null;
      }
    },
    write: async (key, bytes) => {
      const file = fileOf(key);
      const half = `${file}.${process.pid}.tmp`;
      try {
        await mkdir(folder, { recursive: true });
        // Another server may read it meanwhile: it finds the old one or the new one.
        await writeFile(half, bytes);
        await rename(half, file);
        await removeOldest(folder);
      } catch (error) {
        say(`the index cannot be kept: ${String(error)}`);
        await rm(half, { force: true }).catch((reason: unknown) => say(String(reason)));
      }
    },
  };
}

async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^names-.*\.index$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = files.sort((left, right) => right.at - left.at).slice(maxKept);
  await Promise.all(old.map(async ({ path }) => await rm(path, { force: true })));
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
