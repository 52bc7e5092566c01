import { describe, expect, it } from 'vitest';
import { codeLenses, resolveLens } from '../../../server/src/features/codeLens.ts';
import { fadedRanges } from '../../../server/src/features/fadedRanges.ts';
import type { SiteView } from '../../../server/src/features/featureContext.ts';
import { hover } from '../../../server/src/features/hover.ts';
import { inlayHints } from '../../../server/src/features/inlayHints.ts';
import { patchedView } from '../../../server/src/features/patchedView.ts';
import { type ExampleC, openExampleC } from '../../support/exampleC.ts';

/** Source lines with what is put on them: lenses above, hints behind, `~` before faded ones. */
function screen(file: ExampleC, view: SiteView): string {
  const lenses = codeLenses(file.ctx, file.path, { functions: true, sites: true });
  const hints = inlayHints(file.ctx, file.path, { start: 0, end: file.text.length }, { view, expansions: false });
  const faded = fadedRanges(file.ctx, file.path, view);
  let offset = 0;
  const out: string[] = [];
  file.text.split('\n').forEach((line, index) => {
    const end = offset + line.length;
    if (index >= file.firstLine) {
      for (const lens of lenses.filter(({ range }) => range.start >= offset && range.start <= end)) {
        out.push(`  [${resolveLens(file.ctx, file.path, lens.key, view)?.title ?? 'gone'}]`);
      }
      const behind = hints
        .filter((hint) => hint.offset >= offset && hint.offset <= end)
        .map((hint) => `  «${hint.label}»`);
      const mark = faded.some((range) => range.start <= offset && offset < range.end) ? '~ ' : '  ';
      out.push(`${mark}${line.replaceAll('\t', '    ')}${behind.join('')}`);
    }
    offset = end + 1;
  });
  return out.join('\n').trimEnd();
}

const keys = `
DEFINE_STATIC_KEY_FALSE(starts_false);

int demo(int x)
{
	if (static_branch_unlikely(&starts_false))
		x += 8;
	return x;
}

void demo_switch(void)
{
	static_branch_enable(&starts_false);
}
`;

describe('lenses, hints and fading of C', () => {
  it('both states of a key', async () => {
    expect(screen(await openExampleC(keys), 'both')).toMatchInlineSnapshot(`
      "  [1 site in this file · switched in 1 place]
        DEFINE_STATIC_KEY_FALSE(starts_false);
        
        [1 jump]
        int demo(int x)
        {
        [starts_false: nop ⇄ b]
            if (static_branch_unlikely(&starts_false))  «nop ⇄ b»
                x += 8;
            return x;
        }
        
        void demo_switch(void)
        {
            static_branch_enable(&starts_false);
        }"
    `);
  });

  it('as linked, and with the key on', async () => {
    expect(screen(await openExampleC(keys), 'unpatched')).toMatchInlineSnapshot(`
      "  [1 site in this file · switched in 1 place]
        DEFINE_STATIC_KEY_FALSE(starts_false);
        
        [1 jump]
        int demo(int x)
        {
        [starts_false: nop ⇄ b · unpatched shown]
            if (static_branch_unlikely(&starts_false))  «nop»
      ~         x += 8;
            return x;
        }
        
        void demo_switch(void)
        {
            static_branch_enable(&starts_false);
        }"
    `);
    expect(screen(await openExampleC(keys, { keys: { starts_false: true } }), 'patched')).toMatchInlineSnapshot(`
      "  [1 site in this file · switched in 1 place]
        DEFINE_STATIC_KEY_FALSE(starts_false);
        
        [1 jump]
        int demo(int x)
        {
        [starts_false: nop ⇄ b · b in board]
            if (static_branch_unlikely(&starts_false))  «b»
                x += 8;
            return x;
        }
        
        void demo_switch(void)
        {
            static_branch_enable(&starts_false);
        }"
    `);
  });
});

const blocks = `
DEFINE_STATIC_KEY_FALSE(off);

int demo(int x)
{
	if (static_branch_unlikely(&off)) {
		x += 1;
		x += 2;
	} else {
		x += 3;
	}
	if (!static_branch_unlikely(&off)) {
		x += 4;
	} else {
		x += 5;
	}
	if (static_branch_unlikely(&off) || x)
		x += 6;
	if (static_branch_unlikely(&off) &&
	    x)
		x += 7;
	if (!(static_branch_unlikely(&off) && x))
		x += 8;
	return x;
}
`;

describe('fading of C', () => {
  it('takes what cannot run, and leaves what another part of the condition can let run', async () => {
    const shown = screen(await openExampleC(blocks), 'unpatched').split('\n');
    expect(shown.filter((line) => line.startsWith('~'))).toMatchInlineSnapshot(`
      [
        "~         x += 1;",
        "~         x += 2;",
        "~         x += 5;",
        "~         x += 7;",
      ]
    `);
  });
});

describe('hovers of C', () => {
  it('a test of a key', async () => {
    const file = await openExampleC(keys.replace('(static_branch_un', '($0static_branch_un'));
    expect(hover(file.ctx, file.path, file.offset)?.markdown).toMatchInlineSnapshot(`
      "**static_branch_unlikely** · static key \`starts_false\` · starts **false**

      | key | here  ​ | runs |
      |:--|:--|:--|
      | **false** · as linked | \`nop\` | in line: what follows |
      | true | \`b\` | out of line: line 10 |

      Switched by \`demo_switch\` (enable)  
      4 bytes in line · metadata: 16 bytes of \`__jump_table\`  
      Written in \`arch/arm64/include/asm/jump_label.h:18\` through \`unlikely\` › \`arch_static_branch\`"
    `);
  });

  it('a key where it is defined', async () => {
    const file = await openExampleC(keys.replace('(starts_false', '($0starts_false'));
    expect(hover(file.ctx, file.path, file.offset)?.markdown).toMatchInlineSnapshot(`
      "**starts_false** · static key · starts **false**

      | | as linked (false) | once true |
      |:--|:--|:--|
      | \`static_branch_likely\` | \`b\` | \`nop\` |
      | \`static_branch_unlikely\` | \`nop\` | \`b\` |

      Switched by \`demo_switch\` (enable)"
    `);
  });
});

const cpucaps = `
int demo_cpucaps(int x)
{
	if (system_supports_sve())
		x += 1;
	if (cpus_have_final_cap(ARM64_HAS_CACHE_DIC))
		x += 2;
	if (cpus_have_cap(ARM64_HAS_CACHE_IDC))
		x += 4;
	if (system_uses_irq_prio_masking())
		x += 8;
	return x;
}

void count(atomic_t *v)
{
	atomic_add(1, v);
	asm volatile(ALTERNATIVE("nop", "isb", ARM64_HAS_PAN));
}

#ifdef CONFIG_ARM64_PSEUDO_NMI
int never(void);
#endif
`;

describe('tests of cpucaps and alternatives', () => {
  it('have hints; sites of helpers and tests that ask each time have none', async () => {
    expect(screen(await openExampleC(cpucaps), 'both')).toMatchInlineSnapshot(`
      "  [2 alternatives · 1 callback]
        int demo_cpucaps(int x)
        {
        [ARM64_SVE: nop ⇄ b]
            if (system_supports_sve())  «nop ⇄ b»
                x += 1;
        [ARM64_ALWAYS_SYSTEM: b ⇄ nop  |  ARM64_HAS_CACHE_DIC: nop ⇄ b]
            if (cpus_have_final_cap(ARM64_HAS_CACHE_DIC))  «b ⇄ nop · nop ⇄ b»
                x += 2;
            if (cpus_have_cap(ARM64_HAS_CACHE_IDC))
                x += 4;
            if (system_uses_irq_prio_masking())  «= false»
                x += 8;
            return x;
        }
        
        [2 alternatives]
        void count(atomic_t *v)
        {
            atomic_add(1, v);
        [ARM64_HAS_PAN: nop ⇄ isb]
            asm volatile(ALTERNATIVE("nop", "isb", ARM64_HAS_PAN));  «nop ⇄ isb»
        }
        
        #ifdef CONFIG_ARM64_PSEUDO_NMI
        int never(void);
        #endif"
    `);
  });

  const hoverAt = async (piece: string, machine: Parameters<typeof openExampleC>[1] = null): Promise<string> => {
    const file = await openExampleC(cpucaps.replace(piece, `$0${piece}`), machine);
    return hover(file.ctx, file.path, file.offset)?.markdown ?? 'nothing';
  };

  it('a hover says what the test answers, and on which machine', async () => {
    expect(await hoverAt('system_supports_sve', { cpucaps: ['SVE'] })).toMatchInlineSnapshot(`
      "**system_supports_sve** · \`ARM64_SVE\`

      | cpucap | here  ​ | the test is |
      |:--|:--|:--|
      | **absent** · as linked | \`nop\` | false |
      | **present** · now (board) | \`b\` | true |

      *Scalable Vector Extension* · detects \`ID_AA64PFR0_EL1.SVE >= 1\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      4 bytes in line · metadata: 12 bytes of record, 4 bytes of replacement  
      Written in \`arch/arm64/include/asm/alternative-macros.h:179\` through \`alternative_has_cap_unlikely\`"
    `);
  });

  it('a test that the configuration removes', async () => {
    expect(await hoverAt('system_uses_irq_prio_masking')).toMatchInlineSnapshot(`
      "**system_uses_irq_prio_masking** · \`ARM64_HAS_GIC_PRIO_MASKING\`

      **Removed**: the test of \`ARM64_HAS_GIC_PRIO_MASKING\` is always false in this configuration, \`CONFIG_ARM64_PSEUDO_NMI\` is off.  
      Written in \`arch/arm64/include/asm/alternative-macros.h:179\` through \`alternative_has_cap_unlikely\`"
    `);
  });

  it('a test that is not patched', async () => {
    expect(await hoverAt('cpus_have_cap')).toMatchInlineSnapshot(`
      "**cpus_have_cap** · \`ARM64_HAS_CACHE_IDC\`

      **Not patched**: no instruction here changes. It asks each time.  
      *Data cache clean to the PoU not required for I/D coherence* · detects \`CTR_EL0.IDC\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up"
    `);
  });

  it('an alternative of the file itself, and one of a helper', async () => {
    expect(await hoverAt('asm volatile')).toMatchInlineSnapshot(`
      "**ALTERNATIVE** · \`ARM64_HAS_PAN\`

      | | unpatched | patched (ARM64_HAS_PAN) |
      |--:|:--|:--|
      | +0 | \`nop\` | \`isb\` |

      *Privileged Access Never* · detects \`ID_AA64MMFR1_EL1.PAN >= 1\` · \`SYSTEM_FEATURE\` · applied by \`apply_alternatives_all\`, once all CPUs that boot are up  
      4 bytes in line · metadata: 12 bytes of record, 4 bytes of replacement"
    `);
    expect(await hoverAt('atomic_add')).toMatchInlineSnapshot(`
      "**atomic_add** · \`ARM64_HAS_LSE_ATOMICS\`

      | | unpatched | patched (ARM64_HAS_LSE_ATOMICS) |
      |--:|:--|:--|
      | +0 | \`ldxr %w[value], %[counter]\` | \`stadd %w[amount], %[counter]\` |
      | +4 | \`add %w[value], %w[value], %w[amount]\` | \`nop\` |
      | +8 | \`stxr %w[failed], %w[value], %[counter]\` | \`nop\` |
      | +12 | \`cbnz %w[failed], 1b\` | \`nop\` |

      *LSE atomic instructions* · detects \`ID_AA64ISAR0_EL1.ATOMIC >= 2\`  
      Written in \`arch/arm64/include/asm/lse.h:15\`"
    `);
  });

  it('a line that is not compiled', async () => {
    expect(await hoverAt('int never')).toMatch(/^\*\*Not compiled\*\*: `#ifdef CONFIG_ARM64_PSEUDO_NMI` in line/);
  });

  it('other words have nothing: that is for clangd', async () => {
    expect(await hoverAt('x += 1')).toBe('nothing');
    expect(await hoverAt('int demo_cpucaps')).toBe('nothing');
  });
});

describe('the patched view of C', () => {
  it('says what stands at each site, and leaves out what a key leaves out', async () => {
    const file = await openExampleC(keys);
    const view = patchedView(file.ctx, file.path, 'unpatched');
    expect(view?.text.split('\n').slice(file.firstLine).join('\n')).toMatchInlineSnapshot(`
      "DEFINE_STATIC_KEY_FALSE(starts_false);

      int demo(int x)
      {
      	// starts_false (off): nop
      	if (static_branch_unlikely(&starts_false))
      //		x += 8;
      	return x;
      }

      void demo_switch(void)
      {
      	static_branch_enable(&starts_false);
      }
      "
    `);
  });
});
