// DJCACHE_API marks what the shared library exports; everything else is hidden.
// Static builds define DJCACHE_STATIC for their users, so that an embedder's own shared library
// does not re-export djcache.
#pragma once

#if defined(DJCACHE_STATIC)
#define DJCACHE_API
#else
#define DJCACHE_API __attribute__((visibility("default")))
#endif
