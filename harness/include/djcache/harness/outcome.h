// How the harness reports failures: by return value, with a readable text. It never throws or
// aborts, so it works with any test framework:
//
//   auto server = RedisServer::start();
//   ASSERT_TRUE(server)  << server.problem;
#pragma once

#include <memory>
#include <string>

namespace djcache::harness {

// The outcome of a step without a result. An empty problem means success.
struct [[nodiscard]] Outcome {
  std::string problem;

  bool ok() const { return problem.empty(); }
  explicit operator bool() const { return ok(); }
};

// The outcome of a step that creates something: `value` is null exactly if `problem` is set.
template <class T>
struct [[nodiscard]] Opened {
  std::unique_ptr<T> value;
  std::string problem;

  explicit operator bool() const { return value != nullptr; }
  T* operator->() const { return value.get(); }
  T& operator*() const { return *value; }
};

}  // namespace djcache::harness
