/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static keys. What a site is in the linked file follows from two things only:
 *
 *                            key starts TRUE     key starts FALSE
 *   static_branch_likely     nop                 b else-arm
 *   static_branch_unlikely   b then-arm          nop
 */
#ifndef __LINUX_JUMP_LABEL_H
#define __LINUX_JUMP_LABEL_H

#include <linux/compiler.h>
#include <linux/types.h>

#ifndef __ASSEMBLY__

struct static_key {
	atomic_t enabled;
	union {
		unsigned long type;
		void *entries;
	};
};

struct static_key_true {
	struct static_key key;
};

struct static_key_false {
	struct static_key key;
};

#define STATIC_KEY_INIT_TRUE	{ .enabled = { 1 }, { .type = 1UL } }
#define STATIC_KEY_INIT_FALSE	{ .enabled = { 0 } }
#define STATIC_KEY_TRUE_INIT	((struct static_key_true){ .key = STATIC_KEY_INIT_TRUE })
#define STATIC_KEY_FALSE_INIT	((struct static_key_false){ .key = STATIC_KEY_INIT_FALSE })

#define DEFINE_STATIC_KEY_TRUE(name)	 struct static_key_true name = { .key = STATIC_KEY_INIT_TRUE }
#define DEFINE_STATIC_KEY_FALSE(name)	 struct static_key_false name = { .key = STATIC_KEY_INIT_FALSE }
#define DEFINE_STATIC_KEY_TRUE_RO(name)	 struct static_key_true name __ro_after_init = { .key = STATIC_KEY_INIT_TRUE }
#define DEFINE_STATIC_KEY_FALSE_RO(name) struct static_key_false name __ro_after_init = { .key = STATIC_KEY_INIT_FALSE }
#define DECLARE_STATIC_KEY_TRUE(name)	 extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name)	 extern struct static_key_false name

#define DEFINE_STATIC_KEY_ARRAY_TRUE(name, count) \
	struct static_key_true name[count] = { [0 ... (count) - 1] = { .key = STATIC_KEY_INIT_TRUE } }
#define DEFINE_STATIC_KEY_ARRAY_FALSE(name, count) \
	struct static_key_false name[count] = { [0 ... (count) - 1] = { .key = STATIC_KEY_INIT_FALSE } }

/* TRUE or FALSE by configuration: even the type of the key changes with the option. */
#define __DEFINE_STATIC_KEY_1(name)	DEFINE_STATIC_KEY_TRUE(name)
#define __DEFINE_STATIC_KEY_0(name)	DEFINE_STATIC_KEY_FALSE(name)
#define __DEFINE_STATIC_KEY_MAYBE(set, name)	__DEFINE_STATIC_KEY_##set(name)
#define _DEFINE_STATIC_KEY_MAYBE(set, name)	__DEFINE_STATIC_KEY_MAYBE(set, name)
#define DEFINE_STATIC_KEY_MAYBE(option, name)	_DEFINE_STATIC_KEY_MAYBE(IS_ENABLED(option), name)

#include <asm/jump_label.h>

#define __key_starts_true(k)	__builtin_types_compatible_p(__typeof__(*(k)), struct static_key_true)

#define static_branch_likely(k) \
	likely(__key_starts_true(k) ? !arch_static_branch(&(k)->key, true) : !arch_static_branch_jump(&(k)->key, true))

#define static_branch_unlikely(k) \
	unlikely(__key_starts_true(k) ? arch_static_branch_jump(&(k)->key, false) : arch_static_branch(&(k)->key, false))

#define static_branch_maybe(option, k) \
	(IS_ENABLED(option) ? static_branch_likely(k) : static_branch_unlikely(k))

/* The older form does not look at the key's type: it is always a nop in the file. */
static __always_inline bool static_key_false(struct static_key *key)
{
	return unlikely(arch_static_branch(key, false));
}

static __always_inline bool static_key_true(struct static_key *key)
{
	return likely(!arch_static_branch(key, true));
}

/* Reads the count. No patch site. */
#define static_key_enabled(k)	(READ_ONCE((k)->enabled.counter) > 0)

void static_key_enable(struct static_key *key);
void static_key_disable(struct static_key *key);
#define static_branch_enable(k)	 static_key_enable(&(k)->key)
#define static_branch_disable(k) static_key_disable(&(k)->key)

#endif

#endif
