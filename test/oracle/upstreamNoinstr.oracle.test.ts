// `lint` with the rules on noinstr code on kernels as released: what it finds at warning or above is what was reviewed
// (docs/upstream-findings.md), nothing else, and nothing of it is gone.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mustSkip } from '../support/optional.ts';
import { patchpoint } from '../support/runCli.ts';
import { aboutOf, foundText, type UpstreamRow, upstreamRows } from '../support/upstreamRecord.ts';
import { type KernelImage, kernelImages, noImage } from './images.ts';

const { images, missing } = kernelImages();
const skip = mustSkip('reviewed findings in released kernels', missing);

const folders = [
  'arch/arm64',
  'kernel',
  'lib',
  'mm/kasan',
  'drivers/cpuidle',
  'drivers/firmware/psci',
  'drivers/acpi/arm64',
  'drivers/acpi/processor_idle.c',
  'drivers/clocksource/arm_arch_timer.c',
  'drivers/firmware/arm_sdei.c',
  'drivers/irqchip/irq-gic-v3.c',
  'arch/x86/xen/enlighten_pv.c',
];

/** Options of lockdep, interrupt tracing and preemption debugging. */
const debugging = [
  'PREEMPT',
  'PREEMPT_BUILD',
  'PREEMPTION',
  'PREEMPT_COUNT',
  'PREEMPT_RCU',
  'PREEMPT_TRACER',
  'PREEMPTIRQ_TRACEPOINTS',
  'PROVE_LOCKING',
  'PROVE_RCU',
  'LOCKDEP',
  'DEBUG_LOCK_ALLOC',
  'DEBUG_PREEMPT',
  'DEBUG_SPINLOCK',
  'DEBUG_MUTEXES',
  'TRACE_IRQFLAGS',
  'TRACE_PREEMPT_TOGGLE',
  'IRQSOFF_TRACER',
];

function withDebugging(config: string): string {
  const gone = new RegExp(`^(?:# )?CONFIG_(?:${['PREEMPT_VOLUNTARY', ...debugging].join('|')})(?:=| is).*\\n`, 'gm');
  return config.replace(gone, '') + debugging.map((option) => `CONFIG_${option}=y\n`).join('');
}

/** Findings at warning or above, as the record tells them. */
async function found({ source }: KernelImage, config: string, inTree: readonly string[]): Promise<string[]> {
  const paths = inTree.map((path) => join(source, path)).filter((path) => existsSync(path));
  const options = ['--kernel', source, '--config', config, '--rule', 'noinstr', '--severity', 'warning'];
  const { out } = await patchpoint(['lint', ...paths, ...options, '--format', 'jsonl']);
  const counts = new Map<string, number>();
  for (const line of out.split('\n').filter((one) => one !== '')) {
    const { file, rule, severity, message } = JSON.parse(line) as Record<
      'file' | 'rule' | 'severity' | 'message',
      string
    >;
    const key = JSON.stringify([file, rule, aboutOf(rule, message), severity]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, n]) => {
    const [file, rule, about, severity] = JSON.parse(key) as [string, string, string, string];
    return foundText({ file, rule, about }, severity, n);
  });
}

/** Another release of a stable series is held against the one that was reviewed. */
function recordedVersion(found: Readonly<Record<string, unknown>>, version: string): string {
  if (version in found) return version;
  const series = version.replace(/\.\d+$/, '.');
  return Object.keys(found).find((one) => one.startsWith(series)) ?? version;
}

/** What was reviewed in a version. Rows of several functions about the same are counted together. */
function reviewed(version: string, among: readonly UpstreamRow[]): string[] {
  const rows = new Map<string, { row: UpstreamRow; severity: string; n: number }>();
  for (const row of among) {
    const here = row.found[recordedVersion(row.found, version)];
    if (here === undefined) continue;
    const key = JSON.stringify([row.file, row.rule, row.about, here.severity]);
    const n = (rows.get(key)?.n ?? 0) + here.lines.length;
    rows.set(key, { row, severity: here.severity, n });
  }
  return [...rows.values()].map(({ row, severity, n }) => foundText(row, severity, n));
}

/** `6.12.117` of `6.12.117+deb12-arm64`; the makefile has it where the package's name has not. */
function versionOf({ source }: KernelImage): string {
  const text = readFileSync(join(source, 'Makefile'), 'utf8');
  const value = (name: string): string => new RegExp(`^${name}\\s*=\\s*(\\d+)`, 'm').exec(text)?.[1] ?? '';
  return ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(value).join('.');
}

describe.skipIf(skip).each(images.length > 0 ? images : [noImage])('$release', (image) => {
  it('with the configuration of the distribution: what was reviewed', { timeout: 1_200_000 }, async () => {
    const version = versionOf(image);
    const rows = upstreamRows().filter(({ configuration }) => configuration === 'distribution');
    expect((await found(image, image.config, folders)).sort()).toEqual(reviewed(version, rows).sort());
  });

  it('with lockdep and preemption debugging: that and the leaks of debugging', { timeout: 1_200_000 }, async () => {
    const version = versionOf(image);
    const folder = mkdtempSync(join(tmpdir(), 'patchpoint-'));
    try {
      const config = join(folder, 'config');
      writeFileSync(config, withDebugging(readFileSync(image.config, 'utf8')));
      // The folders again would take minutes: what debugging adds is in a few files.
      const rows = upstreamRows();
      const files = [...new Set(rows.filter((row) => row.configuration === 'debugging').map(({ file }) => file))];
      const there = rows.filter(({ file }) => files.includes(file));
      const all = await found(image, config, files);
      // What stands in another file is not in these rows: a key is told at its definition.
      const now = all.filter((one) => files.some((file) => one.startsWith(`${file}: `)));
      expect(now.sort()).toEqual(reviewed(version, there).sort());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
