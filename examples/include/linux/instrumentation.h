/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A region of noinstr code in which tracers, probes and sanitizers are welcome. The markers leave nothing in the object:
 * on arm64 only the source knows them.
 */
#ifndef __LINUX_INSTRUMENTATION_H
#define __LINUX_INSTRUMENTATION_H

#define instrumentation_begin()	do { } while (0)
#define instrumentation_end()	do { } while (0)

#endif
