import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import { cpucapNames } from '../../server/src/image/cpucapNames.ts';
import { createImageLines, type ImageLines } from '../../server/src/image/imageLines.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import { createInsnTexts } from '../../server/src/image/insnTexts.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { withFrames } from '../../server/src/image/siteLines.ts';
import { type ImageFrame, imageSiteRecords } from '../../server/src/image/siteRecords.ts';
import { smallKernel } from './smallImages.ts';

const frame = (name: string, file: string, line: number): ImageFrame => ({ name, file: `/build/linux/${file}`, line });

/** Frames of the sites of the small kernel, as a symbolizer would tell them. */
export const smallFrames: ReadonlyMap<string, readonly ImageFrame[]> = new Map([
  [
    '0xffff800080010010',
    [frame('demo', 'arch/arm64/kernel/demo.c', 12), frame('my_offset', 'arch/arm64/include/asm/percpu.h', 3)],
  ],
  [
    '0xffff800080010014',
    [frame('demo', 'arch/arm64/kernel/demo.c', 14), frame('has_cap', 'arch/arm64/include/asm/caps.h', 5)],
  ],
  ['0xffff800080010018', [frame('demo', 'arch/arm64/kernel/demo.c', 14)]],
]);

/** Lines of the small kernel. Words are shown as `.inst`: no decoder is loaded. */
export async function smallImageLines(): Promise<ImageLines> {
  const { value } = await openImage(memoryByteSource('vmlinux', smallKernel()));
  const image = value!;
  const sites = await readSites(image);
  const decoder = { decode: () => [null], close: () => undefined };
  const source = { image, sites, names: cpucapNames(image, sites), texts: createInsnTexts(image, decoder) };
  return createImageLines(withFrames([...imageSiteRecords(source)], smallFrames));
}
