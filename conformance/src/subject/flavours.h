// The lists of what can be tested: backends, flavours of the API and serializers. A new entry is
// one line in flavours.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/subject/subject.h"

namespace djcache::conformance {

struct Backend {
  std::string_view name;         // as in cases: "redis"
  std::string_view django_name;  // as in CACHES
  bool has_server;
};
const std::vector<Backend>& backends();

struct Hello;

struct Flavour {
  std::string name;
  std::function<std::unique_ptr<Subject>(const SubjectSetup& setup)> make;
  const Hello* hello = nullptr;  // of an adapter; null: djcache's own
};
const std::vector<Flavour>& flavours();

// The engine's serializers that a configuration can choose.
const std::vector<std::string>& serializers();
// The serializers of a backend's configurations: serializers(), or the backend's own, which cannot
// be chosen.
inline constexpr std::string_view own_serializer = "own";
const std::vector<std::string>& serializers_of(const Backend& backend);

}  // namespace djcache::conformance
