// R06: a callback may do anything, wherever it is called from, with any connection.
//
// The tests of NineRules (engine/lifetime_reentrant_test.cc) as a full matrix, with more deeds and
// places.
#include <djcache/client.h>
#include <djcache/subscriber.h>

#include "engine/engine_fixture.h"
#include "reliability/scale.h"

namespace djcache::reliability {
namespace {

struct R06Matrix : EngineTest {
  using Deed = std::function<void()>;

  // A location of its own for each engine, so that none finds what an earlier one left.
  struct Scene {
    bool over_unix = false;
    std::unique_ptr<harness::ScriptedPeer> peer;
    std::unique_ptr<Engine> engine;
    std::optional<Subscriber> subscriber;
    Deed on_connected;
  };
  struct Place {
    const char* name;
    std::function<void(Scene&, Deed)> provoke;
    std::optional<harness::PeerScript> script{};  // empty: a real server
  };
  struct Act {
    const char* name;
    std::function<void(Scene&, Ticket other)> act;
  };

  static std::vector<Place> places() {
    const auto silence = after_handshake().hold();
    const auto loss = after_handshake().expect_any_command("DEL").reset();
    return {
        {"a reply",
         [](Scene& scene, Deed deed) { scene.engine->cache().get("a", [deed](auto) { deed(); }); }},
        {"an error",
         [](Scene& scene, Deed deed) {
           scene.engine->cache().incr("missing", [deed](auto) { deed(); });
         }},
        {"a timeout",
         [](Scene& scene, Deed deed) {
           scene.engine->cache().get("a", {.limit = 5ms}, [deed](auto) { deed(); });
         },
         silence},
        {"a push",
         [](Scene& scene, Deed deed) {
           SubscriberOptions options;
           options.channels = {"news"};
           options.on_message = [deed](const Message&) { deed(); };
           options.on_event = [client = scene.engine->cache().client({})](auto& event) mutable {
             if (event.kind != SubscriberEvent::Kind::subscribed) return;
             client.command({"PUBLISH", "news", "it rains"}, [](auto) {});
           };
           scene.subscriber = scene.engine->cache().client({}).subscribe(std::move(options));
         }},
        {"a connect",
         [](Scene& scene, Deed deed) {
           scene.on_connected = std::move(deed);
           scene.engine->cache().get("a", [](auto) {});
         }},
        {"a disconnect",
         [](Scene& scene, Deed deed) { scene.engine->disconnect({}, [deed](auto) { deed(); }); }},
        {"a loss",
         [](Scene& scene, Deed deed) {
           scene.engine->cache().delete_("a", [deed](auto) { deed(); });
         },
         loss},
    };
  }

  std::vector<Act> acts() {
    return {
        {"get", [](Scene& scene, Ticket) { scene.engine->cache().get("b", [](auto) {}); }},
        {"set", [](Scene& scene, Ticket) { scene.engine->cache().set("b", 1, {}); }},
        {"drain", [](Scene& scene, Ticket) { scene.engine->disconnect({.limit = 50ms}, {}); }},
        {"abort", [](Scene& scene,
                     Ticket) { scene.engine->disconnect({.mode = DisconnectMode::abort}, {}); }},
        {"destroy", [](Scene& scene, Ticket) { scene.engine.reset(); }},
        {"cancel another", [](Scene& scene, Ticket other) { scene.engine->cancel(other); }},
        {"uv_stop", [this](Scene&, Ticket) { uv_stop(&runner_.loop()); }},
    };
  }

  void play(const Place& place, const Act& act, bool over_unix) {
    Scene scene;
    std::string location = over_unix ? server().unix_url() : server().url();
    if (place.script) {
      auto listening = harness::ScriptedPeer::listen(runner_.loop(), {.unix_socket = over_unix});
      ASSERT_TRUE(listening) << listening.problem;
      scene.peer = std::move(listening.value);
      scene.peer->script() = *place.script;
      location = scene.peer->url();
    }
    Settings settings{.caches = {{"default", {.location = {location}}}}};
    settings.on_event = [&scene](const PoolEvent& event) {
      if (event.kind == PoolEvent::Kind::connected && scene.on_connected) {
        std::exchange(scene.on_connected, {})();
      }
    };
    scene.engine = std::make_unique<Engine>(runner_.loop(), std::move(settings));
    bool done = false;
    Ticket other;
    place.provoke(scene, [&] {
      if (std::exchange(done, true)) return;
      act.act(scene, other);
    });
    other = scene.engine->cache().get("after", [](auto) {});
    EXPECT_TRUE(run_until([&] { return done; }));
    runner_.run_for_turns(10);
    scene.subscriber.reset();
    scene.engine.reset();
    scene.peer.reset();
    // Only closing handles are left of it.
    EXPECT_TRUE(run_until([&] { return our_handles().empty(); })) << our_handles();
  }
};

TEST_F(R06Matrix, EveryDeedInEveryPlaceOverTcpAndUnixSockets) {
  int played = 0;
  for (const bool over_unix : {false, true}) {
    for (const Place& place : places()) {
      for (const Act& act : acts()) {
        SCOPED_TRACE(std::string(act.name) + " in " + place.name +
                     (over_unix ? ", unix" : ", tcp"));
        ASSERT_NO_FATAL_FAILURE(play(place, act, over_unix));
        ++played;
      }
    }
  }
  figure("R06", "7 deeds in 7 places over tcp and unix sockets: %d of 98 played", played);
  EXPECT_EQ(played, 98);
}

}  // namespace
}  // namespace djcache::reliability
