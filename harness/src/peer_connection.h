// One accepted connection of a ScriptedPeer: performs the actions of its PeerCursor on a libuv
// stream.
#pragma once

#include <uv.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "peer_cursor.h"

namespace djcache::harness {

// TCP or pipe: no difference once it is open.
union PeerStream {
  uv_handle_t handle;
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
};

class PeerConnection {
 public:
  struct Events {
    std::function<void(const std::string&)> mismatch;  // at most once
    std::function<void()> closed;                      // once, when the last handle has closed
  };

  // Accepts from `listener`. The connection keeps itself alive until its handles have closed, so
  // `closed` is called even if the caller has released it.
  static std::shared_ptr<PeerConnection> accept(uv_stream_t& listener, bool unix_socket,
                                                PeerScript script, Events events);

  ~PeerConnection();
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;

  void resume();
  void close();

  bool is_open() const { return !closing_; }
  bool paused() const { return cursor_.paused(); }
  bool finished() const { return cursor_.finished(); }
  const std::string& received() const { return received_; }

 private:
  struct Ticker;

  PeerConnection(PeerScript script, Events events);

  bool open(uv_stream_t& listener, bool unix_socket);
  void advance();
  bool perform(PeerAction action);
  void start_reading();
  void write_some();
  void written(int status);
  void next_turn();
  void got(const char* bytes, ssize_t size);
  void reset();
  void close_ticker();
  void one_handle_closed();

  static PeerConnection& of(uv_handle_t* handle);
  static PeerConnection& of(uv_stream_t* stream);

  PeerStream stream_{};  // first, so that a callback's handle is the object
  PeerCursor cursor_;
  Events events_;
  std::shared_ptr<PeerConnection> self_;  // while a handle is open
  std::unique_ptr<Ticker> ticker_;        // made by the first SEND_SLOWLY
  int open_handles_ = 0;
  uv_write_t write_{};
  std::string out_;
  std::size_t out_at_ = 0;
  std::size_t per_turn_ = 0;
  bool sending_ = false;
  bool closing_ = false;
  std::string received_;
};

}  // namespace djcache::harness
