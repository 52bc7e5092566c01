import { basename, dirname } from '../base/path.ts';
import type { KernelTree } from '../project/kernelTree.ts';

/**
 * Whether the makefiles name a C file's object and the configuration leaves it out, or leaves its folder out. A file
 * that no makefile names is not left out: it may be new, or part of another one.
 */
export function isLeftOut(tree: KernelTree, path: string): boolean {
  const folder = dirname(path);
  if (!folder.startsWith(`${tree.root}/`)) return false;
  if (saysNo(tree, folder, `${basename(path).replace(/\.c$/, '')}.o`)) return true;
  const parent = dirname(folder);
  return parent.startsWith(tree.root) && saysNo(tree, parent, `${basename(folder)}/`);
}

/** Every line of a folder's makefile that names the object depends on an option that is off. */
function saysNo(tree: KernelTree, folder: string, object: string): boolean {
  const text = tree.files.readText(`${folder}/Makefile`) ?? tree.files.readText(`${folder}/Kbuild`);
  if (text === undefined) return false;
  let named = false;
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const match = /^\s*obj-(y|m|\$\((CONFIG_\w+)\))\s*[+:]?=\s*([^#]*)/.exec(line);
    if (match === null || !(match[3] ?? '').split(/\s+/).includes(object)) continue;
    named = true;
    const option = match[2]?.replace(/^CONFIG_/, '');
    if (option === undefined || isOn(tree, option)) return false;
  }
  return named;
}

function isOn(tree: KernelTree, option: string): boolean {
  const value = tree.config.value(option);
  return value === 'y' || value === 'm';
}

/**
 * Whether the makefile of a C file's folder has it compiled without trace sites. A line that names an object of another folder
 * says nothing about this one.
 */
export function hasNoTraceSites(tree: KernelTree, path: string): boolean {
  const text = tree.files.readText(`${dirname(path)}/Makefile`) ?? tree.files.readText(`${dirname(path)}/Kbuild`) ?? '';
  if (!text.includes('CC_FLAGS_FTRACE')) return false;
  const object = `CFLAGS_REMOVE_${basename(path).replace(/\.c$/, '')}.o`;
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .some((line) => {
      const [, removes = '', , option] =
        /^\s*(CFLAGS_REMOVE_\S+|ccflags-remove-(y|\$\(CONFIG_(\w+)\)))\s*[+:]?=.*\$\(CC_FLAGS_FTRACE\)/.exec(line) ??
        [];
      if (removes.startsWith('CFLAGS')) return removes === object;
      return removes !== '' && (option === undefined || isOn(tree, option));
    });
}
