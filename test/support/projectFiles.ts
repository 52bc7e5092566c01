import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Root of the repository, without a slash at its end. */
export const projectRoot: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Text of a file of the repository, by its path from the root. */
export function readProjectFile(path: string): string {
  return readFileSync(`${projectRoot}/${path}`, 'utf8');
}

/** Files below a folder of the repository whose names end in `suffix`, as paths from the root, in order. */
export function projectFiles(folder: string, suffix: string): readonly string[] {
  const found = readdirSync(`${projectRoot}/${folder}`, { recursive: true, encoding: 'utf8' });
  return found
    .filter((file) => file.endsWith(suffix))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .sort();
}
