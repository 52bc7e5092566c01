import { bundledCostData } from '../../cost/bundledCostData.ts';
import { coreChoices } from '../../cost/cores.ts';
import { TableCache } from '../../cost/records.ts';
import { type Command, choiceValue, valueOption } from '../command.ts';
import { createPaint } from '../paint.ts';
import { alignColumns } from '../reporters/columns.ts';
import { jsonDocument, jsonLine } from '../reporters/json.ts';

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
    for (const { name, title, model: modelName, modelledAs, warning } of coreChoices) {
      const { model, llvmVersion, cpus } = await tables.core(modelName);
      records.push({
        name,
        title,
        model: modelName,
        modelledAs,
        kind: model.kind,
        widthUops: model.widthUops,
        bufferUops: model.kind === 'in-order' ? null : model.bufferUops,
        mispredictPenaltyCycles: model.mispredictPenaltyCycles,
        source: `LLVM ${llvmVersion}, ${model.llvmModel}`,
        llvmNames: cpus,
        limits: warning,
      });
    }
    if (format === 'json') io.out(jsonDocument(records));
    else if (format === 'jsonl') for (const record of records) io.out(jsonLine(record));
    else {
      const paint = createPaint(io.color);
      const rows = records.map((record) => [
        record.name,
        record.modelledAs === null ? record.title : `${record.title}, modelled as ${record.modelledAs}`,
        record.kind === 'in-order' ? 'in order' : 'out of order',
        String(record.widthUops),
        record.bufferUops === null ? '-' : String(record.bufferUops),
        String(record.mispredictPenaltyCycles),
        record.source,
      ]);
      const header = ['name', 'core', 'kind', 'width', 'buffer', 'mispredict', 'source'];
      const [head = '', ...lines] = alignColumns(
        [header, ...rows],
        ['left', 'left', 'left', 'right', 'right', 'right', 'left'],
      );
      io.out(`${paint.dim(head)}\n`);
      records.forEach((record, index) => {
        io.out(`${lines[index] ?? ''}\n`);
        if (record.limits !== null) io.out(`  ${paint.yellow('note')}: ${record.limits}\n`);
      });
    }
    return 0;
  },
};
