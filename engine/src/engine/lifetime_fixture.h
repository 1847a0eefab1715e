// Shared by the tests of the nine rules (engine/docs/lifetime.md).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/engine_fixture.h"

namespace djcache {

// An action of a callback, and where it is called from.
struct Deed {
  const char* name;
  std::function<void(std::unique_ptr<Engine>&, Ticket other)> act;
};

inline const std::vector<Deed>& deeds() {
  static const std::vector<Deed> all{
      {"call every verb",
       [](auto& engine, Ticket) { call_every_verb(engine->cache(), [](auto, auto*) {}); }},
      {"disconnect by abort",
       [](auto& engine, Ticket) {
         engine->disconnect({.mode = DisconnectMode::abort}, [](DisconnectReport) {});
       }},
      {"disconnect by drain",
       [](auto& engine, Ticket) {
         engine->disconnect({.mode = DisconnectMode::drain}, [](DisconnectReport) {});
       }},
      {"disconnect the pools",
       [](auto& engine, Ticket) {
         for (Pool& pool : engine->pools()) pool.disconnect({}, {});
       }},
      {"cancel", [](auto& engine, Ticket other) { engine->cancel(other); }},
      {"destroy the engine", [](auto& engine, Ticket) { engine.reset(); }},
      {"abort, then destroy",
       [](auto& engine, Ticket) {
         engine->disconnect({.mode = DisconnectMode::abort}, [](DisconnectReport) {});
         engine.reset();
       }},
  };
  return all;
}

class NineRules : public EngineTest {
 protected:
  // Calls every verb and runs until each callback has run; returns how often each result came.
  std::map<std::string, std::vector<Errc>> tell_of_every_verb(
      Cache cache, const std::function<void()>& meanwhile = {},
      std::optional<std::chrono::milliseconds> limit = {}) {
    std::map<std::string, std::vector<Errc>> told;
    int ended = 0;
    const int verbs = call_every_verb(
        cache,
        [&](std::string_view verb, const Error* error) {
          ++ended;
          if (error != nullptr) told[std::string(verb)].push_back(error->code);
        },
        limit);
    if (meanwhile) meanwhile();
    run_until([&] { return ended >= verbs; });
    runner_.run_for_turns(20);
    EXPECT_EQ(ended, verbs);
    return told;
  }

  // An engine whose callback, triggered by `provoke`, does each deed once. More operations are
  // pending before and after it.
  void do_each(CacheSettings settings,
               const std::function<void(Cache&, std::function<void()> deed)>& provoke) {
    if (settings.location.empty()) settings.location = {server().url()};
    for (const Deed& deed : deeds()) {
      SCOPED_TRACE(deed.name);
      Settings all;
      all.caches.emplace("default", settings);
      start(std::move(all));
      bool called = false;
      // Captured by value: the engine must not be what keeps this alive.
      auto& owner = owner_of_engine();
      Cache cache = owner->cache();
      cache.get("before", [](auto) {});
      auto other = std::make_shared<Ticket>();
      provoke(cache, [&called, &owner, other, &deed] {
        called = true;
        if (owner) deed.act(owner, *other);
      });
      *other = cache.get("after", [](auto) {});
      run_until([&] { return called; });
      runner_.run_for_turns(10);
    }
  }
};

}  // namespace djcache
