import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../server/src/base/logger.ts';
import { Workspace, type WorkspaceSettings } from '../../server/src/project/workspace.ts';
import type { MemoryFileSource } from '../support/memoryFileSource.ts';
import { smallTree } from '../support/smallTree.ts';

const none: WorkspaceSettings = { kernelRoot: null, buildDirectory: null, configFile: null };
const file = '/k/arch/arm64/kernel/x.S';

const open = (files: MemoryFileSource, settings = none): Workspace =>
  new Workspace({ files, logger: silentLogger, settings });

const value = (workspace: Workspace, name: string): string | null | undefined =>
  workspace.treeFor(file)?.config.value(name);

describe('what is kept of a tree', () => {
  const kconfig = {
    Kconfig: 'source "deep/Kconfig"\n',
    'deep/Kconfig': 'source "deep/er/Kconfig"\n',
    'deep/er/Kconfig': 'config A\n\tdef_bool n\n',
    'arch/arm64/configs/defconfig': '',
    'arch/arm64/kernel/x.S': 'nop\n',
  };

  it('an edit of a nested Kconfig file changes the configuration', () => {
    const files = smallTree(kconfig);
    const workspace = open(files);
    expect(value(workspace, 'A')).toBeNull();
    files.write('/k/deep/er/Kconfig', 'config A\n\tdef_bool y\n');
    workspace.invalidate(['/k/deep/er/Kconfig']);
    expect(value(workspace, 'A')).toBe('y');
  });

  it('a Kconfig file that was missing is read once it is there', () => {
    const files = smallTree(kconfig);
    files.remove('/k/deep/er/Kconfig');
    const workspace = open(files);
    expect(value(workspace, 'A')).toBeNull();
    files.write('/k/deep/er/Kconfig', 'config A\n\tdef_bool y\n');
    workspace.invalidate(['/k/deep/er/Kconfig']);
    expect(value(workspace, 'A')).toBe('y');
  });

  it('a tree that is opened again evaluates its defconfig only when something changed', () => {
    const files = smallTree(kconfig);
    const workspace = open(files);
    value(workspace, 'A');
    files.takeReads();
    workspace.invalidate(['/k/Makefile']);
    value(workspace, 'A');
    expect(files.takeReads()).not.toContain('/k/deep/er/Kconfig');
  });

  it('an edit of a capability table changes what a cpucap means', () => {
    const table = (type: string): string =>
      `static const struct arm64_cpu_capabilities arm64_features[] = {\n\t{\n\t\t.capability = ARM64_HAS_PAN,\n\t\t.type = ${type},\n\t},\n};\n`;
    const files = smallTree({ 'arch/arm64/kernel/cpufeature.c': table('ARM64_CPUCAP_SYSTEM_FEATURE') });
    const workspace = open(files);
    const type = (): string | null | undefined => workspace.treeFor(file)?.cpucapMeaning('HAS_PAN').meaning?.type;
    expect(type()).toBe('SYSTEM_FEATURE');
    files.write('/k/arch/arm64/kernel/cpufeature.c', table('ARM64_CPUCAP_BOOT_CPU_FEATURE'));
    workspace.invalidate(['/k/arch/arm64/kernel/cpufeature.c']);
    expect(type()).toBe('BOOT_CPU_FEATURE');
  });
});

describe('without a client that watches files', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('a build that appears and goes again is seen', () => {
    const files = smallTree({ 'arch/arm64/configs/defconfig': '', 'arch/arm64/kernel/x.S': 'nop\n' });
    const workspace = open(files);
    const source = (): string | undefined => {
      vi.advanceTimersByTime(2000);
      workspace.assembly(file);
      return workspace.treeFor(file)?.config.source.kind;
    };
    expect(source()).toBe('defconfig');
    files.write('/k/.config', 'CONFIG_ARM64=y\n');
    expect(source()).toBe('dot-config');
    files.remove('/k/.config');
    expect(source()).toBe('defconfig');
  });
});

describe('settings of two folders', () => {
  it('give each kernel its own build directory', () => {
    const other = Object.fromEntries(
      ['Makefile', 'Kconfig', 'arch/arm64/tools/cpucaps'].map((name) => [`/other/${name}`, '# \n']),
    );
    const files = smallTree({
      ...other,
      '/o1/.config': 'CONFIG_ARM64=y\nCONFIG_A=y\n',
      '/o2/.config': 'CONFIG_ARM64=y\nCONFIG_B=y\n',
    });
    const workspace = open(files);
    workspace.updateSettings(
      none,
      new Map([
        ['/k', { ...none, buildDirectory: '/o1' }],
        ['/other', { ...none, buildDirectory: '/o2' }],
      ]),
    );
    const builds = ['/k/arch/a.S', '/other/arch/a.S'].map((path) => workspace.treeFor(path)?.buildDirectory?.path);
    expect(builds).toEqual(['/o1', '/o2']);
  });
});

describe('open documents', () => {
  it('that include a header are known, so that edits of it reach them', () => {
    const files = smallTree({ 'arch/arm64/kernel/x.S': '#include "y.h"\nwrite\n', 'arch/arm64/kernel/y.h': '' });
    const workspace = open(files);
    const header = '/k/arch/arm64/kernel/y.h';
    const statements = (): readonly string[] => workspace.assembly(file)?.gas.statements.map((one) => one.text) ?? [];
    workspace.openDocument(file, '#include "y.h"\nwrite\n', 1);
    expect(statements()).toEqual(['write']);
    workspace.openDocument(header, '.macro write\nnop\n.endm\n', 1);
    expect(workspace.dependentsOf(header)).toEqual([file]);
    expect(statements()).toEqual(['nop']);
    expect(workspace.dependentsOf(file)).toEqual([]);
  });
});
