// What the noinstr rules find in released kernels and what a person says about each: `oracle/records/noinstrUpstream.json`,
// shown as docs/upstream-findings.md.
import { readFileSync } from 'node:fs';

export interface UpstreamRow {
  readonly file: string;
  readonly function: string;
  readonly rule: string;
  /** What is called, stored or used. */
  readonly about: string;
  /** With the distribution's configuration, or only with lockdep and preemption debugging. */
  readonly configuration: 'distribution' | 'debugging';
  /** By kernel version. */
  readonly found: Readonly<Record<string, { readonly severity: string; readonly lines: readonly number[] }>>;
  /** What the distribution's 6.12 image has of the callee. */
  readonly image: 'traced' | 'probed' | 'inlined' | '';
  readonly verdict: 'real' | 'real, harmless' | 'by design';
  readonly why: string;
}

const place = new URL('../oracle/records/noinstrUpstream.json', import.meta.url);

export function upstreamRows(): readonly UpstreamRow[] {
  return JSON.parse(readFileSync(place, 'utf8')) as readonly UpstreamRow[];
}

/** The function or expression that a message is about. */
export function aboutOf(rule: string, message: string): string {
  const pattern = {
    'noinstr.indirect-call': /calls through (.*?) outside/,
    'noinstr.region-without-context': /that (\S+) can call/,
    'noinstr.resched-without-trace-on': /after (\w+)\(\)/,
    'noinstr.calls-instrumentable': /calls (\w+)\(\)/,
    'noinstr.hook-target-instrumentable': /^(\w+)/,
    'noinstr.inline-address-taken': /^(\w+)/,
    'noinstr.callback-instrumentable': /^(\w+)/,
    'noinstr.static-key-writable': /^(\w+)/,
    'noinstr.context-switch-outside-noinstr': /^(\w+)/,
  }[rule];
  return (pattern ?? /(\w+)\(\)/).exec(message)?.[1] ?? message;
}

/** A row as it is found in one kernel: lines are those of one release and no part of it. */
export function foundText(row: Pick<UpstreamRow, 'file' | 'rule' | 'about'>, severity: string, n: number): string {
  return `${row.file}: ${severity} ${row.rule} ${row.about}${n === 1 ? '' : ` (${n})`}`;
}

const versions = ['6.12.117', '6.1.192'] as const;

const head = `# What the noinstr rules find in released kernels

Every finding at warning or above of \`patchpoint lint\` on unmodified Linux 6.12.117 and 6.1.192, one row each, read by hand
in the source. The folders: \`arch/arm64\`, \`kernel\`, \`lib\`, \`mm/kasan\`, \`drivers/cpuidle\`, \`drivers/firmware/psci\`,
\`drivers/acpi/arm64\`, and \`drivers/acpi/processor_idle.c\`, \`drivers/clocksource/arm_arch_timer.c\`,
\`drivers/firmware/arm_sdei.c\`, \`drivers/irqchip/irq-gic-v3.c\`, \`arch/x86/xen/enlighten_pv.c\`; the configuration that of
a distribution (voluntary preemption, NO_HZ_FULL, KVM, no lockdep), then the same with lockdep, interrupt tracing and
preemption debugging. The \`el0_*\` and \`el1_*\` handlers of \`entry-common.c\` are silent with the first one.

- **real**: the code does what the finding says, and a tracer, a probe or the order of things can do harm there.
- **real, harmless**: it does what the finding says; the last column has why nothing comes of it today. The attribute
  promises more than holds.
- **by design**: it does what the finding says, and the kernel says so too.

No finding is left that is a false alarm; those that reviews found are tests now (\`test/noinstr/releasedShapes.test.ts\`).

The column "image" says what the 6.12 image of that distribution has of what is called: a function with a trace site
(**traced**), one without, which probes can still reach (**probed**), or nothing, because the compiler inlined it
(**inlined**). The list is also a record (\`test/oracle/records/noinstrUpstream.json\`): \`npm test\` fails when lint finds
anything in these kernels that is not on it.
`;

const tail = `
## Notes

Below warning there are some twenty notes in each kernel, each of one of these kinds: callbacks that are \`__init\`, inline
functions that are small (\`stackinfo_get_task()\`, \`stackinfo_get_efi()\`, \`read_tcr()\`), \`noinline\` beside
\`noinstr\`, \`patch_map()\` and \`patch_unmap()\` (\`__kprobes\`: neither traced nor probed in 6.12), in 6.1 the idle
functions that are only \`__cpuidle\`, and \`kernel_text_address()\`, which takes back its own \`ct_nmi_enter()\`. With
debugging come \`lockdep_assert_irqs_disabled()\` and \`lockdep_hardirqs_enabled()\`, which read with \`this_cpu_read()\`, and
markers that \`noinstr\` makes unnecessary.

\`__cpuidle\` protects nothing in 6.1; functions with it are not checked as noinstr there, nor are those of \`patching.c\` and
\`mmu.c\`, which became noinstr later.
`;

/** The document of the record. */
export function upstreamDocument(rows: readonly UpstreamRow[]): string {
  return `${head}${section('With the configuration of a distribution', rows, 'distribution')}${section(
    'Only with lockdep and preemption debugging',
    rows,
    'debugging',
  )}${tail}`;
}

function section(title: string, rows: readonly UpstreamRow[], configuration: UpstreamRow['configuration']): string {
  const own = rows.filter((row) => row.configuration === configuration);
  const n = (version: string): number => own.reduce((sum, { found }) => sum + (found[version]?.lines.length ?? 0), 0);
  const lines = ['', `## ${title}`, '', `${versions.map((version) => `${n(version)} in ${version}`).join(', ')}.`];
  for (const file of [...new Set(own.map((row) => row.file))]) {
    lines.push(
      '',
      `### ${file}`,
      '',
      `| ${versions.map((version) => `line, ${version}`).join(' | ')} | function | finding | image | verdict | why |`,
      '|---|---|---|---|---|---|---|',
    );
    for (const row of own.filter((one) => one.file === file)) lines.push(tableRow(row));
  }
  return `${lines.join('\n')}\n`;
}

function tableRow(row: UpstreamRow): string {
  const at = versions.map((version) => row.found[version]?.lines.join(', ') ?? '');
  const severity = [...new Set(Object.values(row.found).map((one) => one.severity))].join(', ');
  const rule = row.rule.replace('noinstr.', '');
  const finding = `${severity}: [${rule}](rules/${row.rule}.md), \`${row.about}\``;
  const name = row.function === '' ? '' : `\`${row.function}\``;
  return `| ${[...at, name, finding, row.image, row.verdict, row.why].join(' | ')} |`.replace(/ {2,}/g, ' ');
}
