// Credentials that change while a program runs: tokens of cloud logins, rotated passwords.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/result.h>

namespace djcache {

struct Credentials {
  std::string username{};
  std::string password{};
  // From now on; less than a second counts as one. Empty: as long as the connection lasts.
  std::optional<std::chrono::milliseconds> valid_for{};
};

// Asked for every connection that is made, with its endpoint ("cache:6379/1"), on the loop thread. It
// must not block, throw or call djcache: fetch tokens elsewhere and hand the current one over. An
// error is a failed attempt to connect: `auth_failed` with its detail, which must hold no secret.
using CredentialsSource = std::function<Result<Credentials>(std::string_view endpoint)>;

}  // namespace djcache
