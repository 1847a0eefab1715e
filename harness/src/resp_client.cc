#include "resp_client.h"

#include "resp_wire.h"

#include <djcache/harness/inspector.h>
#include <djcache/harness/wire_text.h>

namespace djcache::harness {

Outcome RespClient::connect(const Endpoint& endpoint, const Deadline& deadline) {
  close();
  auto connected = endpoint.unix_path.empty()
                       ? socket_.connect_tcp(endpoint.host, endpoint.port, deadline)
                       : socket_.connect_unix(endpoint.unix_path, deadline);
  // A user without a password (nopass) must still authenticate by name.
  const bool anonymous = endpoint.password.empty() && endpoint.username.empty();
  if (!connected || anonymous) return connected;
  std::vector<std::string> words{"AUTH"};
  if (!endpoint.username.empty()) words.push_back(endpoint.username);
  words.push_back(endpoint.password);
  const Reply reply = call(words, deadline);
  if (!reply.is_status("OK")) return {"AUTH was refused: " + format(reply)};
  return {};
}

Outcome RespClient::introduce(const Endpoint& endpoint, const Deadline& deadline) {
  const Reply named = call({"CLIENT", "SETNAME", std::string(harness_client_name)}, deadline);
  if (!named.is_status("OK")) return {"CLIENT SETNAME was refused: " + format(named)};
  if (endpoint.db == 0) return {};
  const Reply selected = call({"SELECT", std::to_string(endpoint.db)}, deadline);
  if (!selected.is_status("OK")) {
    return {"SELECT " + std::to_string(endpoint.db) + " was refused: " + format(selected)};
  }
  return {};
}

Reply RespClient::call(const std::vector<std::string>& words, const Deadline& deadline) {
  if (!socket_.is_open()) return fail("not connected");
  if (auto sent = socket_.send_all(encode_command(words), deadline); !sent)
    return fail(sent.problem);
  return next(deadline);
}

Reply RespClient::next(const Deadline& deadline) {
  if (!socket_.is_open()) return fail("not connected");
  while (true) {
    auto parsed = parse_reply(std::string_view(buffer_).substr(consumed_));
    if (parsed.state == Parsed::invalid) return fail("the server sent what is no RESP2 reply");
    if (parsed.state == Parsed::complete) {
      consumed_ += parsed.used;
      // Moving the rest to the front for each reply would be quadratic in a long MONITOR record.
      if (consumed_ == buffer_.size() || consumed_ > 1024 * 1024) {
        buffer_.erase(0, consumed_);
        consumed_ = 0;
      }
      return std::move(parsed.reply);
    }
    if (auto got = socket_.receive_some(buffer_, deadline); !got) return fail(got.problem);
  }
}

void RespClient::close() {
  socket_.close();
  buffer_.clear();
  consumed_ = 0;
}

Reply RespClient::fail(std::string why) {
  close();
  return {.type = Reply::Type::failure, .text = std::move(why)};
}

}  // namespace djcache::harness
