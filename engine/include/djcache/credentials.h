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

  /// Counted from now; less than a second counts as one. Empty: as long as the connection lasts.
  std::optional<std::chrono::milliseconds> valid_for{};
};

/// Gives the credentials of a connection that is about to be made to an endpoint ("cache:6379/1").
///
/// Runs on the loop thread, once for each connection. It must not block, throw or call djcache:
/// fetch tokens elsewhere and return the current one. An error fails the attempt to connect with
/// `auth_failed` and its detail, which must hold no secret.
using CredentialsSource = std::function<Result<Credentials>(std::string_view endpoint)>;

}  // namespace djcache
