#include <djcache/version.h>

namespace djcache {

const char* version_string() noexcept { return DJCACHE_VERSION_STRING; }

}  // namespace djcache
