// Stands in for tls/ in the programs of this room: the same states, by the records of records.h.
#include <algorithm>
#include <new>

#include "simulation/records.h"
#include "tls/context.h"
#include "tls/session.h"

using djcache::simulation::Records;

struct ssl_st {
  Records records;
  std::string plain{};  // of a record that did not fit
  std::size_t given = 0;
  bool greeted = false;
};

namespace djcache::tls {

using Type = Records::Type;

Context::~Context() = default;

Result<std::shared_ptr<Context>> Context::make(const TlsOptions& options) {
  return std::shared_ptr<Context>(new Context(options));
}

// A session without a name looks at none, as with OpenSSL.
std::unique_ptr<Session> Context::session(const std::string& host) {
  auto ssl = std::make_unique<ssl_st>();
  auto session = std::make_unique<Session>(shared_from_this(), ssl.get(), host);
  ssl.release();
  return session;
}

Result<void> Context::reload() { return {}; }

Session::Session(std::shared_ptr<Context> context, ssl_st* ssl, std::string name)
    : context_(std::move(context)), ssl_(ssl), name_(std::move(name)) {}
Session::~Session() { delete ssl_; }

Session::Status Session::fail(const char* why) {
  failure_ = why;
  return Status::failed;
}

Session::Status Session::handshake() {
  if (shaken_) return Status::done;  // its last words had no room
  try {
    if (!std::exchange(ssl_->greeted, true)) Records::append(output_, Type::hello);
    if (ssl_->records.pull(input_)) {
      if (ssl_->records.type() != Type::hello) return fail("TLS failed: not a greeting");
      if (!Records::is_for(ssl_->records.payload(), name_)) {
        return fail("the server's certificate is not for the name that was asked for");
      }
      Records::append(output_, Type::shaken);
      shaken_ = true;
      return Status::done;
    }
  } catch (const std::bad_alloc&) {
    return fail("no memory left");
  }
  if (ssl_->records.broken()) return fail("TLS failed: a spoiled record");
  if (input_ended_) return fail("the server closed the connection during the TLS handshake");
  return Status::wants_input;
}

Session::Status Session::read(char* to, std::size_t room, std::size_t& size) {
  size = 0;
  try {
    while (true) {
      const std::size_t given = std::min(room - size, ssl_->plain.size() - ssl_->given);
      std::copy_n(ssl_->plain.data() + ssl_->given, given, to + size);
      size += given;
      ssl_->given += given;
      if (size == room) return Status::done;
      if (!ssl_->records.pull(input_)) break;
      switch (ssl_->records.type()) {
        case Type::data:
          ssl_->plain = ssl_->records.payload();
          ssl_->given = 0;
          break;
        case Type::new_keys:
          Records::append(output_, Type::keys_taken);
          break;
        case Type::farewell:
          return Status::ended;
        case Type::refusal:
          return fail("the server wants a client certificate");
        default:
          return fail("TLS failed: an unexpected record");
      }
    }
  } catch (const std::bad_alloc&) {
    return fail("no memory left");
  }
  if (ssl_->records.broken()) return fail("TLS failed: a spoiled record");
  return input_ended_ ? Status::ended : Status::wants_input;
}

Session::Status Session::write(std::string_view plaintext) {
  try {
    while (!plaintext.empty()) {
      const std::string_view piece = plaintext.substr(0, Records::payload_max);
      Records::append(output_, Type::data, piece);
      plaintext.remove_prefix(piece.size());
    }
  } catch (const std::bad_alloc&) {
    return fail("no memory left");
  }
  return Status::done;
}

std::optional<TlsPeer> Session::peer() const { return std::nullopt; }

void Session::sent(std::size_t size) {
  sent_ += size;
  if (sent_ < output_.size()) return;
  output_.clear();
  sent_ = 0;
}

}  // namespace djcache::tls
