#include "src/subject/flavours.h"

#include "src/subject/loop_subject.h"
#include "src/subject/sync_subject.h"

namespace djcache::conformance {
namespace {

template <Begin begin>
std::unique_ptr<Subject> on_the_loop(const SubjectSetup& setup) {
  return std::make_unique<LoopSubject>(setup, begin);
}

std::unique_ptr<Subject> with_threads(const SubjectSetup& setup) {
  return std::make_unique<SyncSubject>(setup);
}

}  // namespace

const std::vector<Backend>& backends() {
  static const std::vector<Backend> all = {
      {"redis", "django.core.cache.backends.redis.RedisCache", true},
      {"memory", "django.core.cache.backends.locmem.LocMemCache", false},
      {"dummy", "django.core.cache.backends.dummy.DummyCache", false},
  };
  return all;
}

const std::vector<Flavour>& flavours() {
  static const std::vector<Flavour> all = {
      {"callback", &on_the_loop<&begin_with_callback>},
      {"coroutine", &on_the_loop<&begin_with_coroutine>},
      {"sync", &with_threads},
  };
  return all;
}

const std::vector<std::string>& serializers() {
  static const std::vector<std::string> all = {"msgpack", "pickle", "json"};
  return all;
}

const std::vector<std::string>& serializers_of(const Backend& backend) {
  static const std::vector<std::string> own = {std::string(own_serializer)};
  return backend.has_server ? serializers() : own;
}

}  // namespace djcache::conformance
