/// @file
/// DJCACHE_API marks what the shared library exports; everything else is hidden.
/// Static builds define DJCACHE_STATIC for their users, so that an embedder's own shared library
/// does not re-export djcache.
///
/// Every public header includes this one before any other, so requirements on the compiler are
/// checked here.
#pragma once

#if __cplusplus < 202002L
#error "djcache needs C++20: compile with -std=c++20 (CMake: cxx_std_20)"
#endif

#if defined(DJCACHE_STATIC)
#define DJCACHE_API
#else
#define DJCACHE_API __attribute__((visibility("default")))
#endif
