// The nine rules of callbacks: ReEntrant. A callback may call anything, including disconnect and
// the engine's destructor, wherever it is called from.
#include "engine/lifetime_fixture.h"

namespace djcache {
namespace {

TEST_F(NineRules, ReEntrantFromAReply) {
  do_each({}, [](Cache& cache, auto deed) { cache.get("a", [deed](auto) { deed(); }); });
}

TEST_F(NineRules, ReEntrantFromEveryVerb) {
  for (const Deed& deed : deeds()) {
    SCOPED_TRACE(deed.name);
    Settings all;
    all.caches.emplace("default", CacheSettings{.location = {server().url()}});
    // Once per verb: an engine that is destroyed by the first callback never calls the others.
    const int verbs = 36;
    for (int chosen = 0; chosen < verbs; ++chosen) {
      auto engine = std::make_unique<Engine>(runner_.loop(), all);
      int told = 0;
      bool acted = false;
      ASSERT_EQ(call_every_verb(engine->cache(),
                                [&](auto, auto*) {
                                  if (told++ != chosen || !engine) return;
                                  acted = true;
                                  deed.act(engine, {});
                                }),
                verbs);
      run_until([&] { return acted; });
      if (!engine) continue;
      bool gone = false;
      engine->disconnect({.mode = DisconnectMode::abort}, [&](auto) { gone = true; });
      run_until([&] { return gone; });
      EXPECT_EQ(told, verbs);
    }
  }
}

TEST_F(NineRules, ReEntrantFromAReplyInTheMiddleOfOneRead) {
  const std::string three = "$-1\r\n$-1\r\n$-1\r\n";
  harness::ScriptedPeer& fake = peer();
  fake.script() = after_handshake()
                      .expect_command({"GET", ":1:before"})
                      .expect_command({"GET", ":1:a"})
                      .expect_command({"GET", ":1:after"})
                      .send(three)
                      .hold();
  do_each({.location = {fake.url()}},
          [](Cache& cache, auto deed) { cache.get("a", [deed](auto) { deed(); }); });
}

// The texts of an array stay where they were read until the result is made: the result must own
// them, whatever the callback does to the engine, and however the reply was divided.
TEST_F(NineRules, ReEntrantFromAGetManyInPieces) {
  const std::string long_text(20'000, 'x');  // over resp::Parser::large_from
  const std::string reply = "*4\r\n" + bulk("short") + "$-1\r\n" + bulk(long_text) + bulk("last");
  const std::vector<std::string> keys{"the first key", "missing", "k", "the last of four keys"};
  for (const std::size_t piece : {7u, 50u, 10'000u, 19'000u, 100'000u}) {
    SCOPED_TRACE(piece);
    harness::ScriptedPeer& fake = peer();
    fake.script() = after_handshake()
                        .expect_command({"GET", ":1:before"})
                        .expect_any_command("MGET")
                        .send_slowly("$-1\r\n" + reply + "$-1\r\n", piece)
                        .hold();
    do_each({.location = {fake.url()}, .options = {.serializer = Serializer::raw}},
            [&](Cache& cache, auto deed) {
              cache.get_many(keys, [&, deed](Result<Found> result) {
                if (!result.ok()) return deed();  // as the operation of a deed
                Found found = *std::move(result);
                deed();
                EXPECT_EQ(found, (Found{{keys[0], Value::bytes("short")},
                                        {keys[2], Value::bytes(long_text)},
                                        {keys[3], Value::bytes("last")}}));
              });
            });
  }
}

TEST_F(NineRules, ReEntrantFromAConnectError) {
  do_each({.location = {"redis://127.0.0.1:" + std::to_string(harness::unused_port())}},
          [](Cache& cache, auto deed) { cache.get("a", [deed](auto) { deed(); }); });
}

TEST_F(NineRules, ReEntrantFromAnErrorReply) {
  do_each({}, [](Cache& cache, auto deed) { cache.incr("missing", [deed](auto) { deed(); }); });
}

TEST_F(NineRules, ReEntrantFromABrokenProtocol) {
  harness::ScriptedPeer& fake = peer();
  fake.script() = after_handshake().expect_any_command("GET").send("hello\r\n").hold();
  do_each({.location = {fake.url()}},
          [](Cache& cache, auto deed) { cache.incr("a", [deed](auto) { deed(); }); });
}

TEST_F(NineRules, ReEntrantFromALostConnection) {
  harness::ScriptedPeer& fake = peer();
  fake.script() = after_handshake().expect_any_command("GET").reset();
  do_each({.location = {fake.url()}},
          [](Cache& cache, auto deed) { cache.delete_("a", [deed](auto) { deed(); }); });
}

TEST_F(NineRules, ReEntrantFromATimeout) {
  harness::ScriptedPeer& fake = peer();
  fake.script() = after_handshake().hold();
  do_each({.location = {fake.url()}}, [](Cache& cache, auto deed) {
    cache.get("a", {.limit = 5ms}, [deed](auto) { deed(); });
  });
}

TEST_F(NineRules, ReEntrantFromACancel) {
  do_each({},
          [](Cache& cache, auto deed) { cache.cancel(cache.get("a", [deed](auto) { deed(); })); });
}

TEST_F(NineRules, ReEntrantFromAnAbortedOperation) {
  do_each({}, [](Cache& cache, auto deed) {
    cache.get("a", [deed](auto) { deed(); });
    cache.disconnect({.mode = DisconnectMode::abort}, {});
  });
}

TEST_F(NineRules, ReEntrantFromAnOperationWithoutARoundTrip) {
  do_each({}, [](Cache& cache, auto deed) { cache.get_many({}, [deed](auto) { deed(); }); });
}

TEST_F(NineRules, ReEntrantFromAReportOfDisconnect) {
  for (const auto mode : {DisconnectMode::abort, DisconnectMode::drain}) {
    do_each({}, [mode](Cache& cache, auto deed) {
      cache.disconnect({.mode = mode}, [deed](auto) { deed(); });
    });
  }
}

TEST_F(NineRules, ReEntrantFromAProducer) {
  do_each({}, [](Cache& cache, auto deed) {
    cache.delete_("produced", {});
    cache.get_or_set("produced", AsyncProducer([deed](Resolve resolve) {
                       deed();
                       resolve(Value(1));
                     }),
                     [](auto) {});
  });
}

TEST_F(NineRules, ReEntrantFromAnEvent) {
  for (const Deed& deed : deeds()) {
    SCOPED_TRACE(deed.name);
    std::unique_ptr<Engine> engine;
    bool called = false;
    Settings settings{.caches = {{"default", {.location = {server().url()}}}}};
    settings.on_event = [&](const PoolEvent&) {
      if (std::exchange(called, true) || !engine) return;
      deed.act(engine, {});
    };
    engine = std::make_unique<Engine>(runner_.loop(), std::move(settings));
    engine->cache().get("a", [](auto) {});
    run_until([&] { return called; });
    engine.reset();
    runner_.run_for_turns(10);
  }
}

}  // namespace
}  // namespace djcache
