// Adapter: a program that speaks PROTOCOL.md: started when first asked, started anew after it broke
// a rule. Knows the messages' frame, not what calls mean.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "src/adapter/process.h"
#include "src/cases/node.h"

namespace djcache::conformance {

inline constexpr int protocol_version = 1;

// What an adapter said of itself.
struct Hello {
  std::string name = {};   // "django-redis": in names of configurations
  std::string title = {};  // "django-redis 5.2.0, redis-py 4.3.4": for people
  bool is_django = false;  // judged as Django alone; otherwise as Django or as djcache
  std::vector<std::string> backends = {}, flavours = {}, serializers = {}, calls = {}, extras = {};

  bool can(const std::string& extra) const;
  bool knows(const std::string& call) const;
};

class Adapter {
 public:
  Adapter(std::string command, std::chrono::milliseconds limit)
      : command_(std::move(command)), limit_(limit) {}

  // Says hello if that has not happened yet. "", or why it cannot be used.
  std::string begin();
  const Hello& hello() const { return hello_; }

  // The answer to a message: an object. With a problem the program has been ended.
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
