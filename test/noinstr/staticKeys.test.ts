import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/kernel/ax_keys.c';
const more =
  '#define DEFINE_STATIC_KEY_ARRAY_FALSE(name, count) struct static_key_false name[count] = { }\n' +
  '#define static_branch_maybe(config, x) static_branch_unlikely(x)\n#define ARM64_NCAPS 9\n';

function check(text: string): void {
  const ctx = noinstrTree({ [path]: preamble + more + text });
  const found = noinstrFindings(ctx, path).map((one) => `${one.line - 4} ${one.rule.replace('noinstr.', '')}`);
  expect(found.sort()).toEqual(plantedRules(text).sort());
}

describe('the key of a static branch is found', () => {
  it('behind a helper that is handed the key', () => {
    check(`DEFINE_STATIC_KEY_FALSE(ax_k);
DEFINE_STATIC_KEY_FALSE_RO(ax_ro);
static __always_inline _Bool ax_test(struct static_key_false *key) { return static_branch_unlikely(key); }
static __always_inline _Bool ax_test_more(struct static_key_false *it) { return ax_test(it); }
void noinstr ax_f(void)
{
	if (ax_test_more(&ax_k)) // static-key-writable
		ax_count++;
	if (ax_test_more(&ax_ro))
		ax_count++;
}
_Bool noinstr ax_g(struct static_key_false *ax_k) { return ax_test(ax_k); }
`);
  });

  it('behind a macro that is handed the key', () => {
    check(`DEFINE_STATIC_KEY_FALSE(ax_k);
DEFINE_STATIC_KEY_FALSE_RO(ax_ro);
#define ax_test(k) static_branch_unlikely(&(k))
_Bool noinstr ax_f(void)
{
	return ax_test(ax_k) || // static-key-writable
	       ax_test(ax_ro);
}
_Bool noinstr ax_g(void) { return static_branch_maybe(CONFIG_AX, &ax_k); } // static-key-writable
`);
  });

  it('whose name macros put together, or is a macro itself', () => {
    check(`DEFINE_STATIC_KEY_FALSE(ax_one_key);
DEFINE_STATIC_KEY_FALSE_RO(ax_ro_key);
#define ax_cat_(a, b) a##b
#define ax_cat(a, b) ax_cat_(a, b)
#define ax_test(k) static_branch_unlikely(&ax_##k##_key)
#define ax_test_more(k) ax_test(k)
#define ax_joined(k) static_branch_unlikely(&ax_cat(ax_, ax_cat(k, _key)))
#define ax_alias ax_one_key
static __always_inline _Bool ax_on(void) { return ax_joined(one); }
void noinstr ax_f(void)
{
	if (ax_test(one)) // static-key-writable
		ax_count++;
	if (ax_test(ro) || ax_test_more(ro) || ax_joined(ro))
		ax_count++;
}
_Bool noinstr ax_g(void) { return ax_test_more(one); } // static-key-writable
_Bool noinstr ax_h(void) { return ax_joined(one); } // static-key-writable
_Bool noinstr ax_i(void) { return static_branch_unlikely(&ax_alias); } // static-key-writable
_Bool noinstr ax_j(void) { return ax_on(); } // static-key-writable
`);
  });

  it('as a member of a variable, not behind a pointer', () => {
    check(`struct ax_state { struct static_key_false on; };
static struct ax_state ax_st;
_Bool noinstr ax_f(void) { return static_branch_unlikely(&ax_st.on); } // static-key-writable
_Bool noinstr ax_g(struct ax_state *st) { return static_branch_unlikely(&st->on); }
`);
  });
});

describe('a key that says what a cpucap says', () => {
  it('in an array with one for each, not in another array', () => {
    check(`DEFINE_STATIC_KEY_ARRAY_FALSE(ax_caps, ARM64_NCAPS);
DEFINE_STATIC_KEY_ARRAY_FALSE(ax_slots, 4);
static __always_inline _Bool ax_has(int num) { return static_branch_unlikely(&ax_caps[num]); }
#define ax_has_too(cap) static_branch_unlikely(&ax_caps[(cap)])
_Bool noinstr ax_f(void) { return ax_has(ARM64_HAS_PAN); } // cpucap-static-key
_Bool noinstr ax_g(void) { return ax_has_too(ARM64_HAS_PAN); } // cpucap-static-key
_Bool noinstr ax_h(int i) { return static_branch_unlikely(&ax_slots[i]); } // static-key-writable
`);
  });

  it('because only its enable hook sets it', () => {
    const text = (more: string): string => `DEFINE_STATIC_KEY_FALSE(ax_k);
static void ax_enable(const struct arm64_cpu_capabilities *cap)
{
	static_branch_enable(&ax_k);
}
static const struct arm64_cpu_capabilities ax_features[] = {
	{
		.capability = ARM64_HAS_PAN,
		.cpu_enable = ax_enable,
	},
};
${more}`;
    check(text('_Bool noinstr ax_f(void) { return static_branch_unlikely(&ax_k); } // cpucap-static-key\n'));
    const other = 'void ax_param(void)\n{\n\tstatic_branch_enable(&ax_k);\n}\n';
    check(text(`${other}_Bool noinstr ax_f(void) { return static_branch_unlikely(&ax_k); } // static-key-writable\n`));
  });
});
