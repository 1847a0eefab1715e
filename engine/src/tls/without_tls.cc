// A build without OpenSSL: no context can be made, so there is never a session.
#include <cstdlib>

#include "tls/context.h"
#include "tls/session.h"

namespace djcache::tls {

Result<std::shared_ptr<Context>> Context::make(const TlsOptions&) {
  return {Errc::not_supported,
          "this build of djcache has no TLS, which rediss:// needs: DJCACHE_WITH_TLS was off"};
}
Context::~Context() = default;
std::unique_ptr<Session> Context::session(const std::string&) { std::abort(); }
Result<void> Context::reload() { std::abort(); }

Session::~Session() = default;
Session::Status Session::handshake() { std::abort(); }
Session::Status Session::read(char*, std::size_t, std::size_t&) { std::abort(); }
Session::Status Session::write(std::string_view) { std::abort(); }
void Session::sent(std::size_t) { std::abort(); }
std::optional<TlsPeer> Session::peer() const { std::abort(); }

}  // namespace djcache::tls
