import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { streamWhenSet } from '../../server/src/patch/patchedStream.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { memoryFileSource } from '../support/memoryFileSource.ts';

// How trees up to 6.0 write alternatives: numbers written by hand, a callback is the cpucap ARM64_NCAPS, and up to
// 5.8 the replacement has a section of its own. Our own words for the interface of those versions.
const oldMacros = (replacement: { open: string; close: string }): string => `
#define ARM64_CB_PATCH ARM64_NCAPS
#ifdef __ASSEMBLY__
.macro altinstruction_entry orig, alt, feature, orig_len, alt_len
	.word	\\orig - .
	.word	\\alt - .
	.hword	\\feature
	.byte	\\orig_len
	.byte	\\alt_len
.endm
.macro alternative_if_not cap
	.pushsection .altinstructions, "a"
	altinstruction_entry 661f, 663f, \\cap, 662f-661f, 664f-663f
	.popsection
661:
.endm
.macro alternative_else
662:	${replacement.open}
663:
.endm
.macro alternative_endif
664:	${replacement.close}
.endm
.macro alternative_cb cb
	.pushsection .altinstructions, "a"
	altinstruction_entry 661f, \\cb, ARM64_CB_PATCH, 662f-661f, 0
	.popsection
661:
.endm
.macro alternative_cb_end
662:
.endm
#endif
`;

function oldTree(version: string, macros: string): Workspace {
  const [major = '', minor = ''] = version.split('.');
  const files = memoryFileSource({
    '/k/Makefile': `VERSION = ${major}\nPATCHLEVEL = ${minor}\nSUBLEVEL = 0\n`,
    '/k/Kconfig': 'mainmenu "x"\n',
    '/k/arch/arm64/include/asm/cpucaps.h':
      '#define ARM64_HAS_UAO 0\n#define ARM64_HAS_PAN 1\n#define ARM64_SSBD 2\n#define ARM64_NCAPS 3\n',
    '/k/arch/arm64/include/asm/alternative.h': `#include <asm/cpucaps.h>\n${macros}`,
    '/k/arch/arm64/kernel/old.S': `#include <asm/alternative.h>
alternative_if_not ARM64_HAS_UAO
	ldr	x0, [x1]
alternative_else
	ldtr	x0, [x1]
alternative_endif
alternative_cb arm64_enable_wa2_handling
	b	.Lskip
alternative_cb_end
.Lskip:	ret
`,
  });
  const settings = { buildDirectory: null, configFile: null, kernelRoot: null };
  return new Workspace({ files, logger: silentLogger, settings });
}

function describeSites(workspace: Workspace): string[] {
  const sites = workspace.assembly('/k/arch/arm64/kernel/old.S')?.sites ?? [];
  return sites.map((site) => {
    const patched = streamWhenSet(site);
    const right = patched.known ? patched.insns.map((insn) => insn.text).join('; ') : `? ${patched.reason}`;
    return `${site.kind} ${site.construct} ${site.cpucap.text}: ${site.original.map((insn) => insn.text).join('; ')} | ${right}`;
  });
}

describe('older trees', () => {
  it('5.10: callbacks have no cpucap, replacements are in a subsection', () => {
    const workspace = oldTree('5.10', oldMacros({ open: '.subsection 1', close: '.previous' }));
    expect(describeSites(workspace)).toEqual([
      'alternative alternative_if_not ARM64_HAS_UAO: ldr x0, [x1] | ldtr x0, [x1]',
      'callback-alternative alternative_cb ARM64_CB_PATCH: b .Lskip | ? written at boot by arm64_enable_wa2_handling, which is not known here',
    ]);
  });

  it('5.4: replacements have a section of their own', () => {
    const macros = oldMacros({ open: '.pushsection .altinstr_replacement, "ax"', close: '.popsection' });
    expect(describeSites(oldTree('5.4', macros))[0]).toBe(
      'alternative alternative_if_not ARM64_HAS_UAO: ldr x0, [x1] | ldtr x0, [x1]',
    );
  });
});
