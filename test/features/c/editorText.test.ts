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
