import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { openKernelTree } from '../../server/src/project/kernelTree.ts';
import { smallTree } from '../support/smallTree.ts';

const generated = '/k/.patchpoint-generated';
const files = smallTree({
  'arch/arm64/configs/defconfig': 'CONFIG_ARM64=y\nCONFIG_M=m\nCONFIG_S="s"\nCONFIG_N=7\n',
  'arch/arm64/tools/sysreg': 'Sysreg A_EL1 3 0 1 0 0\nField 63:0 ALL\nEndSysreg\n',
  'arch/arm64/include/asm/Kbuild': 'generic-y += made.h\nsyscall-y += unistd_32.h\n',
  'include/asm-generic/Kbuild': 'mandatory-y += own.h\nmandatory-y += both.h\nmandatory-y += absent.h\n',
  'include/asm-generic/made.h': '',
  'include/asm-generic/own.h': '',
  'include/asm-generic/both.h': '',
  'arch/arm64/include/asm/both.h': '',
  'arch/arm64/tools/syscall_32.tbl': '# t\n1\tcommon\texit\tsys_exit\n2\toabi\told\n5\tother\tno\n',
  'arch/arm64/tools/syscall_64.tbl': '0\tcommon\tio\n1\t32\tno\n3\trlimit\tgetrlimit\n',
});
const tree = openKernelTree(files, '/k', { logger: silentLogger });
const text = (path: string): string | undefined => tree.files.readText(`${generated}/${path}`);

describe('headers that no build made', () => {
  it('autoconf.h has the configuration', () => {
    expect(text('include/generated/autoconf.h')?.split('\n').slice(1, -1)).toEqual([
      '#define CONFIG_ARM64 1',
      '#define CONFIG_M_MODULE 1',
      '#define CONFIG_S "s"',
      '#define CONFIG_N 7',
    ]);
  });

  it('cpucap-defs.h has the numbers of tools/cpucaps', () => {
    expect(text('arch/arm64/include/generated/asm/cpucap-defs.h')).toContain('#define ARM64_HAS_PAN 1\n');
    expect(text('arch/arm64/include/generated/asm/cpucap-defs.h')).toContain('#define ARM64_NCAPS 4\n');
  });

  it('is called cpucaps.h in trees without a hand-written one', () => {
    const old = smallTree();
    old.remove('/k/arch/arm64/include/asm/cpucaps.h');
    const { files: overlay } = openKernelTree(old, '/k', { logger: silentLogger });
    expect(overlay.readText(`${generated}/arch/arm64/include/generated/asm/cpucaps.h`)).toContain('__ASM_CPUCAPS_H');
  });

  it('wraps generic headers that the architecture lacks', () => {
    const asm = tree.files.list(`${generated}/arch/arm64/include/generated/asm`).map((entry) => entry.name);
    expect(asm).toEqual(['cpucap-defs.h', 'made.h', 'own.h', 'sysreg-defs.h', 'unistd_32.h', 'unistd_compat_32.h']);
    expect(text('arch/arm64/include/generated/asm/made.h')).toBe('#include <asm-generic/made.h>\n');
  });

  it('numbers system calls from the tables', () => {
    expect(text('arch/arm64/include/generated/asm/unistd_compat_32.h')).toBe(
      '#define __NR_compat_exit 1\n#define __NR_compat_old 2\n#define __NR_compat_syscalls 3\n',
    );
    expect(text('arch/arm64/include/generated/uapi/asm/unistd_64.h')).toContain('#define __NR_getrlimit 3\n');
  });

  it('asm-offsets.h is there, defines nothing, and an issue says so', () => {
    expect(text('include/generated/asm-offsets.h')).toMatch(/^\/\*.*\*\/\n$/);
    expect(tree.issues.map((issue) => issue.kind)).toEqual(['no-asm-offsets']);
  });

  it('are seen as files and folders, beside the real ones', () => {
    expect(tree.files.kindOf(`${generated}/include/generated`)).toBe('directory');
    expect(tree.files.kindOf(`${generated}/include/generated/autoconf.h`)).toBe('file');
    expect(tree.files.kindOf(`${generated}/include/generated/other.h`)).toBeUndefined();
    expect(tree.files.kindOf('/k/Makefile')).toBe('file');
    expect(tree.virtualFile('/k/Makefile')).toBeUndefined();
  });
});
