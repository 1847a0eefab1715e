// Session: one TLS connection without a socket: decrypts what the peer sent, and encrypts what is
// to be sent.
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
  // Made by Context::session(). `name`: the name that the certificate must have.
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

  // The bytes that the next calls read. They must stay valid until a call returns wants_input or
  // fails.
  void feed(std::string_view ciphertext) { input_ = ciphertext; }
  // The part of them that has not been used yet.
  std::string_view rest() const { return input_; }
  // The peer has closed the underlying stream.
  void feed_end() { input_ended_ = true; }

  // Returns `done` if the peer is trusted.
  Status handshake();
  // Writes the available plaintext to `to`, at most `room` bytes, and its size to `size`.
  Status read(char* to, std::size_t room, std::size_t& size);
  // Encrypts all of it. REQUIRES: the handshake is done.
  Status write(std::string_view plaintext);

  // The bytes to send to the peer, after any of these calls, including a failed one.
  std::string_view output() const { return std::string_view(output_).substr(sent_); }
  void sent(std::size_t size);

  const std::string& name() const { return name_; }
  // Available once the handshake is done.
  std::optional<TlsPeer> peer() const;
  // A sentence for people: what went wrong and what to do. Empty if nothing did.
  std::string_view failure() const { return failure_; }

 private:
  friend struct Bio;
  Status status();               // after a call that did not succeed
  Status fail(const char* why);  // `why` is a literal
  const char* describe_failure(unsigned long error);

  std::shared_ptr<Context> context_;
  ssl_st* ssl_;
  std::string name_;
  std::string_view input_{};
  std::string output_{};
  std::size_t sent_ = 0;
  bool input_ended_ = false;
  bool shaken_ = false;
  bool farewell_ = false;  // the peer has sent its close notification
  std::string_view failure_{};
  std::string made_{};  // the text of failure_ if it is not a literal
};

}  // namespace djcache::tls
