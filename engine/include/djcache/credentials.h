/// @file
/// Credentials that change while a program runs: tokens of cloud logins, rotated passwords.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/result.h>

namespace djcache {

/// A user and a password, and for how long they are valid.
struct Credentials {
  std::string username{};  ///< empty: the server's default user
  std::string password{};  ///< never part of an error or event

  /// Counted from when they are returned; less than a second counts as one. Empty: as long as the
  /// connection lasts.
  std::optional<std::chrono::milliseconds> valid_for{};
};

/// Returns the credentials for a new connection to an endpoint ("cache:6379/1").
///
/// Runs on the loop thread, once for each connection. It must not block, throw or call djcache:
/// fetch tokens elsewhere and return the current one. An error fails the connection attempt with
/// `auth_failed` and the error's detail, which must not contain a secret.
using CredentialsSource = std::function<Result<Credentials>(std::string_view endpoint)>;

}  // namespace djcache
