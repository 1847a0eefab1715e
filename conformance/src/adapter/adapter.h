// Adapter: a program that speaks PROTOCOL.md. Started on first use, and restarted after it broke a
// rule of the protocol. Knows the framing of messages, but not the meaning of calls.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "src/adapter/process.h"
#include "src/cases/node.h"

namespace djcache::conformance {

inline constexpr int protocol_version = 1;

// What an adapter reported about itself.
struct Hello {
  std::string name = {};   // "django-redis": in names of configurations
  std::string title = {};  // "django-redis 5.2.0, redis-py 4.3.4": for display
  bool is_django = false;  // expected to behave as Django only; otherwise as Django or as djcache
  std::vector<std::string> backends = {}, flavours = {}, serializers = {}, calls = {}, extras = {};

  bool can(const std::string& extra) const;
  bool knows(const std::string& call) const;
};

class Adapter {
 public:
  Adapter(std::string command, std::chrono::milliseconds limit)
      : command_(std::move(command)), limit_(limit) {}

  // Starts the program and says hello, unless done before. Returns "", or why it cannot be used.
  std::string begin();
  const Hello& hello() const { return hello_; }

  // Returns the answer to a message: an object. After a problem the program has been ended.
  Json ask(const Json& message, std::string& problem);
  // Ends the program; the next message starts it again.
  void end();

 private:
  Json talk(const Json& message, std::chrono::milliseconds limit, std::string& problem);
  void read_hello(const Json& answer);

  std::string command_;
  std::chrono::milliseconds limit_;
  std::unique_ptr<Process> process_;
  Hello hello_;
};

}  // namespace djcache::conformance
