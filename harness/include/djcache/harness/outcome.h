// How the harness says that something failed: by value, with a text a person can act on. It never
// throws and never aborts, so that it serves any test framework:
//
//   auto server = RedisServer::start();
//   ASSERT_TRUE(server) << server.problem;
#pragma once

#include <memory>
#include <string>

namespace djcache::harness {

// Of a step that gives nothing back. An empty problem means that it worked.
struct [[nodiscard]] Outcome {
  std::string problem;

  bool ok() const { return problem.empty(); }
  explicit operator bool() const { return ok(); }
};

// Of a step that makes something: `value` is null exactly when `problem` says why.
template <class T>
struct [[nodiscard]] Opened {
  std::unique_ptr<T> value;
  std::string problem;

  explicit operator bool() const { return value != nullptr; }
  T* operator->() const { return value.get(); }
  T& operator*() const { return *value; }
};

}  // namespace djcache::harness
