import { relativePath } from '../base/path.ts';
import type { ImageLines, LineGroup } from '../image/imageLines.ts';
import type { FeatureContext } from './featureContext.ts';

/** An image that was built from the open tree, with the lines that its sites come from. */
export interface BuiltImage {
  /** How texts call it: the file's name. */
  readonly name: string;
  readonly release: string | null;
  readonly lines: ImageLines;
  /** When the file was written, in milliseconds since 1970; null when that is not known. */
  readonly writtenMs: number | null;
  /** The same of a source file. */
  readonly changedMs: (path: string) => number | null;
}

/** Groups and functions that are told; the rest is counted. */
const maxGroups = 4;
const maxFunctions = 4;

/**
 * What the compiler emitted at a line, as Markdown: for each group of like places both streams, how many there are and
 * where. `null` when no image is open or the line has no site in it. 1-based line.
 */
export function builtImageText(ctx: FeatureContext, path: string, line: number): string | null {
  const { image } = ctx;
  const tree = ctx.workspace.treeFor(path);
  if (!image || !tree) return null;
  const groups = image.lines.at(relativePath(tree.root, path), line);
  if (groups.length === 0) return null;
  const places = groups.reduce((sum, group) => sum + group.places, 0);
  const release = image.release === null ? '' : ` (${image.release})`;
  const parts = [`**In \`${image.name}\`**${release}: ${counted(places, 'place')}`];
  for (const problem of imageMismatch(ctx, path)) parts.push(`⚠ ${problem}`);
  for (const group of groups.slice(0, maxGroups)) parts.push(groupText(group));
  if (groups.length > maxGroups) parts.push(`… and ${counted(groups.length - maxGroups, 'more shape')} of it.`);
  return parts.join('\n\n');
}

/** A line of the open file that the open image has patch sites of; 1-based. */
export interface ImageLine {
  readonly line: number;
  /** Alternatives, jumps and constants, inlined copies counted each. */
  readonly places: number;
}

/** The lines of a file that became patch sites; empty when no image is open. Nothing is loaded for it. */
export function imageLinesOf(ctx: FeatureContext, path: string): readonly ImageLine[] {
  const { image } = ctx;
  const tree = ctx.workspace.treeFor(path);
  if (!image || !tree) return [];
  return image.lines.linesOf(relativePath(tree.root, path)).map(({ line, sites }) => ({ line, places: sites }));
}

/** Title and tooltip of such a line; `null` when the image has nothing of it. */
export function imageLineText(
  ctx: FeatureContext,
  path: string,
  line: number,
): { readonly title: string; readonly tooltip: string } | null {
  const { image } = ctx;
  const tree = ctx.workspace.treeFor(path);
  const groups = image && tree ? image.lines.at(relativePath(tree.root, path), line) : [];
  if (!image || groups.length === 0) return null;
  const places = groups.reduce((sum, group) => sum + group.places, 0);
  const [first] = groups;
  const only = groups.length === 1 && first?.unpatched.length === 1 && first.patched?.length === 1;
  const words = only ? `: ${first?.unpatched[0]} ⇄ ${first?.patched?.[0]}` : '';
  const problems = imageMismatch(ctx, path);
  const doubt = problems.length > 0 ? ' · image and source may not belong together' : '';
  const told = groups.slice(0, maxGroups).map((group) => `${group.trigger}: ${counted(group.places, 'place')}`);
  return {
    title: `image: ${counted(places, 'place')}${places === 1 ? words : ''}${doubt}`,
    tooltip: [`In ${image.name}`, ...told, ...problems, 'The hover shows the words.'].join('\n'),
  };
}

/** Why the open image may not be what a file became; empty when nothing speaks against it. */
export function imageMismatch(ctx: FeatureContext, path: string): readonly string[] {
  const { image } = ctx;
  const tree = ctx.workspace.treeFor(path);
  if (!image || !tree) return [];
  const problems: string[] = [];
  const other = releaseProblem(image.release, tree.version.text);
  if (other !== null) problems.push(other);
  const changedMs = image.changedMs(path);
  if (image.writtenMs !== null && changedMs !== null && changedMs > image.writtenMs) {
    problems.push('This file was changed after the image was built.');
  }
  return problems;
}

/** One sentence when an image's release is not one of the tree's version; `null` when it is, or says nothing. */
export function releaseProblem(release: string | null, version: string): string | null {
  const base = /^\d+\.\d+(\.\d+)?/.exec(version)?.[0];
  if (release === null || base === undefined || isOfVersion(release, base)) return null;
  return `The image is of ${release}, the tree of ${version}: lines may not belong together.`;
}

/** Distributions count stable releases in a way of their own (6.1.0-56 is 6.1.192): only the series is compared then. */
function isOfVersion(release: string, version: string): boolean {
  const series = (text: string): string => text.split('.').slice(0, 2).join('.');
  const exact = /^\d+\.\d+\.\d+/.exec(release)?.[0] ?? release;
  if (series(exact) !== series(version)) return false;
  return exact === version || exact.endsWith('.0') || version.split('.').length < 3;
}

function groupText(group: LineGroup): string {
  const { unpatched, patched, places, variants, functions } = group;
  const lines = [
    `\`${group.trigger}\`${group.callback === null ? '' : `, callback \`${group.callback}\``}: ${counted(places, 'place')}`,
  ];
  if (variants > 1) lines[0] += `, ${variants} with other registers or targets`;
  const right = patched ?? [];
  const width = Math.max(20, ...unpatched.map((text) => text.length));
  const code = unpatched.map((text, index) => `${text.padEnd(width)} | ${right[index] ?? ''}`.trimEnd());
  lines.push(`\`\`\`text\n${'unpatched'.padEnd(width)} | patched\n${code.join('\n')}\n\`\`\``);
  if (patched === null && group.patchedReason !== null) lines.push(`Patched: ${group.patchedReason}.`);
  const named = functions
    .slice(0, maxFunctions)
    .map((one) => `\`${one.name}\`${one.places > 1 ? ` ×${one.places}` : ''}`);
  const rest = functions.length - named.length;
  lines.push(`In ${named.join(', ')}${rest > 0 ? ` and ${counted(rest, 'more function')}` : ''}`);
  return lines.join('\n\n');
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}
