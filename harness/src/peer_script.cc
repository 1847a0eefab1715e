#include <djcache/harness/peer_script.h>

#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

using Kind = PeerStep::Kind;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += " " + word;
  return out;
}

std::string shortened(const std::string& bytes) {
  constexpr std::size_t most = 60;
  return escape(std::string_view(bytes).substr(0, most)) + (bytes.size() > most ? "..." : "");
}

}  // namespace

std::string format(const PeerStep& step) {
  switch (step.kind) {
    case Kind::expect:
      return "EXPECT " + shortened(step.bytes);
    case Kind::expect_any:
      return "EXPECT_ANY" + joined(step.words);
    case Kind::expect_close:
      return "EXPECT_CLOSE";
    case Kind::handshake:
      return "HANDSHAKE" + joined(step.words);
    case Kind::discard:
      return "DISCARD " + std::to_string(step.count);
    case Kind::send:
      return (step.count == 0 ? "SEND " : "SEND_SLOWLY ") + shortened(step.bytes);
    case Kind::pause:
      return "PAUSE";
    case Kind::stall:
      return "STALL";
    case Kind::hold:
      return "HOLD";
    case Kind::close:
      return "CLOSE";
    case Kind::reset:
      return "RESET";
  }
  return "?";
}

PeerScript& PeerScript::add(PeerStep step) {
  steps_.push_back(std::move(step));
  return *this;
}

PeerScript& PeerScript::expect(std::string_view bytes) {
  return add({.kind = Kind::expect, .bytes = std::string(bytes)});
}

PeerScript& PeerScript::expect_command(const std::vector<std::string>& words) {
  return add({.kind = Kind::expect, .bytes = encode_command(words)});
}

PeerScript& PeerScript::expect_any_command(std::string_view name) {
  PeerStep step{.kind = Kind::expect_any};
  if (!name.empty()) step.words.emplace_back(name);
  return add(std::move(step));
}

PeerScript& PeerScript::expect_handshake(const PeerHandshake& handshake) {
  PeerStep step{.kind = Kind::handshake};
  if (handshake.auth) step.words.emplace_back("AUTH");
  if (handshake.db != 0) step.words.push_back("SELECT " + std::to_string(handshake.db));
  if (handshake.name) step.words.emplace_back("SETNAME");
  return add(std::move(step));
}

PeerScript& PeerScript::discard(std::size_t n) { return add({.kind = Kind::discard, .count = n}); }

PeerScript& PeerScript::send(std::string_view bytes) {
  return add({.kind = Kind::send, .bytes = std::string(bytes)});
}

PeerScript& PeerScript::send_slowly(std::string_view bytes, std::size_t bytes_per_turn) {
  return add({.kind = Kind::send,
              .bytes = std::string(bytes),
              .count = bytes_per_turn == 0 ? 1 : bytes_per_turn});
}

PeerScript& PeerScript::expect_close() { return add({.kind = Kind::expect_close}); }
PeerScript& PeerScript::pause() { return add({.kind = Kind::pause}); }
PeerScript& PeerScript::stall() { return add({.kind = Kind::stall}); }
PeerScript& PeerScript::hold() { return add({.kind = Kind::hold}); }
PeerScript& PeerScript::close() { return add({.kind = Kind::close}); }
PeerScript& PeerScript::reset() { return add({.kind = Kind::reset}); }

}  // namespace djcache::harness
