// Transport: how bytes pass through a connected descriptor: as they are, or encrypted.
//
// Knows no loop and waits for nothing. A failure is a negative number, as libuv's; UV_EAGAIN: later.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "link/out_buffer.h"

namespace djcache::net {

class Transport {
 public:
  virtual ~Transport() = default;

  // Whom to expect there, before start(): the name or the address that was dialed.
  virtual void meet(const std::string& /*host*/) {}
  // 0: bytes may pass. UV_READABLE, UV_WRITABLE: to be called again when the descriptor is that.
  virtual int start(int descriptor) = 0;
  virtual ssize_t read(char* to, std::size_t room) = 0;  // 0: the peer has ended the stream
  // At most system::pieces_max pieces. What was taken may wait in here until flush() has sent it.
  virtual ssize_t write(const link::OutBuffer::Piece* pieces, std::size_t count) = 0;
  // 0: nothing that was taken waits any more. UV_EAGAIN: to be called when the descriptor is writable.
  virtual ssize_t flush() { return 0; }
  // Nothing has come that read() would tell, neither bytes nor the end.
  virtual bool quiet() = 0;
  // Whether read() would tell something though nothing more comes from the peer.
  virtual bool pending() const = 0;
  // What a failure of it was, in a sentence; empty: the number says it.
  virtual std::string_view failure() const { return {}; }
};

// TCP and unix sockets: the bytes as they are.
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
