import { describe, expect, it } from 'vitest';
import { type BuiltImage, imageMismatch } from '../../server/src/features/builtImage.ts';
import { codeLenses, resolveLens } from '../../server/src/features/codeLens.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { hover } from '../../server/src/features/hover.ts';
import { openFixture } from '../support/features.ts';
import { smallImageLines } from '../support/smallImageLines.ts';

const source = `//- /arch/arm64/kernel/demo.c
int a;
int b;
int c;
int d;
int e;
int f;
int g;
int h;
int i;
int j;
int k;
int off$0set;
int m;
int n;
`;

async function opened(more: Partial<BuiltImage> = {}): Promise<{ ctx: FeatureContext; path: string; offset: number }> {
  const { ctx, path, offset } = openFixture(source);
  const lines = await smallImageLines();
  const image: BuiltImage = {
    name: 'vmlinux',
    release: ctx.workspace.treeFor(path)?.version.text ?? '',
    lines,
    writtenMs: 10,
    changedMs: () => 5,
    ...more,
  };
  return { ctx: { ...ctx, image }, path, offset };
}

describe('what the compiler emitted', () => {
  it('is told at the line that became it', async () => {
    const { ctx, path, offset } = await opened({ release: null });
    expect(hover(ctx, path, offset)?.markdown).toMatchInlineSnapshot(`
      "**In \`vmlinux\`**: 1 place

      \`HAS_VIRT_HOST_EXTN\`: 1 place

      \`\`\`text
      unpatched            | patched
      .inst 0xd538d080     | .inst 0xd53cd040
      \`\`\`

      In \`demo\`"
    `);
  });

  it('is nothing on other lines, and without an image', async () => {
    const { ctx, path } = await opened();
    expect(hover(ctx, path, 0)).toBeNull();
    const { ctx: bare, offset } = openFixture(source);
    expect(hover(bare, path, offset)).toBeNull();
  });
});

describe('lenses', () => {
  const options = { functions: false, sites: true };

  it('count the places of a line, and show the words of a single one', async () => {
    const { ctx, path } = await opened();
    expect(codeLenses(ctx, path, options).map(({ key }) => key)).toEqual(['image:12', 'image:14']);
    expect(resolveLens(ctx, path, 'image:12', 'unpatched')).toEqual({
      title: 'image: 1 place: .inst 0xd538d080 ⇄ .inst 0xd53cd040',
      tooltip: 'In vmlinux\nHAS_VIRT_HOST_EXTN: 1 place\nThe hover shows the words.',
      action: { kind: 'none' },
    });
  });

  it('say when image and source do not belong together', async () => {
    const { ctx, path } = await opened({ changedMs: () => 11 });
    const lens = resolveLens(ctx, path, 'image:12', 'unpatched');
    expect(lens?.title).toMatch(/· image and source may not belong together$/);
    expect(lens?.tooltip).toContain('This file was changed after the image was built.');
  });

  it('are not there without an image', () => {
    const { ctx, path } = openFixture(source);
    expect(codeLenses(ctx, path, options)).toEqual([]);
    expect(resolveLens(ctx, path, 'image:12', 'unpatched')).toBeNull();
  });
});

describe('an image that is not of the source', () => {
  it('is said to be of another release, or older than the file', async () => {
    const { ctx, path } = await opened({ release: '5.4.0-demo', changedMs: () => 11 });
    expect(imageMismatch(ctx, path)).toEqual([
      expect.stringMatching(/^The image is of 5\.4\.0-demo, the tree of \S+: lines may not belong together\.$/),
      'This file was changed after the image was built.',
    ]);
    const good = await opened();
    expect(imageMismatch(good.ctx, good.path)).toEqual([]);
  });
});
