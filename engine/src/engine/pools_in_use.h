// Which pools are in use: they have sockets or pending operations. Pure.
#pragma once

#include <algorithm>
#include <vector>

#include "net/runtime.h"

namespace djcache::detail {

inline bool in_use(const net::PoolDriver& driver) {
  return driver.has_sockets() || driver.pool().totals().operations > 0;
}

inline bool any_in_use(const std::vector<net::PoolDriver*>& drivers) {
  return std::any_of(drivers.begin(), drivers.end(),
                     [](const net::PoolDriver* each) { return in_use(*each); });
}

inline bool overlap(const std::vector<net::PoolDriver*>& some,
                    const std::vector<net::PoolDriver*>& others) {
  return std::find_first_of(some.begin(), some.end(), others.begin(), others.end()) != some.end();
}

inline std::vector<net::PoolDriver*> without(std::vector<net::PoolDriver*> some,
                                             const std::vector<net::PoolDriver*>& others) {
  std::erase_if(some, [&](net::PoolDriver* each) {
    return std::find(others.begin(), others.end(), each) != others.end();
  });
  return some;
}

}  // namespace djcache::detail
