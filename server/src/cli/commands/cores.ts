import { bundledCostData } from '../../cost/bundledCostData.ts';
import { commonLimits, coreChoices } from '../../cost/cores.ts';
import { TableCache } from '../../cost/records.ts';
import { type Command, choiceValue, valueOption } from '../command.ts';
import { createPaint } from '../paint.ts';
import { alignColumns } from '../reporters/columns.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';

const leftThree = ['left', 'left', 'left'] as const;

/** `patchpoint cores`: the cores that cost knows, with the model that stands for each. */
export const coresCommand: Command = {
  name: 'cores',
  summary: 'List the cores of cost: model, stand-in, source and limits.',
  usage: '[--format text|json|jsonl]',
  options: [valueOption('format', 'FORMAT', 'text (default), json or jsonl')],
  run: async ({ values }, io) => {
    const format = choiceValue(values, 'format', ['text', 'json', 'jsonl'], 'text');
    const tables = new TableCache(bundledCostData);
    const records = [];
    for (const {
      name,
      title,
      model: modelName,
      modelledAs,
      warning,
      limits,
      source,
      features,
      aliases,
    } of coreChoices) {
      const { model, llvmVersion } = await tables.core(modelName);
      const isInOrder = model.kind === 'in-order';
      records.push({
        name,
        title,
        aliases,
        model: modelName,
        modelledAs,
        kind: model.kind,
        widthUops: model.widthUops,
        bufferUops: isInOrder ? null : model.bufferUops,
        mispredictPenaltyCycles: model.mispredictPenaltyCycles,
        features,
        llvm: `${llvmVersion} ${model.llvmModel}`,
        source,
        warning,
        limits: [...limits, ...commonLimits],
      });
    }
    if (format === 'json') io.out(jsonDocument(records));
    else if (format === 'jsonl') for (const record of records) io.out(jsonLine(record));
    else {
      const paint = createPaint(io.color);
      const own = records.filter((record) => record.name === record.model);
      const rows = own.map((record) => [
        record.name,
        record.modelledAs === null ? record.title : `${record.title}, modelled as ${record.modelledAs}`,
        record.kind === 'in-order' ? 'in order' : 'out of order',
        String(record.widthUops),
        record.bufferUops === null ? '-' : String(record.bufferUops),
        String(record.mispredictPenaltyCycles),
        record.llvm,
      ]);
      const header = ['model', 'core', 'kind', 'width', 'buffer', 'mispredict', 'LLVM'];
      const [head = '', ...lines] = alignColumns([header, ...rows], [...leftThree, 'right', 'right', 'right', 'left']);
      io.out(`${paint.dim(head)}\n${lines.join('\n')}\n\n`);
      const others = records.filter((record) => record.name !== record.model);
      const standIns = others.map((record) => [
        record.name,
        `modelled as ${record.model}`,
        record.source.replace(/^.*?: \w+\. /, ''),
      ]);
      const shown = alignColumns([['stand-in', '', 'why'], ...standIns], leftThree);
      io.out(`${paint.dim(shown[0] ?? '')}\n`);
      others.forEach((record, index) => {
        io.out(`${shown[index + 1] ?? ''}${record.warning === null ? '' : `  ${paint.yellow(record.warning)}`}\n`);
      });
      io.out(`\n${paint.dim('limits')}\n`);
      for (const limit of commonLimits) io.out(`  ${limit}\n`);
      for (const { name, limits, warning } of own) {
        const more = limits.filter((limit) => !commonLimits.includes(limit));
        const all = warning === null ? more : [warning, ...more];
        if (all.length > 0) io.out(`  ${name}: ${all.join(' ')}\n`);
      }
    }
    return 0;
  },
};
