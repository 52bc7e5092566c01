/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __LINUX_STRINGIFY_H
#define __LINUX_STRINGIFY_H

#define __stringify_(text...)	#text
#define __stringify(text...)	__stringify_(text)

#endif
