#include "store.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace djcache::python {

namespace {

// The key function. With version 0, the key was made by Python and is used as it is. incr_version
// gets a pair of made keys (see verbs::move()): version 1 is the first one, version 2 the second.
std::string key_as_made(std::string_view key, std::string_view, std::int64_t version) {
  if (version == 0) return std::string(key);
  const std::size_t middle = key.find('\n');
  std::size_t first = 0;
  for (const char digit : key.substr(0, middle)) {
    first = first * 10 + static_cast<std::size_t>(digit - '0');
  }
  key.remove_prefix(middle + 1);
  return std::string(version == 1 ? key.substr(0, first) : key.substr(first));
}

// Runs Python's signal handlers, which only the main thread may do. Returns false if one raised an
// exception.
bool no_signal_raised() {
  if (::syscall(SYS_gettid) != ::getpid() || Py_IsInitialized() == 0) return true;
  const PyGILState_STATE state = PyGILState_Ensure();
  const bool go_on = PyErr_CheckSignals() == 0;
  PyGILState_Release(state);
  return go_on;
}

Settings read(const std::string& caches) {
  Result<Settings> settings = Settings::from_json(caches);
  if (!settings.ok()) raise(settings.error());
  CacheSettings& cache = settings->caches["default"];
  cache.timeout = forever;
  // With this backend, incr_version keeps the ttl of an entry.
  if (cache.backend == "redis") cache.backend = "django_redis.cache.RedisCache";
  cache.version = 0;
  cache.key_function = key_as_made;
  // Python encodes and decodes values itself.
  cache.options.serializer = Serializer::raw;
  cache.options.compressor = Compressor::none;
  cache.options.serializer_fallbacks.clear();
  cache.options.compressor_fallbacks.clear();
  return *std::move(settings);
}

std::vector<std::string> warnings_of(const Settings& settings) {
  std::vector<std::string> texts;
  for (const SettingsFinding& finding : settings.findings()) {
    if (finding.severity == SettingsFinding::Severity::warning) {
      texts.push_back(finding.place + ": " + finding.text);
    }
  }
  return texts;
}

}  // namespace

std::vector<std::string> check(const std::string& caches) {
  const Settings settings = read(caches);
  if (const Result<void> checked = settings.check(); !checked.ok()) raise(checked.error());
  return warnings_of(settings);
}

Store::Store(const std::string& caches) : Store(read(caches)) {}

Store::Store(Settings settings)
    : integers_(settings.caches["default"].backend == "memory" ? Integers::as_int
                                                               : Integers::as_text),
      engine_(std::move(settings), {.go_on = no_signal_raised, .key_function_on_callers = true}),
      cache_(engine_.cache()) {
  if (const Result<void> started = engine_.start(); !started.ok()) raise(started.error());
}

void Store::stop() {
  PyThreadState* const saved = PyEval_SaveThread();
  (void)engine_.stop();
  take_gil(saved);
}

}  // namespace djcache::python
