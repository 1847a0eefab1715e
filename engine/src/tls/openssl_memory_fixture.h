// Excludes OpenSSL's memory from the count of allocations_fixture.h: it allocates twice per record.
#pragma once

#include <openssl/crypto.h>

#include <cstdlib>
#include <utility>

#include "allocations_fixture.h"

namespace djcache::tls {

template <auto Function, class... Arguments>
auto uncounted(Arguments... arguments) {
  const bool before = std::exchange(others_allocate, true);
  const auto result = Function(arguments...);
  others_allocate = before;
  return result;
}

// Must run before OpenSSL allocates anything.
inline const bool openssl_memory_is_uncounted =
    CRYPTO_set_mem_functions(
        [](std::size_t size, const char*, int) { return uncounted<std::malloc>(size); },
        [](void* memory, std::size_t size, const char*, int) {
          return uncounted<std::realloc>(memory, size);
        },
        [](void* memory, const char*, int) { std::free(memory); }) == 1;

}  // namespace djcache::tls
