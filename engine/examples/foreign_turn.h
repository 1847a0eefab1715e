// take_turn(): drives a libuv loop from a foreign loop. Call it when the descriptor (uv_backend_fd)
// is readable, when the timeout returned by the previous turn has passed, and after a call of
// Settings::on_work.
#pragma once

#include <uv.h>

#include <optional>

// Runs what is due. Returns nullopt if nothing is left on the loop, otherwise for how many
// milliseconds the foreign loop may wait for the descriptor; -1 means until it is readable.
//
// libuv polls a loop only while it is alive, and the sockets of idle connections do not keep it
// alive: hold a poster with `keep_loop_running` for as long as the engine is used.
inline std::optional<int> take_turn(uv_loop_t& loop) {
  uv_run(&loop, UV_RUN_NOWAIT);
  if (uv_loop_alive(&loop) == 0) return std::nullopt;
  return uv_backend_timeout(&loop);
}
