// The error of a cancelled operation. Pure.
#pragma once

#include <djcache/error.h>

namespace djcache {

inline Error cancelled_by_caller() { return {Errc::cancelled, "cancelled by the caller"}; }

}  // namespace djcache
