import type { FileSource } from './fileSource.ts';

/** Which numbers: 64-bit, 32-bit, or the 32-bit ones under `__NR_compat_` names. */
export type SyscallAbi = '64' | '32' | 'compat';

// scripts/Makefile.asm-headers and arch/arm64/kernel/Makefile.syscalls (6.12).
const abis64: ReadonlySet<string> = new Set(['common', '64', 'renameat', 'rlimit', 'memfd_secret', 'time64x']);
const abis32: ReadonlySet<string> = new Set(['common', '32', 'oabi']);

/** `asm/unistd_64.h`, `asm/unistd_32.h` or `asm/unistd_compat_32.h` of a tree with syscall tables (`scripts/syscallhdr.sh`). */
export function renderSyscallNumbers(files: FileSource, root: string, abi: SyscallAbi): string {
  const own = files.readText(`${root}/arch/arm64/tools/syscall_${abi === '64' ? '64' : '32'}.tbl`);
  const text = own ?? (abi === '64' ? files.readText(`${root}/scripts/syscall.tbl`) : undefined) ?? '';
  const wanted = abi === '64' ? wanted64(files.readText(`${root}/arch/arm64/kernel/Makefile.syscalls`)) : abis32;
  const prefix = abi === 'compat' ? `__NR_${compatPrefix(files, root)}` : '__NR_';
  const lines: string[] = [];
  let next = 0;
  for (const line of text.split('\n')) {
    const [number, kind, name] = line.trim().split(/\s+/);
    if (!/^\d+$/.test(number ?? '') || kind === undefined || name === undefined || !wanted.has(kind)) continue;
    lines.push(`#define ${prefix}${name} ${number}`);
    next = Math.max(next, Number(number) + 1);
  }
  lines.push(`#define ${prefix}syscalls ${next}`);
  return `${lines.join('\n')}\n`;
}

/** Kinds of the 64-bit table: `common`, `64` and what the architecture's makefile adds. */
function wanted64(makefile: string | undefined): ReadonlySet<string> {
  const added = /^syscall_abis_64[ \t]*\+=[ \t]*(.*)$/m.exec(makefile ?? '')?.[1];
  return added === undefined ? abis64 : new Set(['common', '64', ...added.split(/\s+/)]);
}

/** `compat_` (6.11) or `compat32_` (later stable releases too): what `cmd_syshdr` gives as `--prefix`. */
function compatPrefix(files: FileSource, root: string): string {
  const text = files.readText(`${root}/scripts/Makefile.asm-headers`) ?? '';
  return (/--prefix "?(compat[\w$*]*)/.exec(text)?.[1] ?? 'compat_').replace('$*', '32');
}
