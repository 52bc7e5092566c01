import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import {
  parseRecordedCommand,
  readPreprocessorFlags,
  splitFirstCommand,
} from '../../server/src/project/compileCommand.ts';
import type { CompileContext } from '../../server/src/project/compileContext.ts';
import { openKernelTree } from '../../server/src/project/kernelTree.ts';
import { smallTree } from '../support/smallTree.ts';

function render(context: CompileContext): string {
  const { options, object, variant, evidence, isModule } = context;
  return [
    `${object}${variant === null ? '' : ` (${variant})`} ${options.language}${isModule ? ' module' : ''} by ${evidence.kind}`,
    ...options.includePaths.map((path) => `  -I ${path}`),
    ...options.forcedIncludes.map((path) => `  -include ${path}`),
    ...options.defines.map(({ name, value }) => (value === null ? `  -U ${name}` : `  -D ${name}=${value}`)),
  ].join('\n');
}

describe('a recorded command', () => {
  it('is split as the shell does, up to the first ;', () => {
    expect(splitFirstCommand(`gcc -D'A="x y"' "b c" d\\ e -DV='"v"' ; rm x`)).toEqual([
      'gcc',
      '-DA="x y"',
      'b c',
      'd e',
      '-DV="v"',
    ]);
  });

  it('is read under both of its names, make’s quoting undone', () => {
    const recorded = parseRecordedCommand(
      'savedcmd_a/b.o := gcc -DD=$$x -c -o a/b.o ../src/a/b.S\n\nsource_a/b.o := ../src/a/b.S\n',
    );
    expect(recorded).toEqual({
      target: 'a/b.o',
      words: ['gcc', '-DD=$x', '-c', '-o', 'a/b.o', '../src/a/b.S'],
      source: '../src/a/b.S',
    });
    expect(parseRecordedCommand('cmd_a/b.o := ld -o a/b.o x.o')).toBeNull();
  });

  it('gives the flags that matter to the preprocessor', () => {
    const words =
      'gcc -Wp,-MMD,x.d -Ia -I b -isystem s -include f.h -DX -DY= -DZ=1=2 -UW -mbig-endian -Wall -o -Dnot x.S'.split(
        ' ',
      );
    const flags = readPreprocessorFlags(words);
    expect([flags.include, flags.system, flags.forced]).toEqual([['a', 'b'], ['s'], ['f.h']]);
    expect(flags.defines.map(({ name, value }) => `${name}=${value}`)).toEqual([
      'X=1',
      'Y=',
      'Z=1=2',
      'W=null',
      '__AARCH64EL__=null',
      '__AARCH64EB__=1',
      '__ARM_BIG_ENDIAN=1',
      '__BYTE_ORDER__=__ORDER_BIG_ENDIAN__',
    ]);
  });
});

describe('compile context from a build', () => {
  const command = (object: string, flags: string): string =>
    `savedcmd_${object} := gcc -nostdinc -I/k/include -I./include -include /k/include/linux/kconfig.h ${flags} -c -o ${object} /k/arch/arm64/lib/memcpy.S\n`;
  const files = smallTree({
    '/o/.config': 'CONFIG_ARM64=y\n',
    '/o/arch/arm64/lib/.memcpy.o.cmd': command('arch/arm64/lib/memcpy.o', '-D__ASSEMBLY__'),
    '/o/arch/arm64/lib/.memcpy.nvhe.o.cmd': command('arch/arm64/lib/memcpy.nvhe.o', '-D__ASSEMBLY__ -DNVHE'),
    'arch/arm64/lib/memcpy.S': '',
  });
  const tree = openKernelTree(files, '/k', { buildDir: '/o', logger: silentLogger });

  it('is the recorded command of each object, the plain one first', () => {
    expect(tree.compileContexts('/k/arch/arm64/lib/memcpy.S').map(render).join('\n')).toMatchInlineSnapshot(`
      "arch/arm64/lib/memcpy.o asm by cmd
        -I /k/include
        -I /o/include
        -I /k/.patchpoint-generated/include
        -include /k/include/linux/kconfig.h
        -D __ASSEMBLY__=1
      arch/arm64/lib/memcpy.nvhe.o (nvhe) asm by cmd
        -I /k/include
        -I /o/include
        -I /k/.patchpoint-generated/include
        -include /k/include/linux/kconfig.h
        -D __ASSEMBLY__=1
        -D NVHE=1"
    `);
  });

  it('follows a tree that moved after it was built', () => {
    const moved = smallTree({
      '.config': 'CONFIG_ARM64=y\n',
      'arch/arm64/lib/a.S': '',
      'arch/arm64/lib/.a.o.cmd':
        'cmd_a.o := gcc -I/old/place/include -c -o arch/arm64/lib/a.o /old/place/arch/arm64/lib/a.S\n',
    });
    const context = openKernelTree(moved, '/k', { logger: silentLogger }).compileContext('/k/arch/arm64/lib/a.S');
    expect(context.options.includePaths[0]).toBe('/k/include');
  });
});

describe('compile context from the makefiles', () => {
  const files = smallTree({
    'arch/arm64/configs/defconfig': 'CONFIG_ARM64=y\nCONFIG_MOD=m\nCONFIG_BIG=y\n',
    Makefile: `VERSION = 6
LINUXINCLUDE := -I$(srctree)/arch/$(SRCARCH)/include -I$(objtree)/arch/$(SRCARCH)/include/generated
KBUILD_AFLAGS   := -D__ASSEMBLY__ -fno-PIE
KBUILD_CPPFLAGS := -D__KERNEL__
KBUILD_AFLAGS_MODULE  := -DMODULE
include $(srctree)/arch/$(SRCARCH)/Makefile
`,
    'arch/arm64/Makefile': 'ifeq ($(CONFIG_BIG), y)\nKBUILD_CPPFLAGS += -DSHIFT=$(SHIFT)\nendif\n',
    'arch/arm64/kvm/Makefile': 'obj-y += hyp/\n',
    'arch/arm64/kvm/hyp/Makefile':
      'incdir := $(srctree)/$(src)/include\nsubdir-asflags-y := -I$(incdir)\nobj-y += vhe/ nvhe/\n',
    'arch/arm64/kvm/hyp/vhe/Makefile': 'asflags-y := -DVHE\nobj-y += ../entry.o\n',
    'arch/arm64/kvm/hyp/nvhe/Makefile': `asflags-y := -DNVHE \\
	-DMORE
lib-objs := memcpy.o
lib-objs := $(addprefix ../../../lib/, $(lib-objs))
hyp-obj-y := ../entry.o $(lib-objs)
hyp-obj := $(patsubst %.o,%.nvhe.o,$(hyp-obj-y))
targets += $(hyp-obj)
`,
    'arch/arm64/lib/Makefile': 'lib-y := memcpy.o\nAFLAGS_memcpy.o += -Dfor_memcpy=1\n',
    'arch/arm64/crypto/Makefile': 'obj-$(CONFIG_MOD) += some-mod.o\nsome-mod-y := glue.o some-core.o\n',
  });
  const tree = openKernelTree(files, '/k', { logger: silentLogger });
  const show = (path: string): string => tree.compileContexts(`/k/${path}`).map(render).join('\n');

  it('has the flags of the top level, of the directories above and of the object', () => {
    expect(show('arch/arm64/lib/memcpy.S')).toMatchInlineSnapshot(`
      "arch/arm64/lib/memcpy.o asm by makefile
        -I /k/arch/arm64/include
        -I /k/.patchpoint-generated/arch/arm64/include/generated
        -I /k/arch/arm64/lib
        -I /k/.patchpoint-generated/arch/arm64/lib
        -D __KERNEL__=1
        -D SHIFT=
        -D __ASSEMBLY__=1
        -D for_memcpy=1
        -D KBUILD_MODFILE="arch/arm64/lib/memcpy"
        -D KBUILD_MODNAME="memcpy"
        -D __KBUILD_MODNAME=kmod_memcpy
      arch/arm64/lib/memcpy.nvhe.o (nvhe) asm by makefile
        -I /k/arch/arm64/include
        -I /k/.patchpoint-generated/arch/arm64/include/generated
        -I /k/arch/arm64/kvm/hyp/include
        -I /k/arch/arm64/kvm/hyp/nvhe
        -I /k/.patchpoint-generated/arch/arm64/kvm/hyp/nvhe
        -D __KERNEL__=1
        -D SHIFT=
        -D __ASSEMBLY__=1
        -D NVHE=1
        -D MORE=1
        -D KBUILD_MODFILE="arch/arm64/kvm/hyp/nvhe/memcpy.nvhe"
        -D KBUILD_MODNAME="memcpy.nvhe"
        -D __KBUILD_MODNAME=kmod_memcpy.nvhe"
    `);
  });

  it('takes the object that is built, not the list it was derived from', () => {
    expect(tree.compileContexts('/k/arch/arm64/kvm/hyp/entry.S').map((each) => each.object)).toEqual([
      'arch/arm64/kvm/hyp/entry.o',
      'arch/arm64/kvm/hyp/entry.nvhe.o',
    ]);
    expect(show('arch/arm64/kvm/hyp/entry.S')).toContain('-D VHE=1');
  });

  it('knows modules and their names', () => {
    expect(show('arch/arm64/crypto/some-core.S')).toContain('some-core.o asm module by makefile');
    expect(show('arch/arm64/crypto/some-core.S')).toContain('-D KBUILD_MODNAME="some_mod"');
  });

  it('gives a file no makefile names the flags of its directory, and says so', () => {
    const { evidence } = tree.compileContext('/k/arch/arm64/lib/other.S');
    expect(evidence).toEqual({
      kind: 'makefile',
      path: '/k/arch/arm64/lib/Makefile',
      notes: ['no makefile names its object: flags of its directory'],
    });
  });

  it('assumes the usual include paths where the Makefile gives none, and says so', () => {
    const bare = openKernelTree(smallTree({ 'include/linux/kconfig.h': '' }), '/k', { logger: silentLogger });
    const context = bare.compileContext('/k/arch/arm64/kernel/x.S');
    expect(context.options.includePaths).toContain('/k/arch/arm64/include');
    expect(context.options.forcedIncludes).toEqual(['/k/include/linux/kconfig.h']);
    expect(context.evidence).toMatchObject({
      notes: [expect.stringContaining('assumed'), expect.anything(), expect.anything()],
    });
  });
});
