// Subscribers: messages and MONITOR on connections of their own, through losses and disconnects.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

using Kind = SubscriberEvent::Kind;

class RawSubscriber : public RawTest {
 protected:
  SubscriberOptions options(std::vector<std::string> channels,
                            std::vector<std::string> patterns = {}) {
    return {.channels = std::move(channels),
            .patterns = std::move(patterns),
            .on_message = [this](const Message& m) { messages.push_back(m); },
            .on_event = [this](const SubscriberEvent& e) { events.push_back(e); }};
  }
  int count(Kind kind) {
    return static_cast<int>(std::count_if(events.begin(), events.end(),
                                          [&](const auto& event) { return event.kind == kind; }));
  }
  bool wait_for(Kind kind, int times = 1) {
    return run_until([&] { return count(kind) >= times; });
  }
  bool wait_for_messages(std::size_t many) {
    return run_until([&] { return messages.size() >= many; });
  }
  std::int64_t publish(const std::string& channel, const std::string& payload) {
    return inspector().command({"PUBLISH", channel, payload}).integer;
  }

  std::vector<Message> messages;
  std::vector<SubscriberEvent> events;
};

TEST_F(RawSubscriber, HearsItsChannelsAndPatterns) {
  Subscriber subscriber = cache().client({}).subscribe(options({"a", "b"}, {"n*"}));
  EXPECT_FALSE(subscriber.subscribed());
  ASSERT_TRUE(wait_for(Kind::subscribed));
  EXPECT_TRUE(subscriber.subscribed());
  EXPECT_EQ(publish("a", "one"), 1);
  EXPECT_EQ(publish("news", "two\r\n"), 1);
  EXPECT_EQ(publish("other", "never"), 0);
  ASSERT_TRUE(wait_for_messages(2));
  EXPECT_EQ(messages[0].channel, "a");
  EXPECT_EQ(messages[0].pattern, "");
  EXPECT_EQ(messages[0].payload, "one");
  EXPECT_EQ(messages[1].channel, "news");
  EXPECT_EQ(messages[1].pattern, "n*");
  EXPECT_EQ(messages[1].payload, "two\r\n");
}

TEST_F(RawSubscriber, TheCacheGoesOnBesideIt) {
  Verbs cached = verbs();
  Subscriber subscriber = cached.cache.client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  EXPECT_EQ(cached.set("k", 1), worked);
  EXPECT_EQ(cached.get("k"), 1);
  EXPECT_EQ(pool().connections, 2u);
}

TEST_F(RawSubscriber, ChannelsComeAndGo) {
  Subscriber subscriber = cache().client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  subscriber.subscribe({"b", "c"});
  subscriber.unsubscribe({"a"});
  subscriber.psubscribe({"x*"});
  EXPECT_TRUE(run_until([&] { return publish("xy", "1") == 1; }));
  EXPECT_EQ(publish("a", "never"), 0);
  EXPECT_EQ(publish("c", "2"), 1);
  ASSERT_TRUE(run_until([&] { return !messages.empty() && messages.back().payload == "2"; }));
  EXPECT_EQ(messages.back().channel, "c");
  subscriber.punsubscribe({"x*"});
  EXPECT_TRUE(run_until([&] { return publish("xy", "1") == 0; }));
}

TEST_F(RawSubscriber, IsToldOfEachChangeAndNotSubscribedBefore) {
  Subscriber subscriber = cache().client({}).subscribe(options({"a"}));
  EXPECT_FALSE(subscriber.subscribed());
  ASSERT_TRUE(wait_for(Kind::subscribed));
  EXPECT_FALSE(events.back().error.has_value());
  int told = 1;
  const auto confirmed = [&] {
    EXPECT_FALSE(subscriber.subscribed());
    EXPECT_TRUE(wait_for(Kind::subscribed, ++told));
    EXPECT_TRUE(subscriber.subscribed());
  };
  subscriber.subscribe({"b"});
  confirmed();
  EXPECT_EQ(publish("b", "1"), 1);
  subscriber.psubscribe({"p*", "q*"});
  confirmed();
  EXPECT_EQ(publish("pq", "2"), 1);
  EXPECT_EQ(publish("qp", "3"), 1);
  subscriber.unsubscribe({"a"});
  confirmed();
  EXPECT_EQ(publish("a", "never"), 0);
  subscriber.punsubscribe({"p*"});
  confirmed();
  EXPECT_EQ(publish("pq", "never"), 0);
  EXPECT_TRUE(wait_for_messages(3));
}

TEST_F(RawSubscriber, EachMessageThatIsPublishedOnceItIsSubscribedArrives) {
  constexpr int many = 200;
  Subscriber subscriber = cache().client({}).subscribe(options({}));
  for (int i = 0; i < many; ++i) {
    const std::string channel = "channel " + std::to_string(i);
    subscriber.subscribe({channel});
    ASSERT_TRUE(run_until([&] { return subscriber.subscribed(); }));
    EXPECT_EQ(publish(channel, "x"), 1) << channel;
  }
  EXPECT_TRUE(wait_for_messages(many));
}

TEST_F(RawSubscriber, ALossInTheMiddleOfAChangeAsksForEverythingAgain) {
  Subscriber subscriber = cache().client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  subscriber.subscribe({"b"});
  ASSERT_TRUE(inspector().kill_clients("djcache").has_value());
  subscriber.psubscribe({"c*"});
  ASSERT_TRUE(wait_for(Kind::lost));
  subscriber.subscribe({"d"});
  EXPECT_FALSE(subscriber.subscribed());
  ASSERT_TRUE(run_until([&] { return subscriber.subscribed(); }));
  EXPECT_EQ(events.back().kind, Kind::subscribed);
  for (const char* channel : {"a", "b", "cc", "d"}) EXPECT_EQ(publish(channel, "x"), 1) << channel;
}

TEST_F(RawSubscriber, AConfirmationThatComesTooLateIsAskedForAgain) {
  harness::RedisServer& own = own_server();
  Cache cached =
      cache({.location = {own.url()}, .options = {.command_limit = 20ms, .stall_limit = 60s}});
  Subscriber subscriber = cached.client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  ASSERT_TRUE(own.stop());
  subscriber.subscribe({"b"});
  ASSERT_TRUE(run_until([&] { return statistics().timeouts >= 2; }));
  EXPECT_FALSE(subscriber.subscribed());
  EXPECT_EQ(events.size(), 1u);
  ASSERT_TRUE(own.cont());
  ASSERT_TRUE(wait_for(Kind::subscribed, 2));
  EXPECT_EQ(inspect(own.endpoint())->command({"PUBLISH", "b", "x"}).integer, 1);
  EXPECT_EQ(count(Kind::lost), 0);
}

TEST_F(RawSubscriber, ThatWasMovedFromDoesNothing) {
  Subscriber subscriber = cache().client({}).subscribe(options({"a"}));
  Subscriber moved = std::move(subscriber);
  subscriber.subscribe({"b"});
  subscriber.unsubscribe({"b"});
  subscriber.psubscribe({"b"});
  subscriber.punsubscribe({"b"});
  EXPECT_FALSE(subscriber.subscribed());
  EXPECT_TRUE(subscriber.ended());
  EXPECT_TRUE(wait_for(Kind::subscribed));
  EXPECT_TRUE(moved.subscribed());
}

TEST_F(RawSubscriber, WhoLosesItsConnectionIsToldAndSubscribesAgain) {
  Subscriber subscriber = cache().client({}).subscribe(options({"a"}, {"p*"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  subscriber.subscribe({"later"});
  ASSERT_TRUE(wait_for(Kind::subscribed, 2));
  ASSERT_TRUE(inspector().kill_clients("djcache").has_value());
  ASSERT_TRUE(wait_for(Kind::lost));
  EXPECT_EQ(events.back().error->code, Errc::connection_lost);
  ASSERT_TRUE(wait_for(Kind::subscribed, 3));
  EXPECT_EQ(count(Kind::lost), 1);
  messages.clear();
  EXPECT_EQ(publish("a", "again"), 1);
  EXPECT_EQ(publish("pq", "again"), 1);
  EXPECT_EQ(publish("later", "again"), 1);
  EXPECT_TRUE(wait_for_messages(3));
}

TEST_F(RawSubscriber, AServerThatComesBackIsFoundAgain) {
  harness::RedisServer& own = own_server();
  Cache cached = cache({.location = {own.url()}, .options = {.backoff_max = 20ms}});
  Subscriber subscriber = cached.client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  own.kill9();
  ASSERT_TRUE(wait_for(Kind::lost));
  ASSERT_TRUE(run_until([&] { return statistics().connect_failures > 0; }));
  ASSERT_TRUE(own.restart());
  EXPECT_TRUE(wait_for(Kind::subscribed, 2));
  EXPECT_EQ(count(Kind::lost), 1);
}

TEST_F(RawSubscriber, ADisconnectEndsItBeforeTheReport) {
  Cache cached = cache();
  Subscriber subscriber = cached.client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  bool ended_first = false;
  std::optional<DisconnectReport> report;
  cached.disconnect({}, [&](DisconnectReport r) {
    ended_first = count(Kind::ended) == 1;
    report = std::move(r);
  });
  ASSERT_TRUE(run_until([&] { return report.has_value(); }));
  EXPECT_TRUE(ended_first);
  EXPECT_EQ(events.back().error->code, Errc::disconnected);
  EXPECT_EQ(report->leases.size(), 1u);
  EXPECT_FALSE(report->limit_reached);
  EXPECT_TRUE(subscriber.ended());
  EXPECT_EQ(publish("a", "never"), 0);
}

TEST_F(RawSubscriber, DestroyedItIsSilentAndItsConnectionGoes) {
  Client client = cache().client({});
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  {
    Subscriber subscriber = client.subscribe(options({"a"}));
    ASSERT_TRUE(wait_for(Kind::subscribed));
  }
  EXPECT_TRUE(run_until([&] { return pool().connections == 1; }));
  EXPECT_EQ(events.size(), 1u);
  EXPECT_EQ(pool().leases, 0u);
}

TEST_F(RawSubscriber, MayBeDestroyedInItsOwnCallbacks) {
  Client client = cache().client({});
  for (const bool by_message : {true, false}) {
    auto subscriber = std::make_unique<std::optional<Subscriber>>();
    SubscriberOptions with = options({"a"});
    bool gone = false;
    const auto destroy_it = [&] {
      subscriber->reset();
      gone = true;
    };
    with.on_message = [&](const Message&) { destroy_it(); };
    if (!by_message) with.on_event = [&](const SubscriberEvent&) { destroy_it(); };
    subscriber->emplace(client.subscribe(std::move(with)));
    if (by_message) {
      ASSERT_TRUE(wait_for(Kind::subscribed));
      publish("a", "end");
    }
    EXPECT_TRUE(run_until([&] { return gone; }));
  }
}

TEST_F(RawSubscriber, TheEngineMayBeDestroyedInItsCallbacks) {
  std::optional<Subscriber> subscriber;
  SubscriberOptions with = options({"a"});
  bool gone = false;
  with.on_message = [&](const Message&) {
    destroy();
    gone = true;
  };
  subscriber.emplace(cache().client({}).subscribe(std::move(with)));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  publish("a", "end");
  EXPECT_TRUE(run_until([&] { return gone; }));
  EXPECT_FALSE(subscriber->subscribed() && subscriber->ended());
}

TEST_F(RawSubscriber, WhatTheServerForbidsEndsItForGood) {
  harness::RedisServer& own = own_server();
  auto there = inspect(own.endpoint());
  there->command({"ACL", "SETUSER", "default", "resetchannels", "&allowed"});
  Cache cached = cache({.location = {own.url()}});
  Subscriber subscriber = cached.client({}).subscribe(options({"allowed", "a", "b"}));
  ASSERT_TRUE(wait_for(Kind::ended));
  EXPECT_EQ(events.back().error->code, Errc::permission_denied);
  EXPECT_EQ(count(Kind::subscribed), 0);
}

TEST_F(RawSubscriber, WithoutAServerItEndsAtOnce) {
  Cache cached = cache({.backend = "django.core.cache.backends.locmem.LocMemCache"});
  Subscriber subscriber = cached.client({}).subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::ended));
  EXPECT_EQ(events.back().error->code, Errc::not_supported);
}

TEST_F(RawSubscriber, ASilentConnectionIsAskedForASignOfLife) {
  harness::RedisServer& own = own_server();
  Cache cached =
      cache({.location = {own.url()}, .options = {.command_limit = 50ms, .stall_limit = 50ms}});
  SubscriberOptions with = options({"a"});
  with.check_every = 5ms;
  Subscriber subscriber = cached.client({}).subscribe(std::move(with));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  ASSERT_TRUE(own.stop());
  EXPECT_TRUE(wait_for(Kind::lost));
  ASSERT_TRUE(own.cont());
  EXPECT_TRUE(wait_for(Kind::subscribed, 2));
}

TEST_F(RawSubscriber, MonitorHearsEveryCommand) {
  Verbs cached = verbs();
  Subscriber monitor = cached.cache.client({}).monitor(options({}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  ASSERT_EQ(cached.set("watched", 1), worked);
  EXPECT_TRUE(run_until([&] {
    return std::any_of(messages.begin(), messages.end(), [](const Message& m) {
      return m.payload.find("\":1:watched\"") != std::string::npos;
    });
  }));
}

TEST_F(RawSubscriber, BeyondTheCeilingOfLeasesEndsAtOnceAndNotInsideTheCall) {
  Client client = cache({.options = {.leases_max = 1}}).client({});
  Subscriber first = client.subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  events.clear();
  Subscriber second = client.subscribe(options({"b"}));
  EXPECT_EQ(events.size(), 0u);
  ASSERT_TRUE(wait_for(Kind::ended));
  EXPECT_EQ(events.back().error->code, Errc::overloaded);
  EXPECT_TRUE(second.ended());
}

TEST_F(RawSubscriber, AssigningToItEndsTheFormerOne) {
  Client client = cache().client({});
  Subscriber one = client.subscribe(options({"a"}));
  ASSERT_TRUE(wait_for(Kind::subscribed));
  Subscriber other = client.subscribe(options({"b"}));
  ASSERT_TRUE(wait_for(Kind::subscribed, 2));
  one = std::move(other);
  Subscriber& same = one;
  one = std::move(same);
  EXPECT_TRUE(one.subscribed());
  EXPECT_TRUE(run_until([&] { return publish("a", "gone") == 0; }));
  EXPECT_EQ(publish("b", "there"), 1);
  EXPECT_TRUE(wait_for_messages(1));
  EXPECT_EQ(messages[0].payload, "there");
}

}  // namespace
}  // namespace djcache
