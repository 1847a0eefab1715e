// Alias: the state of one alias of CACHES: how keys are made and values encoded, and the backend.
//
// Pure. Shared by all Cache handles of the alias; once its engine is gone it does nothing.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cache/key.h"
#include "cache/stampede.h"
#include "calls.h"
#include "codec/codec.h"
#include "core/backend.h"

namespace djcache::detail {

struct Alias {
  Alias(std::string alias_name, const CacheSettings& settings)
      : name(std::move(alias_name)),
        keys(settings.key_prefix, settings.version, settings.key_function, settings.version_text),
        timeout(settings.timeout.omitted() ? Ttl(std::chrono::seconds(300)) : settings.timeout) {}

  static Cache handle(std::shared_ptr<Alias> alias) { return Cache(std::move(alias)); }

  const codec::Codec* reader(std::optional<Foreign> foreign) {
    if (!foreign || !make_codec) return codec.get();
    auto& made = codecs[static_cast<std::size_t>(*foreign)];
    if (made == nullptr) made = make_codec(*foreign);
    return made.get();
  }

  std::string name;
  CacheStatistics statistics{};
  cache::Stampede stampede{};
  // Null once the engine is gone.
  std::shared_ptr<Calls> calls;
  Backend* backend = nullptr;   // null: `broken` says why
  std::optional<Error> broken;  // every operation ends with this error
  std::unique_ptr<const codec::Codec> codec;
  // Makes the same codec with another `foreign`; null: it would make no difference.
  std::function<std::unique_ptr<const codec::Codec>(Foreign)> make_codec;
  std::array<std::unique_ptr<const codec::Codec>, 3> codecs;  // those codecs, created on first use
  codec::Scratch scratch;
  cache::KeyMaker keys;
  Ttl timeout;
  std::uint32_t limit_ms = 500;
  bool moves_keep_ttl = false;  // incr_version, as with django-redis
  std::function<void(std::string_view alias, std::string_view message)> on_warning;
  std::function<void(const DisconnectOptions&, DisconnectDone)> disconnect;
};

}  // namespace djcache::detail
