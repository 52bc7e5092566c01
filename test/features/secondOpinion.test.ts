import { expect, it } from 'vitest';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import type { McaRun, McaRunner } from '../../server/src/cost/llvmMca.ts';
import { TableCache } from '../../server/src/cost/records.ts';
import { openCost } from '../../server/src/features/cost/costContext.ts';
import { askMca, opinionOnSite, opinionText } from '../../server/src/features/cost/secondOpinion.ts';
import { openExample } from '../support/exampleTree.ts';

const a55 = await openCost(new TableCache(bundledCostData), 'cortex-a55');

const site = `
SYM_FUNC_START(count)
alternative_if_not$0 ARM64_HAS_LSE_ATOMICS
	ldxr	w2, [x0]
	add	w2, w2, w1
	stxr	w3, w2, [x0]
alternative_else
	.arch_extension lse
	ldadd	w1, w2, [x0]
	nops	2
alternative_endif
	ret
SYM_FUNC_END(count)
`;

/** A program that says what `answer` says, and notes what it is asked. */
function fakeMca(answer: (args: readonly string[], input: string) => McaRun): {
  readonly runner: McaRunner;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const runner: McaRunner = {
    run: async (_program, args, input) => {
      asked.push(`${args.join(' ')}\n${input}`);
      if (args.includes('--version')) return { kind: 'done', output: '  LLVM version 18.1.0\n' };
      return answer(args, input);
    },
  };
  return { runner, asked };
}

async function opinion(mca: { readonly runner: McaRunner }): Promise<string> {
  const file = openExample(site, []);
  const ctx = { ...file.ctx, cost: a55 };
  const question = opinionOnSite(ctx, file.path, file.offset);
  if (question === null) return 'no question';
  const answer = await askMca(question, { runner: mca.runner, program: 'mca' }, ctx.cancellation);
  return 'problem' in answer ? answer.problem : opinionText(question, answer).text;
}

it('figures side by side with the difference, and what it refuses', async () => {
  const mca = fakeMca((_args, input) => {
    if (input.includes('ldadd')) return { kind: 'refused', complaint: 'unsupported: ldadd' };
    const SummaryView = { TotalCycles: 12, TotaluOps: 4, BlockRThroughput: 1 };
    const Instructions = input.trim().split('\n').slice(1);
    return { kind: 'done', output: JSON.stringify({ CodeRegions: [{ Instructions, SummaryView }] }) };
  });
  expect(await opinion(mca)).toMatchInlineSnapshot(`
    "alternative_if_not ARM64_HAS_LSE_ATOMICS: second opinion
    Cortex-A55 model
                         llvm-mca 18.1.0  our llvm mode  difference  our kernel mode
    unpatched: one pass               12             11          -1           11..24
    100 passes                        12            704        +692         803..915
    micro-ops                          4              5          +1                5
    throughput                         1            2.5        +1.5              2.5
    patched: one pass            refused        refused                        9..31
    100 passes                   refused        refused                    801..3100
    micro-ops                    refused        refused                            4
    throughput                   refused        refused                            2
    note: unpatched: llvm-mca read 3 of 4 instructions
    note: patched: llvm-mca refuses it: unsupported: ldadd
    note: patched: LLVM has no figures for ldadd on this core
    note: our tables are those of LLVM 19.1.7; llvm-mca 18.1.0 may have others
    note: our llvm mode reproduces llvm-mca; our kernel mode, which is shown
          elsewhere, adds what LLVM does not know
    note: both are models, nothing here was measured
    "
  `);
  expect(mca.asked[1]).toBe(
    '-mtriple=aarch64 -mattr=+all -mcpu=cortex-a55 -iterations=1 -json -\n\tldxr w2, [x0]\n\tadd w2, w2, w1\n\tstxr w3, w2, [x0]\n\tret\n',
  );
});

it('a program that answers something else, or does not run, is a problem in one sentence', async () => {
  expect(await opinion(fakeMca(() => ({ kind: 'done', output: 'Iterations: 100' })))).toBe(
    'llvm-mca 18.1.0 answered no JSON that is known',
  );
  expect(await opinion(fakeMca(() => ({ kind: 'failed', reason: 'gone' })))).toBe('gone');
  const other: McaRunner = { run: async () => ({ kind: 'done', output: 'hello' }) };
  expect(await opinion({ runner: other })).toBe('mca is not llvm-mca: it does not tell an LLVM version');
});
