// The sanitizers of this build; gcc and clang define different macros. For tests only.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define DJCACHE_SANITIZES_ADDRESS 1
#endif
#if defined(__SANITIZE_THREAD__)
#define DJCACHE_SANITIZES_THREADS 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DJCACHE_SANITIZES_ADDRESS 1
#endif
#if __has_feature(thread_sanitizer)
#define DJCACHE_SANITIZES_THREADS 1
#endif
#endif
