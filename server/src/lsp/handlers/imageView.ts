import { disassembly } from '../../features/image/disassembly.ts';
import { imageReportPage } from '../../features/image/imageReportPage.ts';
import { siteGroups, siteRows } from '../../features/image/siteGroups.ts';
import { patchedState } from '../../features/siteStates.ts';
import { onImageRequest } from '../imageRequest.ts';
import type { ServerState } from '../serverState.ts';

export function registerImageView(server: ServerState): void {
  onImageRequest(server, 'patchpoint/imageGroups', ({ by, filter }, { opened, fileOf }) => {
    const { release } = opened.image.facts;
    const image = { path: opened.path, release, nSites: opened.entries.length };
    return { image, groups: siteGroups(opened, by, filter, fileOf), problem: null };
  });
  onImageRequest(server, 'patchpoint/imageSites', ({ by, group, filter, from, limit }, { opened, fileOf }) => {
    const page = siteRows(opened, by, group, { filter, fileOf, from, limit });
    return { ...page, problem: null };
  });
  onImageRequest(server, 'patchpoint/disassembly', ({ function: name, of }, { opened, ctx, tree }) => {
    const found = disassembly(opened, name, of === 'unpatched' ? null : patchedState(tree, ctx.state));
    return found === null ? { problem: `${opened.path} has no function ${name}` } : { ...found, problem: null };
  });
  onImageRequest(server, 'patchpoint/imageReport', (_params, { opened }) => ({
    html: imageReportPage(opened),
    problem: null,
  }));
}
