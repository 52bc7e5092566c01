import { type MemoryFileSource, memoryFileSource } from './memoryFileSource.ts';

/** What makes a folder a kernel tree, by path in it. */
export const smallTreeFiles: Readonly<Record<string, string>> = {
  Makefile: 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\nEXTRAVERSION = -demo\n',
  Kconfig: '',
  'arch/arm64/tools/cpucaps': '# caps\nALWAYS_BOOT\n\nHAS_PAN\nHAS_ARMv8_4_TTL\nWORKAROUND_7\n',
  'arch/arm64/include/asm/cpucaps.h': '#include <asm/cpucap-defs.h>\n',
  'arch/arm64/include/asm/alternative-macros.h': '#define ARM64_CB_SHIFT\t15\n',
};

/** A kernel-shaped tree of our own at `/k`: just enough to be recognized, plus the given files. */
export function smallTree(more: Readonly<Record<string, string>> = {}): MemoryFileSource {
  const files: Record<string, string> = {};
  for (const [path, text] of Object.entries(smallTreeFiles)) files[`/k/${path}`] = text;
  for (const [path, text] of Object.entries(more)) files[path.startsWith('/') ? path : `/k/${path}`] = text;
  return memoryFileSource(files);
}
