// Opens an image and reads its sites, in a process of its own. Argument: the vmlinux. Prints counts, milliseconds and
// the largest resident size in bytes.
import { cpucapNames } from '../../server/src/image/cpucapNames.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import { imageSummary } from '../../server/src/image/imageSummary.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { openByteSource } from '../../server/src/node/nodeByteSource.ts';

async function main(path: string): Promise<void> {
  const start = performance.now();
  const source = await openByteSource(path);
  const { value: image } = await openImage(source);
  if (image === null) throw new Error(`${path} is not read`);
  const sites = await readSites(image);
  const readyMs = performance.now() - start;
  const summary = imageSummary(image, sites, cpucapNames(image, sites));
  await source.close();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ readyMs, peakBytes, summary }));
}

void main(process.argv[2] ?? '');
