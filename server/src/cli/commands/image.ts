import { readFile, writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { silentLogger } from '../../base/logger.ts';
import { compareImages, type ImageFigures } from '../../image/compareImages.ts';
import { type CpucapNames, cpucapNames } from '../../image/cpucapNames.ts';
import { economics } from '../../image/economics.ts';
import { createImageLines } from '../../image/imageLines.ts';
import { type ImageSites, readSites } from '../../image/imageSites.ts';
import { imageSummary } from '../../image/imageSummary.ts';
import { createInsnTexts } from '../../image/insnTexts.ts';
import { type KernelImage, openImage } from '../../image/kernelImage.ts';
import { predictText } from '../../image/predict/predictText.ts';
import { imageReport } from '../../image/reportHtml.ts';
import { type FileRow, sitesByFile, withFrames } from '../../image/siteLines.ts';
import {
  type ImageSiteKind,
  type ImageSiteRecord,
  imageSiteKinds,
  imageSiteRecords,
  type SiteSource,
} from '../../image/siteRecords.ts';
import type { CpucapTable } from '../../kernel/cpucaps.ts';
import { loadNodeDecoder } from '../../node/capstoneFiles.ts';
import { openByteSource } from '../../node/nodeByteSource.ts';
import { createNodeFileSource } from '../../node/nodeFileSource.ts';
import { symbolize } from '../../node/symbolizer.ts';
import { findKernelRoot, openKernelTree } from '../../project/kernelTree.ts';
import {
  type CliIo,
  type Command,
  choiceValue,
  type ExitStatus,
  flagOption,
  listValue,
  type OptionValues,
  stringValue,
  UsageError,
  valueOption,
} from '../command.ts';
import { createPaint } from '../paint.ts';
import { comparisonText, economicsText, imageSiteText, lineGroupText, summaryText } from '../reporters/imageText.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { absolutePath, treeOptions } from '../session.ts';
import { predictOptions, readState, runImagePredict } from './imagePredict.ts';

/** One opened image with everything that the outputs are made from. */
interface Opened {
  readonly path: string;
  readonly image: KernelImage;
  readonly sites: ImageSites;
  readonly names: CpucapNames;
  /** Damage was told: what is shown is what could be read, and the exit status says so. */
  readonly isDamaged: boolean;
}

/** Lines that are written at once. */
const linesAtOnce = 100;

/** `patchpoint image`: what is in a built image, and what a machine makes of it. */
export const imageCommand: Command = {
  name: 'image',
  summary: 'Read a built vmlinux, object or module: its patch sites, what they cost, what boot makes of them.',
  usage: 'VMLINUX|OBJECT|MODULE [OTHER] [--format text|json] [--sites jsonl] [--what-if]',
  options: [
    ...treeOptions,
    valueOption('format', 'FORMAT', 'text (default) or json'),
    valueOption('sites', 'FORMAT', 'list every site instead: jsonl, json or text'),
    {
      ...valueOption('kind', 'KIND', 'only sites of these kinds, such as jump or callback-alternative'),
      multiple: true,
    },
    valueOption(
      'symbolizer',
      'PROGRAM',
      'llvm-symbolizer or addr2line to ask for lines and inline chains of the sites',
    ),
    valueOption('line', 'FILE:LINE', 'what a line of the source became, in all its places; needs --symbolizer'),
    flagOption('what-if', 'the economics: bytes by mechanism and cpucap, and what other forms would take'),
    valueOption('report', 'FILE.html', 'write a report with plots as one self-contained page'),
    valueOption('system-map', 'FILE', 'System.map of a raw Image'),
    valueOption('state', 'FILE|NAME', 'machine state for --sites, --predict and --compare'),
    ...predictOptions,
  ],
  run: async ({ values, paths }, io) => {
    const [path, other, ...more] = paths;
    if (path === undefined) throw new UsageError('no image given; see --help');
    if (more.length > 0) throw new UsageError('one image, or two to compare');
    const opened = await openOne(path, values, io);
    if (opened === null) return 2;
    if (other !== undefined) {
      const second = await openOne(other, values, io);
      if (second === null) return 2;
      showComparison(opened, second, values, io);
      return opened.isDamaged || second.isDamaged ? 2 : 0;
    }
    const status = await show(opened, values, io);
    return opened.isDamaged ? 2 : status;
  },
};

async function show(opened: Opened, values: OptionValues, io: CliIo): Promise<ExitStatus> {
  if (predictOptions.some(({ name }) => stringValue(values, name) !== null)) {
    return await runImagePredict({ ...opened, values, io });
  }
  const report = stringValue(values, 'report');
  if (report !== null) return await writeReport(opened, report, io);
  const line = stringValue(values, 'line');
  if (line !== null) return await showLine(opened, line, values, io);
  const list = stringValue(values, 'sites');
  if (list !== null) return await listSites(opened, values, io);
  const { image, sites, names } = opened;
  const json = choiceValue(values, 'format', ['text', 'json'], 'text') === 'json';
  const summary = imageSummary(image, sites, names);
  if (values['what-if'] === true) {
    const table = economics(image, sites, names);
    const byFile = await filesOf(opened, values, io);
    const byFileReason =
      byFile === null ? 'debug information is read by a tool only: name one with --symbolizer' : null;
    if (json) io.out(jsonDocument({ ...summary, economics: { ...table, byFile, byFileReason } }));
    else io.out(economicsText(table, byFile, createPaint(io.color)));
  } else io.out(json ? jsonDocument(summary) : summaryText(summary, createPaint(io.color)));
  return 0;
}

/** Opens an image; its problems go to standard error. Null when nothing can be shown of it. */
async function openOne(path: string, values: OptionValues, io: CliIo): Promise<Opened | null> {
  const file = absolutePath(path, io);
  const mapPath = stringValue(values, 'system-map');
  const systemMap = mapPath === null ? undefined : await readText(absolutePath(mapPath, io), `--system-map ${mapPath}`);
  const source = await openByteSource(file, path).catch((error: unknown) => {
    throw new UsageError(errorText(error));
  });
  try {
    const { value: image, issues } = await openImage(source, { systemMap });
    for (const { message } of issues) io.err(`patchpoint: ${message}\n`);
    if (image === null) return null;
    const sites = await readSites(image);
    for (const { message } of sites.issues) io.err(`patchpoint: ${message}\n`);
    const names = cpucapNames(image, sites, treeCpucaps(file, values, io));
    for (const conflict of names.conflicts.slice(0, 3)) {
      io.err(`patchpoint: ${conflict}: not of one build; the names are the image's own\n`);
    }
    const isDamaged = [...issues, ...sites.issues].some(({ severity }) => severity === 'error');
    if (isDamaged)
      io.err(`patchpoint: ${path}: damaged or incomplete, see above; what is shown is what could be read\n`);
    return { path: file, image, sites, names, isDamaged };
  } finally {
    await source.close();
  }
}

/** cpucaps of the tree that `--kernel` names, or that the image lies in. */
function treeCpucaps(file: string, values: OptionValues, io: CliIo): CpucapTable | undefined {
  const files = createNodeFileSource();
  const given = stringValue(values, 'kernel');
  const root = findKernelRoot(files, given === null ? file : absolutePath(given, io));
  if (root === null && given !== null) throw new UsageError(`--kernel ${given}: is no arm64 kernel tree`);
  return root === null ? undefined : openKernelTree(files, root, { logger: silentLogger }).cpucaps;
}

async function listSites({ path, image, sites, names }: Opened, values: OptionValues, io: CliIo): Promise<ExitStatus> {
  const format = choiceValue(values, 'sites', ['jsonl', 'json', 'text'], 'jsonl');
  const kinds = wantedKinds(values);
  const decoder = await loadNodeDecoder();
  try {
    const given = stringValue(values, 'state');
    const running =
      given === null ? undefined : predictText(image, sites, names, readState(given, { values, io })).words;
    const source: SiteSource = { image, sites, names, texts: createInsnTexts(image, decoder), running };
    const program = stringValue(values, 'symbolizer');
    const records = imageSiteRecords(source, kinds);
    const all = program === null ? records : await withLines([...records], program, path, io);
    const paint = createPaint(io.color);
    let lines: string[] = [];
    let before = '[\n';
    for (const record of all) {
      // One document, but never as one text: it has 200 MB.
      if (format === 'json') lines.push(before, JSON.stringify(record, null, 2).replace(/^/gm, '  '));
      else lines.push(format === 'jsonl' ? jsonLine(record) : imageSiteText(record, paint));
      before = ',\n';
      if (lines.length < linesAtOnce) continue;
      io.out(lines.join(''));
      lines = [];
      // A stream lets go of what it has written only between turns of the event loop.
      await setImmediate();
    }
    if (format === 'json') lines.push(before === '[\n' ? '[]\n' : '\n]\n');
    io.out(lines.join(''));
    return 0;
  } finally {
    decoder.close();
  }
}

/** The economics by file; null without a symbolizer. */
async function filesOf(opened: Opened, values: OptionValues, io: CliIo): Promise<readonly FileRow[] | null> {
  const program = stringValue(values, 'symbolizer');
  if (program === null) return null;
  const decoder = await loadNodeDecoder();
  try {
    const source: SiteSource = { ...opened, texts: createInsnTexts(opened.image, decoder) };
    const kinds = new Set<ImageSiteKind>(['alternative', 'callback-alternative', 'jump']);
    return sitesByFile(await withLines([...imageSiteRecords(source, kinds)], program, opened.path, io));
  } finally {
    decoder.close();
  }
}

/** `--line`: the same groups as the hover of an editor. */
async function showLine(opened: Opened, wanted: string, values: OptionValues, io: CliIo): Promise<ExitStatus> {
  const [, file, line] = /^(.+):(\d+)$/.exec(wanted) ?? [];
  if (file === undefined || line === undefined) throw new UsageError(`--line ${wanted}: expected FILE:LINE`);
  const program = stringValue(values, 'symbolizer');
  if (program === null) throw new UsageError('--line needs --symbolizer: lines come from debug information');
  const decoder = await loadNodeDecoder();
  try {
    const source: SiteSource = { ...opened, texts: createInsnTexts(opened.image, decoder) };
    const kinds = new Set<ImageSiteKind>(['alternative', 'callback-alternative', 'jump', 'runtime-constant']);
    const lines = createImageLines(await withLines([...imageSiteRecords(source, kinds)], program, opened.path, io));
    const groups = lines.at(file, Number(line));
    if (choiceValue(values, 'format', ['text', 'json'], 'text') === 'json') io.out(jsonDocument(groups));
    else io.out(groups.map((group) => lineGroupText(group, createPaint(io.color))).join('\n'));
    if (groups.length === 0) io.err(`patchpoint: ${wanted}: no patch site of the image comes from there\n`);
    return 0;
  } finally {
    decoder.close();
  }
}

function wantedKinds(values: OptionValues): ReadonlySet<ImageSiteKind> {
  const given = listValue(values, 'kind');
  const kinds = given.map((name) => {
    const kind = imageSiteKinds.find((one) => one === name);
    if (kind === undefined) throw new UsageError(`--kind ${name}: expected some of ${imageSiteKinds.join(', ')}`);
    return kind;
  });
  return new Set(kinds.length > 0 ? kinds : imageSiteKinds);
}

/** Records with file, line and chain from debug information, as far as the tool knows them. */
async function withLines(
  records: readonly ImageSiteRecord[],
  program: string,
  image: string,
  io: CliIo,
): Promise<readonly ImageSiteRecord[]> {
  const addresses = [
    ...new Set(records.flatMap(({ address, part }) => (address === null || part === 'vdso' ? [] : [address]))),
  ];
  if (addresses.length === 0) {
    io.err('patchpoint: --symbolizer: objects have no addresses that it could look up; use the linked image\n');
    return records;
  }
  const answer = await symbolize(program, image, addresses);
  if (answer.kind === 'failed') throw new UsageError(`--symbolizer ${answer.reason}`);
  return withFrames(records, answer.frames);
}

async function writeReport({ image, sites, names }: Opened, report: string, io: CliIo): Promise<ExitStatus> {
  const summary = imageSummary(image, sites, names);
  const page = imageReport(image, sites, { summary, economics: economics(image, sites, names) });
  try {
    await writeFile(absolutePath(report, io), page);
  } catch (error) {
    throw new UsageError(`--report ${report}: ${errorText(error)}`);
  }
  io.err(`patchpoint: ${report} written\n`);
  return 0;
}

function showComparison(before: Opened, after: Opened, values: OptionValues, io: CliIo): void {
  const figures = ({ image, sites, names }: Opened): ImageFigures => ({
    summary: imageSummary(image, sites, names),
    economics: economics(image, sites, names),
  });
  const comparison = compareImages(figures(before), figures(after));
  const json = choiceValue(values, 'format', ['text', 'json'], 'text') === 'json';
  io.out(json ? jsonDocument(comparison) : comparisonText(comparison, createPaint(io.color)));
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    throw new UsageError(`${what}: ${isMissing(error) ? 'no such file' : errorText(error)}`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
