// Socket: one stream on its way from a name to a connected peer and to its end.
//
// Lives on the heap and deletes itself after its last libuv callback, so that nobody has to outlive
// it. Tells its owner what happens until the owner lets go of it with detach(). Never inside a call.
#pragma once

#include <djcache/error.h>
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/dialer.h"
#include "net/transport.h"

namespace djcache::link {
class Connection;
}

namespace djcache::net {

class Socket final : private Dialer::Owner, private Channel::Owner {
 public:
  class Owner {
   public:
    // due() may be earlier than before.
    virtual void socket_waits(Socket& socket) = 0;
    virtual void socket_connected(Socket& socket) = 0;
    // No address is left to try, or (`code`) the peer is not who it should be. The socket is closing.
    virtual void socket_failed(Socket& socket, std::string_view reason, Errc code) = 0;
    virtual void socket_bytes(Socket& socket, std::string_view bytes) = 0;
    // The stream ended or broke. It is still open.
    virtual void socket_lost(Socket& socket, std::string_view reason, Errc code) = 0;
    virtual void socket_writable(Socket& socket) = 0;
    // Nothing of it is left in the loop.
    virtual void socket_gone(Socket& socket) = 0;
    // A place for the bytes to be read, used until socket_bytes() returns. Empty: there is none.
    virtual std::span<char> socket_space() = 0;

   protected:
    ~Owner() = default;
  };

  // Starts at once. `limit_ms` is shared by all addresses, of which `preferred` is tried first.
  // `transport` null: the bytes as they are.
  static Socket* open(uv_loop_t& loop, LoopClock& clock, Owner& owner, const Target& target,
                      const Address& preferred, std::uint64_t limit_ms,
                      std::unique_ptr<Transport> transport = nullptr);

  // The owner's own: whose it is (null: nobody's any more), and its place among the owner's.
  link::Connection* connection = nullptr;
  std::size_t place = 0;

  // The owner wants to hear nothing more.
  void detach() { owner_ = nullptr; }
  // Ends everything; socket_gone() follows on a later turn.
  void close();

  // Whether write() may be called: it is connected, and not full.
  bool takes_bytes() const { return state_ == State::open && !full_; }
  // To be asked before the first bytes after a silence. False: the peer has closed, or said something,
  // without the loop having seen it; until that is read nothing can be written.
  bool looks_alive();
  // Gives the system what it takes of the first pieces; how many bytes that was. After less than all
  // of them socket_writable() follows, or socket_lost(), once all has been read that the peer said.
  std::size_t write(const link::OutBuffer::Piece* pieces, std::size_t count);

  // When on_due() is to be called; UINT64_MAX: never.
  std::uint64_t due() const { return dialer_.due(); }
  void on_due(std::uint64_t now) { dialer_.on_due(now); }
  // What became of each address, while none has connected and there are several; or that a peer that has
  // connected does not answer. Empty: there is nothing to say.
  std::string reasons() const;
  bool starting() const { return state_ == State::starting; }
  // REQUIRES: it has connected.
  const Address& address() const { return address_; }

 private:
  enum class State : std::uint8_t { dialing, starting, open, lost, closing };

  Socket(uv_loop_t& loop, LoopClock& clock, Owner& owner, const Target& target,
         std::uint64_t limit_ms);
  ~Socket() = default;

  void dialed(Channel& channel, const Address& address) override;
  void dial_failed(std::string reason, Errc code) override;
  void dialer_waits() override;
  void dialer_gone() override { delete_if_done(); }
  void channel_ready(Channel& channel, int events) override;
  void channel_gone() override;
  void start_transport();
  bool read();
  void flush();
  void note_write_error(ssize_t error);
  void ended(ssize_t result);
  void lose(std::string_view reason, Errc code = Errc::connection_lost);
  int wanted() const;
  void delete_if_done();

  Owner* owner_;
  uv_loop_t& loop_;
  State state_ = State::dialing;
  bool full_ = false;    // or something is to be read first
  bool peeked_ = false;  // the latter
  std::uint64_t read_at_us_ = 0;
  bool failed_ = false;      // to connect; the owner is yet to be told
  bool end_open_ = false;    // the handle
  ssize_t write_error_ = 0;  // nothing can be written any more
  std::string reason_;       // why it failed
  Errc code_ = Errc::connect_failed;
  Dialer dialer_;
  Address address_;
  Channel* channel_ = nullptr;
  Transport& transport() { return other_ != nullptr ? *other_ : plain_; }

  PlainTransport plain_;
  std::unique_ptr<Transport> other_;
  uv_idle_t end_;  // never started: its closing puts what there is to tell off to a later turn
};

}  // namespace djcache::net
