// What every foreign loop needs to drive a libuv loop: after its descriptor (uv_backend_fd) became
// readable, the time has passed that the last turn gave, or Settings::on_work was called, take a
// turn.
#pragma once

#include <uv.h>

#include <optional>

// Does what is due; nullopt when nothing is left on the loop. Otherwise how many milliseconds the
// foreign loop may wait for the descriptor: -1 means until it is readable.
//
// libuv polls only a loop that something keeps alive, and the sockets of idle connections do not:
// hold a poster with `keep_loop_running` for as long as the engine is used.
inline std::optional<int> take_turn(uv_loop_t& loop) {
  uv_run(&loop, UV_RUN_NOWAIT);
  if (uv_loop_alive(&loop) == 0) return std::nullopt;
  return uv_backend_timeout(&loop);
}
