import { describe, expect, it } from 'vitest';
import { describeCpucap, readCpucapTables } from '../../server/src/kernel/cpucapMeaning.ts';

const typeHeader = `
#define ARM64_CPUCAP_SCOPE_LOCAL_CPU ((u16)BIT(0))
#define ARM64_CPUCAP_LOCAL_CPU_ERRATUM \\
	(ARM64_CPUCAP_SCOPE_LOCAL_CPU | ARM64_CPUCAP_OPTIONAL_FOR_LATE_CPU)
#define ARM64_CPUCAP_SYSTEM_FEATURE (ARM64_CPUCAP_SCOPE_SYSTEM | 1)
#define ARM64_CPUCAP_STRICT_BOOT_CPU_FEATURE (ARM64_CPUCAP_SCOPE_BOOT_CPU | 2)
`;

const features = `
static bool decide_it(const struct arm64_cpu_capabilities *e, int scope)
{
	return true;
}
static const struct arm64_cpu_capabilities arm64_features[] = {
#ifdef CONFIG_DEMO
	{
		.desc = "Demo " "feature",	/* comment { */
		.capability = ARM64_HAS_DEMO,
#ifdef CONFIG_DEMO_EARLY
		.type = ARM64_CPUCAP_STRICT_BOOT_CPU_FEATURE,
#else
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
#endif
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_DEMO_EL1, DEM, IMP)
	},
#endif
	{
		.capability = ARM64_HAS_PLAIN,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		.sys_reg = SYS_ID_DEMO_EL1,
		.field_pos = ID_DEMO_EL1_OLD_SHIFT,
		.min_field_value = 3,
	},
	{
		.capability = ARM64_HAS_FUNCTION,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = decide_it,
	},
	{},
};
`;

const errata = `
#define CAP_MIDR_RANGE(model, v_min, r_min, v_max, r_max)	\\
	.matches = is_affected_midr_range,			\\
	.midr_range = MIDR_RANGE(model, v_min, r_min, v_max, r_max)
#define ERRATA_MIDR_RANGE(model, v_min, r_min, v_max, r_max) \\
	.type = ARM64_CPUCAP_LOCAL_CPU_ERRATUM, CAP_MIDR_RANGE(model, v_min, r_min, v_max, r_max)
#define ERRATA_MIDR_RANGE_LIST(list) .type = ARM64_CPUCAP_LOCAL_CPU_ERRATUM, .midr_range_list = list
static const struct midr_range some_cpus[] = {
#ifdef CONFIG_ERRATUM_A
	MIDR_RANGE(MIDR_CORTEX_A76, 0, 0, 3, 1),
#endif
	MIDR_ALL_VERSIONS(MIDR_NEOVERSE_N1),
	MIDR_REV(MIDR_BRAHMA_B53, 0, 4),
	{},
};
const struct arm64_cpu_capabilities arm64_errata[] = {
	{
		.desc = "one core",
		.capability = ARM64_WORKAROUND_1,
		ERRATA_MIDR_RANGE(MIDR_CORTEX_A57,
				  0, 1,
				  1, 2),
	},
	{
		.capability = ARM64_WORKAROUND_2,
		ERRATA_MIDR_RANGE_LIST(some_cpus),
	},
};
`;

const tables = readCpucapTables({
  tables: [
    { file: 'cpufeature.c', text: features },
    { file: 'cpu_errata.c', text: errata },
  ],
  typeHeader,
});

function describeIt(name: string, ...set: string[]): string {
  const { meaning, reason } = describeCpucap(tables, name, {
    isConfigSet: (option) => set.includes(option),
    fieldValue: (_register, _field, value) => (value === 'IMP' ? 1 : null),
    macroValue: () => null,
  });
  if (!meaning) return reason;
  const { description, type, scope, patchedBy, detects, configGates, isCompiledIn } = meaning;
  const gate = `${configGates.join(' ') || 'no gate'} (${isCompiledIn})`;
  return [description ?? '-', `${type} ${scope} ${patchedBy}`, detects ?? '-', gate].join(' | ');
}

describe('meaning of a cpucap', () => {
  it('follows the configuration: entry gate and type', () => {
    expect(describeIt('ARM64_HAS_DEMO', 'DEMO')).toBe(
      'Demo feature | SYSTEM_FEATURE system apply_alternatives_all | ID_DEMO_EL1.DEM >= 1 | CONFIG_DEMO (true)',
    );
    expect(describeIt('HAS_DEMO', 'DEMO', 'DEMO_EARLY')).toContain(
      'STRICT_BOOT_CPU_FEATURE boot apply_boot_alternatives',
    );
    expect(describeIt('HAS_DEMO')).toContain('CONFIG_DEMO (false)');
  });

  it('reads fields written out member by member', () => {
    expect(describeIt('HAS_PLAIN')).toBe(
      '- | SYSTEM_FEATURE system apply_alternatives_all | ID_DEMO_EL1.OLD >= 3 | no gate (true)',
    );
  });

  it('names the function where a function decides', () => {
    expect(describeIt('HAS_FUNCTION')).toContain('decide_it() decides');
    const { meaning } = describeCpucap(tables, 'HAS_FUNCTION', {
      isConfigSet: () => false,
      fieldValue: () => null,
      macroValue: () => null,
    });
    expect(meaning?.match).toEqual({ name: 'decide_it', file: 'cpufeature.c', line: 2 });
  });

  it('reads MIDR ranges through the file’s own macros and lists', () => {
    expect(describeIt('WORKAROUND_1')).toBe(
      'one core | LOCAL_CPU_ERRATUM local apply_alternatives_all | Cortex-A57 r0p1-r1p2 | no gate (true)',
    );
    expect(describeIt('WORKAROUND_2')).toContain('Cortex-A76 r0p0-r3p1, Neoverse-N1, Brahma-B53 r0p4');
  });

  it('says why when no table speaks of it', () => {
    expect(describeIt('NOPE')).toBe('no entry of arm64_features[] or arm64_errata[] names ARM64_NOPE');
    const empty = readCpucapTables({ tables: [], typeHeader: '' });
    const facts = { isConfigSet: () => false, fieldValue: () => null, macroValue: () => null };
    expect(describeCpucap(empty, 'X', facts).reason).toContain('were not found');
  });

  it('never throws on a truncated table', () => {
    for (let end = 0; end < features.length; end += 7) {
      expect(() =>
        readCpucapTables({ tables: [{ file: 'f', text: features.slice(0, end) }], typeHeader }),
      ).not.toThrow();
    }
  });
});
