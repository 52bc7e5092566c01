import { expect, it } from 'vitest';
import { headerIncluders } from '../../server/src/project/headerIncluders.ts';
import { memoryFileSource } from '../support/memoryFileSource.ts';

const files = memoryFileSource({
  '/k/arch/arm64/kvm/hyp/Makefile': 'obj-y += vhe/ nvhe/\n',
  '/k/arch/arm64/kvm/hyp/include/hyp/switch.h': '#include <hyp/fault.h>\n',
  '/k/arch/arm64/kvm/hyp/include/hyp/fault.h': '',
  '/k/arch/arm64/kvm/hyp/nvhe/Makefile': '',
  '/k/arch/arm64/kvm/hyp/nvhe/switch.c': '#include <hyp/switch.h>\n#include <linux/fault.h>\n',
  '/k/arch/arm64/kvm/hyp/vhe/switch.c': '# include <hyp/switch.h>\n',
  '/k/arch/arm64/kvm/hyp/vhe/timer.c': '#include <linux/switch.h>\n',
  '/k/kernel/sched/Makefile': '',
  '/k/kernel/sched/sched.h': '',
  '/k/kernel/sched/core.c': '#include "sched.h"\n',
  '/k/kernel/sched/unused.h': '',
  '/k/include/linux/sched.h': '',
});
const includers = (header: string): readonly string[] | null => headerIncluders(files, '/k', `/k/${header}`);

it('a header of one directory’s objects is included by their sources, through other headers too', () => {
  const both = ['/k/arch/arm64/kvm/hyp/nvhe/switch.c', '/k/arch/arm64/kvm/hyp/vhe/switch.c'];
  expect(includers('arch/arm64/kvm/hyp/include/hyp/switch.h')).toEqual(both);
  expect(includers('arch/arm64/kvm/hyp/include/hyp/fault.h')).toEqual(both);
  expect(includers('kernel/sched/sched.h')).toEqual(['/k/kernel/sched/core.c']);
});

it('a header that everything may include, or nothing does, has none', () => {
  expect(includers('include/linux/sched.h')).toBeNull();
  expect(includers('kernel/sched/unused.h')).toBeNull();
});
