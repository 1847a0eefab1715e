// The raw client on shared connections: commands, pipelines, transactions.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

using RawClient = RawTest;

TEST_F(RawClient, SendsAnyCommandAndGivesEveryKindOfReply) {
  Client client = cache().client({});
  EXPECT_EQ(ask(client, {"RPUSH", "l", "a", "b\0c"s}), integer(2));
  EXPECT_EQ(ask(client, {"LRANGE", "l", "0", "-1"}), list({text("a"), text("b\0c"s)}));
  EXPECT_EQ(ask(client, {"SET", "s", "x"}), status("OK"));
  EXPECT_EQ(ask(client, {"GET", "s"}), text("x"));
  EXPECT_EQ(ask(client, {"GET", "none"}), Reply());
  EXPECT_EQ(ask(client, {"EVAL", "return {1,{'two',false},{}}", "0"}),
            list({integer(1), list({text("two"), Reply()}), list({})}));
  EXPECT_EQ(to_string(*ask(client, {"EVAL", "return {1,{'two',false},{}}", "0"})),
            "[1, [\"two\", nil], []]");
}

TEST_F(RawClient, RepliesNestedDeeperThanHiredisReadsAreRead) {
  Cache cached = cache({.options = {.command_limit = 10s}});
  Client client = cached.client({});
  Answer<Reply> docs, deep;
  Answer<std::int64_t> number;
  Answer<void> set;
  cached.set("n", 1, set.callback());
  client.command({"COMMAND", "DOCS"}, docs.callback());
  client.command({"EVAL", "return {{{{{{{{{{{7}}}}}}}}}}}", "0"}, deep.callback());
  cached.incr("n", number.callback());
  EXPECT_EQ(wait(number), 2);
  ASSERT_TRUE(wait(docs).ok());
  EXPECT_GT(wait(docs)->elements.size(), 400u);
  EXPECT_EQ(to_string(*wait(deep)), "[[[[[[[[[[[7]]]]]]]]]]]");
  EXPECT_EQ(pool().statistics.connects, 1u);
}

TEST_F(RawClient, AReplyOverALimitCostsItsOwnCallerOnly) {
  Cache cached = cache({.options = {.command_limit = 10s, .value_max_bytes = 1000}});
  Client client = cached.client({});
  ASSERT_TRUE(ask(client, {"EVAL",
                           "local t = {} for i = 1, 1000 do t[i] = i end "
                           "for i = 1, 1200 do redis.call('RPUSH', KEYS[1], unpack(t)) end",
                           "1", "long"})
                  .ok());
  ASSERT_TRUE(ask(client, {"RPUSH", "wide", "a", std::string(1001, 'x'), "b"}).ok());
  Answer<void> set;
  cached.set("n", 1, set.callback());
  for (const auto& [list, said] :
       {std::pair{"long", "1200000 elements, more than reply_max_elements (1000000) allows"},
        std::pair{"wide", "1001 bytes, more than value_max_bytes (1000) allows"}}) {
    Answer<Reply> whole, part;
    Answer<std::int64_t> before, after;
    cached.incr("n", before.callback());
    client.command({"LRANGE", list, "0", "-1"}, whole.callback());
    cached.incr("n", after.callback());
    client.command({"LRANGE", list, "0", "0"}, part.callback());
    EXPECT_TRUE(wait(before).ok());
    EXPECT_EQ(wait(whole), Errc::value_too_large);
    EXPECT_THAT(detail_of(wait(whole)), HasSubstr(said));
    EXPECT_EQ(*wait(after), *wait(before) + 1);
    EXPECT_EQ(wait(part)->elements.size(), 1u);
  }
  EXPECT_EQ(pool().statistics.connects, 1u);
}

TEST_F(RawClient, AnErrorReplyIsAnErrorWithTheServersWords) {
  Client client = cache().client({});
  const auto unknown = ask(client, {"NO.SUCH", "x"});
  EXPECT_EQ(unknown, Errc::server_error);
  EXPECT_THAT(detail_of(unknown), HasSubstr("unknown command"));
  ASSERT_TRUE(ask(client, {"RPUSH", "l", "a"}).ok());
  EXPECT_EQ(ask(client, {"GET", "l"}), Errc::wrong_type);
}

TEST_F(RawClient, KeysAndValuesAreThoseOfTheCache) {
  Verbs cached = verbs({.key_prefix = "p", .version = 3});
  Client client = cached.cache.client({});
  EXPECT_EQ(client.make_key("a"), "p:3:a");
  EXPECT_EQ(client.make_key("a", 4), "p:4:a");
  const Value value = Value::list({1, "two", 3.5});
  ASSERT_TRUE(ask(client, {"SET", client.make_key("a"), *client.encode(value)}).ok());
  EXPECT_EQ(cached.get("a"), value);
  const auto stored = ask(client, {"GET", client.make_key("a")});
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(*client.decode(stored->text), value);
  EXPECT_EQ(client.decode("no pickle").error().code, Errc::decode_failed);
  EXPECT_EQ(client.encode(Value("\xff")).error().code, Errc::encode_failed);
}

TEST_F(RawClient, IsInOrderWithTheVerbsOfTheCache) {
  Cache cached = cache();
  Client client = cached.client({});
  Answer<void> set;
  Answer<Reply> got, deleted;
  Answer<std::optional<Value>> gone;
  cached.set("a", 7, set.callback());
  client.command({"GET", ":1:a"}, got.callback());
  client.command({"DEL", ":1:a"}, deleted.callback());
  cached.get("a", gone.callback());
  EXPECT_EQ(wait(gone), miss);
  EXPECT_EQ(wait(got), text("7"));
  EXPECT_EQ(pool().connections, 1u);
}

TEST_F(RawClient, WhatWouldHitTheOthersIsRefusedAndNeverSent) {
  Client client = cache().client({});
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  const auto log_of_server = log();
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"SELECT", "1"},
                                             {"blpop", "a", "0"},
                                             {"WATCH", "a"},
                                             {"MULTI"},
                                             {"SUBSCRIBE", "c"},
                                             {"MONITOR"},
                                             {"CLIENT", "REPLY", "OFF"},
                                             {"HELLO", "3"},
                                             {"QUIT"}}) {
    EXPECT_EQ(ask(client, words), Errc::not_supported) << words[0];
    Pipeline pipeline;
    pipeline.add({"GET", "a"}).add(words);
    EXPECT_EQ(run(client, pipeline), Errc::not_supported) << words[0];
  }
  EXPECT_EQ(ask(client, std::vector<std::string>{}), Errc::invalid_argument);
  ASSERT_TRUE(ask(client, {"PING", "mark"}).ok());
  EXPECT_THAT(log_of_server->take(),
              testing::Optional(testing::ElementsAre(testing::ElementsAre("PING", "mark"))));
}

TEST_F(RawClient, APipelineGivesOneReplyForEachAlsoForWhatIsRefused) {
  Client client = cache().client({});
  Pipeline pipeline;
  pipeline.add({"SET", "a", "1"}).add({"INCR", "a"}).add({"LPUSH", "a", "x"}).add({"GET", "a"});
  const auto replies = run(client, pipeline);
  ASSERT_TRUE(replies.ok());
  ASSERT_EQ(replies->size(), 4u);
  EXPECT_TRUE((*replies)[0].is_ok());
  EXPECT_EQ((*replies)[1], integer(2));
  EXPECT_TRUE((*replies)[2].is_error());
  EXPECT_THAT((*replies)[2].text, HasSubstr("WRONGTYPE"));
  EXPECT_EQ((*replies)[3], text("2"));
  EXPECT_EQ(run(client, pipeline)->at(1), integer(2));  // it can be sent again
  pipeline.clear();
  EXPECT_EQ(run(client, pipeline), std::vector<Reply>());
}

TEST_F(RawClient, ATransactionIsOneStepOnASharedConnection) {
  Client client = cache().client({});
  Pipeline pipeline;
  pipeline.add({"SET", "a", "1"}).add({"INCR", "a"}).add({"LPUSH", "a", "x"});
  Answer<std::vector<Reply>> answer;
  client.transaction(pipeline, {}, answer.callback());
  const auto replies = wait(answer);
  ASSERT_TRUE(replies.ok()) << detail_of(replies);
  EXPECT_EQ((*replies)[1], integer(2));
  EXPECT_TRUE((*replies)[2].is_error());
}

TEST_F(RawClient, ATransactionThatIsRefusedWhenQueuedDoesNothing) {
  Client client = cache().client({});
  Pipeline pipeline;
  pipeline.add({"SET", "a", "1"}).add({"NO.SUCH"});
  Answer<std::vector<Reply>> answer, empty, nested;
  client.transaction(pipeline, {}, answer.callback());
  EXPECT_EQ(wait(answer), Errc::server_error);
  EXPECT_THAT(detail_of(*answer.result), HasSubstr("unknown command"));
  EXPECT_EQ(ask(client, {"EXISTS", "a"}), integer(0));
  client.transaction(Pipeline(), {}, empty.callback());
  EXPECT_EQ(wait(empty), Errc::invalid_argument);
  client.transaction(Pipeline().add({"MULTI"}), {}, nested.callback());
  EXPECT_EQ(wait(nested), Errc::not_supported);
}

TEST_F(RawClient, ALostConnectionTellsHowFarAPipelineCame) {
  Client client = scripted(after_handshake()
                               .expect_command({"SET", "a", "1"})
                               .expect_command({"INCR", "a"})
                               .send("+OK\r\n")
                               .close())
                      .client({});
  Pipeline pipeline;
  pipeline.add({"SET", "a", "1"}).add({"INCR", "a"});
  const auto replies = run(client, pipeline);
  EXPECT_EQ(replies, Errc::connection_lost);
  EXPECT_THAT(detail_of(replies), HasSubstr("after 1 of 2 replies"));
}

TEST_F(RawClient, IsRefusedWhereThereIsNoServer) {
  Client client = cache({.backend = "django.core.cache.backends.locmem.LocMemCache"}).client({});
  const auto refused = ask(client, {"PING"});
  EXPECT_EQ(refused, Errc::not_supported);
  EXPECT_THAT(detail_of(refused), HasSubstr("CACHES['default'] has no server"));
  EXPECT_EQ(lease(client), nullptr);
  EXPECT_EQ(problem.code, Errc::not_supported);
}

TEST_F(RawClient, CloseWithThePoolDisconnectsItAndWithoutDoesNothing) {
  Client client = cache().client({});
  ASSERT_TRUE(ask(client, {"PING"}).ok());
  const auto close = [&](const CloseOptions& options) {
    std::optional<DisconnectReport> report;
    client.close(options, [&](DisconnectReport r) { report = std::move(r); });
    EXPECT_FALSE(report.has_value());
    run_until([&] { return report.has_value(); });
    return report ? report->connections : 99;
  };
  EXPECT_EQ(close({}), 0u);
  EXPECT_EQ(clients(), 1u);
  EXPECT_EQ(close({.close_pool = true}), 1u);
  EXPECT_EQ(clients(), 0u);
  EXPECT_TRUE(ask(client, {"PING"}).ok());
}

TEST_F(RawClient, AReadingClientAsksAReplica) {
  harness::RedisServer& replica = own_server();
  Cache cached = cache({.location = {server().url(), replica.url()}});
  Client writes = cached.client({});
  Client reads = cached.client({.write = false});
  ASSERT_TRUE(ask(writes, {"SET", "a", "first"}).ok());
  EXPECT_EQ(ask(reads, {"GET", "a"}), Reply());
  EXPECT_EQ(ask(writes, {"GET", "a"}), text("first"));
}

TEST_F(RawClient, APipelineCountsAsManyOperationsAsItHas) {
  Client client = cache({.options = {.pending_max = 3}}).client({});
  const auto replies = run(client, Pipeline().add({"PING"}).add({"PING"}).add({"PING"}));
  ASSERT_TRUE(replies.ok()) << to_string(replies.error());
  const auto refused =
      run(client, Pipeline().add({"PING"}).add({"PING"}).add({"PING"}).add({"PING"}));
  ASSERT_EQ(refused, Errc::overloaded);
  EXPECT_THAT(refused.error().detail,
              HasSubstr("0 operations are waiting and 4 more would pass pending_max (3)"));
}

}  // namespace
}  // namespace djcache
