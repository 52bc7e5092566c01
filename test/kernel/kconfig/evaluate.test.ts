import { describe, expect, it } from 'vitest';
import { evaluateConfig } from '../../../server/src/kernel/kconfig/evaluate.ts';
import { parseKconfig } from '../../../server/src/kernel/kconfig/parser.ts';
import { gcc12 } from '../../../server/src/kernel/kconfig/toolchain.ts';

/** Set values, as `.config` lines without `CONFIG_`. */
function evaluate(kconfig: string, defconfig = '', more: Readonly<Record<string, string>> = {}): string {
  const files: Readonly<Record<string, string>> = { Kconfig: kconfig, ...more };
  const tree = parseKconfig({ readText: (path) => files[path], toolchain: gcc12, environment: { SRCARCH: 'arm64' } });
  expect(tree.problems).toEqual([]);
  const lines = defconfig
    .split(' ')
    .map((word) =>
      word === '' ? '' : word.startsWith('!') ? `# CONFIG_${word.slice(1)} is not set` : `CONFIG_${word}`,
    );
  return [...evaluateConfig(tree, lines.join('\n'))].map(([name, value]) => `${name}=${value}`).join(' ');
}

const modules = 'config MODULES\n\tbool "modules"\n\tmodules\n\tdefault y\n';

describe('values', () => {
  it('come from the defconfig, else from the first default that holds', () => {
    const kconfig =
      'config A\n\tbool "a"\nconfig B\n\tbool "b"\n\tdefault y if A\n\tdefault n\nconfig C\n\tint "c"\n\tdefault 7 if B\n\tdefault 3\n';
    expect(evaluate(kconfig)).toBe('C=3');
    expect(evaluate(kconfig, 'A=y')).toBe('A=y B=y C=7');
    expect(evaluate(kconfig, 'A=y !B C=9')).toBe('A=y C=9');
  });

  it('without a prompt the defconfig has no say', () => {
    expect(evaluate('config A\n\tbool\nconfig S\n\tstring\n\tdefault "x"\n', 'A=y S="z"')).toBe('S="x"');
  });

  it('depends on, menus and if limit visibility', () => {
    const kconfig =
      'config A\n\tbool "a"\nmenu "m"\n\tdepends on A\nif !OFF\nconfig B\n\tbool "b"\n\tdefault y\nendif\nendmenu\nconfig OFF\n\tbool "off"\n';
    expect(evaluate(kconfig)).toBe('');
    expect(evaluate(kconfig, 'A=y')).toBe('A=y B=y');
    expect(evaluate(kconfig, 'A=y OFF=y')).toBe('A=y OFF=y');
  });

  it('visible if hides prompts but keeps defaults', () => {
    const kconfig = 'menu "m"\n\tvisible if NO\nconfig A\n\tbool "a"\n\tdefault y\nendmenu\n';
    expect(evaluate(kconfig, '!A')).toBe('A=y');
  });

  it('select overrules dependencies; imply does not', () => {
    const kconfig =
      'config S\n\tbool "s"\n\tselect A\n\timply B\n\timply C\nconfig A\n\tbool\n\tdepends on NO\nconfig B\n\tbool "b"\n\tdepends on NO\nconfig C\n\tbool "c"\n';
    expect(evaluate(kconfig, 'S=y')).toBe('S=y A=y C=y');
    expect(evaluate(kconfig, 'S=y !C')).toBe('S=y A=y');
  });

  it('tristates are limited by what they depend on', () => {
    const kconfig = `${modules}config A\n\ttristate "a"\nconfig B\n\ttristate "b"\n\tdepends on A\nconfig C\n\tbool "c"\n\tdepends on A\n\tdefault y\n`;
    expect(evaluate(kconfig, 'A=m B=y')).toBe('MODULES=y A=m B=m C=y');
    // Without modules an `m` of the user becomes `y` (symbol.c:sym_get_type).
    expect(evaluate(kconfig, '!MODULES A=m B=y')).toBe('A=y B=y C=y');
  });

  it('comparisons are numeric, textual or by tristate', () => {
    const kconfig =
      'config N\n\tint\n\tdefault 120200\nconfig H\n\thex\n\tdefault 0x10\nconfig A\n\tdef_bool N >= 90000 && H = 0x10 && X != y\nconfig T\n\tstring\n\tdefault "b"\nconfig B\n\tdef_bool T = "b"\nconfig X\n\tbool "x"\n';
    expect(evaluate(kconfig)).toBe('N=120200 H=0x10 A=y T="b" B=y');
  });

  it('ranges clamp numbers', () => {
    const kconfig = 'config N\n\tint "n"\n\trange 4 16\n\tdefault 2\n';
    expect(evaluate(kconfig)).toBe('N=4');
    expect(evaluate(kconfig, 'N=99')).toBe('N=16');
  });
});

describe('choice', () => {
  const kconfig =
    'choice\n\tprompt "size"\n\tdefault SMALL\nconfig SMALL\n\tbool "s"\nconfig BIG\n\tbool "b"\n\tdepends on ROOM\nendchoice\nconfig ROOM\n\tbool "room"\n';
  it('has exactly one member: the user’s, else the default', () => {
    expect(evaluate(kconfig)).toBe('SMALL=y');
    expect(evaluate(kconfig, 'BIG=y')).toBe('SMALL=y');
    expect(evaluate(kconfig, 'ROOM=y BIG=y')).toBe('BIG=y ROOM=y');
  });

  it('takes the first visible member when the default is hidden', () => {
    expect(
      evaluate(
        'choice\n\tprompt "p"\n\tdefault A\nconfig A\n\tbool "a"\n\tdepends on NO\nconfig B\n\tbool "b"\nendchoice\n',
      ),
    ).toBe('B=y');
  });
});

describe('files and macros', () => {
  it('sources files by variables, relative and optional', () => {
    const more = {
      'arch/arm64/Kconfig': 'rsource "Kconfig.x"\nosource "none"\n',
      'arch/arm64/Kconfig.x': 'config X\n\tdef_bool y\n',
    };
    expect(evaluate('source "arch/$(SRCARCH)/Kconfig"\n', '', more)).toBe('X=y');
  });

  it('asks the assumed toolchain instead of running it', () => {
    const include =
      'cc-option = $(success,$(CC) $(1))\nname := $(shell,$(srctree)/scripts/cc-version.sh gcc)\nv := $(shell,set -- $(name) && echo $2)\n';
    const kconfig = `${include}config A\n\tdef_bool $(cc-option,-fsanitize=kernel-hwaddress)\nconfig B\n\tdef_bool $(cc-option,-mllvm -x)\nconfig C\n\tdef_bool $(success,test $(v) -ge 110000)\nconfig V\n\tint\n\tdefault $(v)\n`;
    expect(evaluate(kconfig)).toBe('A=y C=y V=120200');
  });

  it('help text ends where the indentation ends', () => {
    expect(
      evaluate('config A\n\tdef_bool y\n\thelp\n\t  config NOT_ME\n\n\t    default n\nconfig B\n\tdef_bool A\n'),
    ).toBe('A=y B=y');
  });

  it('reads `depends on A if B`', () => {
    const kconfig =
      'config A\n\tbool "a"\nconfig B\n\tbool "b"\nconfig C\n\tbool "c"\n\tdefault y\n\tdepends on A if B\n';
    expect(evaluate(kconfig)).toBe('C=y');
    expect(evaluate(kconfig, 'B=y')).toBe('B=y');
  });
});

describe('broken input', () => {
  const text =
    'menu "m"\nconfig A\n\tbool "a" if (B || !C\n\tdefault y if D = "x\n\tselect E if F\nchoice\nconfig G\n\tbool\nendchoice\nendmenu\nendif\n$(shell,x\n';
  it('never throws on any prefix', () => {
    for (let end = 0; end <= text.length; end++) {
      const kconfig = text.slice(0, end);
      const tree = parseKconfig({
        readText: (path) => (path === 'Kconfig' ? kconfig : undefined),
        toolchain: gcc12,
        environment: {},
      });
      expect(() => evaluateConfig(tree, 'CONFIG_A=y')).not.toThrow();
    }
  });

  it('a file that sources itself ends', () => {
    const tree = parseKconfig({
      readText: () => 'source "Kconfig"\nconfig A\n\tdef_bool y\n',
      toolchain: gcc12,
      environment: {},
    });
    expect(tree.symbols.get('A')?.isDefined).toBe(true);
  });

  it('symbols that depend on each other end', () => {
    expect(evaluate('config A\n\tdef_bool B\nconfig B\n\tdef_bool A\n')).toBe('');
  });
});
