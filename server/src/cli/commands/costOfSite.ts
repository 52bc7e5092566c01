import type { TableCache } from '../../cost/records.ts';
import { defaultCore, ownCore } from '../../features/cost/automaticCore.ts';
import { openCost } from '../../features/cost/costContext.ts';
import { askMca, opinionOnPlaced, opinionText } from '../../features/cost/secondOpinion.ts';
import { sitesAt } from '../../features/cost/siteCost.ts';
import { type SiteCostRecord, siteCostRecord } from '../../features/cost/siteCostRecord.ts';
import type { FeatureContext } from '../../features/featureContext.ts';
import { createMcaRunner } from '../../node/llvmMca.ts';
import { type CliIo, type ExitStatus, type OptionValues, UsageError } from '../command.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';
import { absolutePath, describeTree, openSession } from '../session.ts';

export interface SiteRequest {
  /** FILE:LINE as the user wrote it. */
  readonly place: string;
  /** Names of cores; empty: the machine state's. */
  readonly cores: readonly string[];
  readonly tables: TableCache;
  readonly format: 'text' | 'json' | 'jsonl';
  readonly timeline: boolean;
  /** Path of llvm-mca, where its opinion is wanted. */
  readonly llvmMca: string | null;
}

/** `patchpoint cost --site`: both streams of the sites on a line, the paths behind them, and the difference. */
export async function runSiteCost(values: OptionValues, request: SiteRequest, io: CliIo): Promise<ExitStatus> {
  const { path, line } = parsePlace(request.place, io);
  const session = openSession(values, [path], io);
  io.err(describeTree(session.status));
  const { ctx } = session;
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) throw new UsageError(`${request.place}: no assembly of this kernel tree`);
  const sites = sitesAt(analysis, line);
  const file = session.display(path);
  if (sites.length === 0) {
    throw new UsageError(`${request.place}: no alternative on this line; patchpoint sites ${file} lists them`);
  }
  const all: SiteCostRecord[] = [];
  for (const name of request.cores.length > 0 ? request.cores : [ownCore(ctx.state) ?? defaultCore]) {
    const cost = await openCost(request.tables, name);
    if (cost.core.warning !== null) io.err(`patchpoint: ${cost.core.title}: ${cost.core.warning}\n`);
    const withCore: FeatureContext = { ...ctx, cost };
    for (const placed of sites) {
      const found = siteCostRecord(withCore, analysis, placed, { file, line, timeline: request.timeline });
      if (found === null) continue;
      if (request.format === 'json') all.push(found.record);
      else io.out(request.format === 'jsonl' ? jsonLine(found.record) : `${found.text}\n`);
      if (request.llvmMca === null || request.format !== 'text') continue;
      const question = opinionOnPlaced(withCore, analysis, placed);
      if (question === null) continue;
      const tool = { runner: createMcaRunner(), program: request.llvmMca };
      const answer = await askMca(question, tool, ctx.cancellation);
      if ('problem' in answer) throw new UsageError(`--llvm-mca: ${answer.problem}`);
      io.out(`${opinionText(question, answer).text}\n`);
    }
  }
  if (request.format === 'json') io.out(jsonDocument(all));
  return 0;
}

function parsePlace(place: string, io: CliIo): { readonly path: string; readonly line: number } {
  const [, file, line] = /^(.+):(\d{1,7})(?::\d+)?$/.exec(place) ?? [];
  if (file === undefined || Number(line) < 1) throw new UsageError(`--site ${place}: expected FILE:LINE`);
  return { path: absolutePath(file, io), line: Number(line) };
}
