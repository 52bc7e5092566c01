import { economics } from '../../image/economics.ts';
import { imageSummary } from '../../image/imageSummary.ts';
import { imageReport } from '../../image/reportHtml.ts';
import type { OpenedImage } from './openedImage.ts';

/** The report about an image as one HTML page that loads nothing; the same as `patchpoint image --report` writes. */
export function imageReportPage({ image, sites, names }: OpenedImage): string {
  const figures = { summary: imageSummary(image, sites, names), economics: economics(image, sites, names) };
  return imageReport(image, sites, figures);
}
