/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether this is built with AddressSanitizer, behind whose back no filter and no malloc goes. */
#ifndef TESTS_SANITIZED_H
#define TESTS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

#endif
