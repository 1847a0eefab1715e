// Session: one TLS connection, without a socket: ciphertext in, plaintext out, and the other way
// round.
#pragma once

#include <djcache/tls.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_st;
struct bio_st;

namespace djcache::tls {

class Context;

class Session {
 public:
  // Context::session(). `name`: that the certificate must have.
  Session(std::shared_ptr<Context> context, ssl_st* ssl, std::string name);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  enum class Status : unsigned char {
    done,         // of read(): there may be more
    wants_input,  // all that was fed has been used
    ended,        // the peer has closed
    failed,       // failure() says why; nothing more can be read or written
  };

  // What the next calls read; must stay where it is until one of them wants_input, or fails.
  void feed(std::string_view ciphertext) { input_ = ciphertext; }
  // What of it has not been used yet.
  std::string_view rest() const { return input_; }
  // The peer has ended the stream below.
  void feed_end() { input_ended_ = true; }

  // Done: the peer is who it should be.
  Status handshake();
  // Appends to `to` what there is, up to `room` bytes; `size` is how many those were.
  Status read(char* to, std::size_t room, std::size_t& size);
  // Encrypts all of it. REQUIRES: the handshake is done.
  Status write(std::string_view plaintext);

  // What is to be sent to the peer, after any of these calls, also a failed one.
  std::string_view output() const { return std::string_view(output_).substr(sent_); }
  void sent(std::size_t size);

  const std::string& name() const { return name_; }
  // Once the handshake is done.
  std::optional<TlsPeer> peer() const;
  // A sentence for people: what went wrong and what to do. Empty: nothing.
  std::string_view failure() const { return failure_; }

 private:
  friend struct Bio;
  Status status();               // after what did not work
  Status fail(const char* why);  // a constant
  const char* describe_failure(unsigned long error);

  std::shared_ptr<Context> context_;
  ssl_st* ssl_;
  std::string name_;
  std::string_view input_{};
  std::string output_{};
  std::size_t sent_ = 0;
  bool input_ended_ = false;
  bool shaken_ = false;
  bool farewell_ = false;  // was heard
  std::string_view failure_{};
  std::string made_{};  // what of it is no constant
};

}  // namespace djcache::tls
