// Transport: how bytes pass through a connected descriptor: plain or encrypted.
//
// Knows no loop and does not block. Failures are negative numbers, as in libuv; UV_EAGAIN: later.
#pragma once

#include <djcache/tls.h>
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "link/out_buffer.h"

namespace djcache::net {

class Transport {
 public:
  virtual ~Transport() = default;

  // The expected peer: the name or address that was dialed. Called before start().
  virtual void meet(const std::string& /*host*/) {}
  // 0: ready. UV_READABLE, UV_WRITABLE: call again when the descriptor is.
  virtual int start(int descriptor) = 0;
  virtual ssize_t read(char* to, std::size_t room) = 0;  // 0: the peer has ended the stream
  // At most system::pieces_max pieces. Bytes taken may be buffered here until flush() has sent
  // them.
  virtual ssize_t write(const link::OutBuffer::Piece* pieces, std::size_t count) = 0;
  // 0: nothing is buffered. UV_EAGAIN: call again when the descriptor is writable.
  virtual ssize_t flush() { return 0; }
  // Nothing has arrived that read() would report, neither bytes nor the end.
  virtual bool quiet() = 0;
  // Whether read() has something to report even if nothing more arrives.
  virtual bool pending() const = 0;
  // Who is at the other end, where that is known. REQUIRES: it has started.
  virtual std::optional<TlsPeer> peer() const { return std::nullopt; }
  // A sentence about its failure; empty: the number is enough.
  virtual std::string_view failure() const { return {}; }
};

// TCP and unix sockets: plain bytes.
class PlainTransport final : public Transport {
 public:
  int start(int descriptor) override {
    descriptor_ = descriptor;
    return 0;
  }
  ssize_t read(char* to, std::size_t room) override;
  ssize_t write(const link::OutBuffer::Piece* pieces, std::size_t count) override;
  bool quiet() override;
  bool pending() const override { return false; }

 private:
  int descriptor_ = -1;
};

}  // namespace djcache::net
