// Context: what the TLS connections of one pool have in common: authorities, certificate, key, and
// the session that the next one resumes.
//
// Reads files, and nothing else of the outside. OpenSSL is known to this room alone.
#pragma once

#include <djcache/result.h>
#include <djcache/tls.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_session_st;

namespace djcache::tls {

class Session;

class Context : public std::enable_shared_from_this<Context> {
 public:
  // Errors: invalid_settings, with the option whose file or text cannot be
  // used; not_supported in a build without TLS.
  static Result<std::shared_ptr<Context>> make(const TlsOptions& options);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // A connection to `host` that begins, whose certificate must have that name unless server_name
  // says another. Files that have changed are read again before; where that fails, what was read
  // last goes on to be used. Null: no memory.
  std::unique_ptr<Session> session(const std::string& host);
  // Reads all files again now. The error says which could not be used; what was read last stays.
  Result<void> reload();

  const TlsOptions& options() const { return options_; }

 private:
  friend class Session;
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  explicit Context(const TlsOptions& options) : options_(options) {}
  Result<void> load();
  std::vector<Stamp> stamps() const;

  TlsOptions options_;
  std::vector<Stamp> read_at_;  // of the files, as they were
  ssl_ctx_st* ssl_ = nullptr;
  ssl_session_st* last_ = nullptr;
  std::string last_name_;  // whom that was made with
  std::string spare_;      // memory for the output of one session after the other
};

}  // namespace djcache::tls
