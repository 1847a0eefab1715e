// Context: shared by the TLS connections of one pool: authorities, certificate, key, and the
// session that the next connection resumes.
//
// Reads files and does no other I/O. Only this room knows OpenSSL's libssl.
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

  // Begins a connection to `host`. The certificate must have that name, or server_name if it is
  // set. Files that have changed are read again first; if that fails, the last good ones stay in
  // use. Null: no memory.
  std::unique_ptr<Session> session(const std::string& host);
  // Reads all files again now. The error says which could not be used; the last good ones then stay
  // in use.
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
  std::vector<Stamp> read_at_;  // of the files, when they were last read
  ssl_ctx_st* ssl_ = nullptr;
  ssl_session_st* last_ = nullptr;
  std::string last_name_;  // the server that last_ was made with
  std::string spare_;      // an output buffer, passed from session to session
};

}  // namespace djcache::tls
