// Socket: one libuv stream on its way from a name to a connected peer and to its end.
//
// Lives on the heap and deletes itself after its last libuv callback, so that nobody has to outlive
// it. Tells its owner what happens until the owner lets go of it with detach().
#pragma once

#include <uv.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "link/out_buffer.h"

namespace djcache::net {

// Where to connect to.
struct Target {
  std::string host;  // or the path of a unix socket
  std::uint16_t port = 0;
  bool unix_socket = false;
};

class Socket {
 public:
  class Owner {
   public:
    // An address is being tried: attempt_deadline() is another.
    virtual void socket_tries(Socket& socket) = 0;
    virtual void socket_connected(Socket& socket) = 0;
    // No address is left to try. The socket is closing.
    virtual void socket_failed(Socket& socket, std::string_view reason) = 0;
    virtual void socket_bytes(Socket& socket, std::string_view bytes) = 0;
    // The stream ended or broke. It is still open.
    virtual void socket_lost(Socket& socket, std::string_view reason) = 0;
    virtual void socket_writable(Socket& socket) = 0;
    // Nothing of it is left in the loop.
    virtual void socket_gone(Socket& socket) = 0;
    // A place for the bytes to be read, used until socket_bytes() returns.
    virtual uv_buf_t socket_space() = 0;

   protected:
    ~Owner() = default;
  };

  // Starts at once; the answer comes on a later turn. `budget_ms` is shared by all addresses.
  static Socket* open(uv_loop_t& loop, Owner& owner, const Target& target, std::uint64_t budget_ms);

  // The owner wants to hear nothing more.
  void detach() { owner_ = nullptr; }
  // Ends everything; socket_gone() follows on a later turn.
  void close();

  // Writes now what the socket takes. The number of bytes taken; negative: a libuv error.
  ssize_t try_write(const link::OutBuffer::Piece* pieces, std::size_t count);
  // Hands over pieces that must stay unchanged until socket_writable() or socket_gone().
  int write(const link::OutBuffer::Piece* pieces, std::size_t count);
  bool writing() const { return writing_; }
  // How much of what write() was given has gone to the system since this was last asked.
  std::size_t progress();
  bool connected() const { return state_ == State::open; }

  // When the address being tried has had its share of the time; UINT64_MAX when none is.
  std::uint64_t attempt_deadline() const { return attempt_deadline_; }
  void give_up_address();

 private:
  enum class State : std::uint8_t { resolving, connecting, open, closing };

  Socket(Owner& owner, Target target, std::uint64_t budget_ms);
  ~Socket() = default;

  template <class Work>
  void guarded(Work work);
  void start(uv_loop_t& loop);
  void resolved(int status, addrinfo* list);
  void try_next_address();
  void connect_to(const sockaddr* address);
  void connect_to_path();
  void told_of_connect(int status);
  void connect_finished(int status);
  void address_failed(std::string reason);
  void close_handle();
  void handle_closed();
  void fail(std::string reason);
  void delete_if_done();
  void set_options();

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_); }

  Owner* owner_;
  uv_loop_t* loop_ = nullptr;
  Target target_;
  State state_ = State::resolving;
  bool resolving_ = false;
  bool handle_open_ = false;
  bool writing_ = false;
  std::size_t unwritten_ = 0;  // of what write() was given, when progress() was last asked
  bool last_address_failed_ = false;
  std::uint64_t budget_end_ = 0;
  std::uint64_t attempt_deadline_ = UINT64_MAX;
  std::vector<sockaddr_storage> addresses_;
  std::size_t next_address_ = 0;
  std::string reasons_;  // one per address that failed
  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle_;
  uv_getaddrinfo_t resolve_request_;
  uv_connect_t connect_request_;
  uv_write_t write_request_;
};

// Milliseconds of the monotonic clock.
std::uint64_t monotonic_ms();
std::uint64_t monotonic_us();

}  // namespace djcache::net
