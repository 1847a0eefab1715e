// What Sentinels say. Pure. Source: redis.io's "High availability with Redis Sentinel", Pub/Sub
// messages.
#pragma once

#include <djcache/reply.h>
#include <djcache/sentinel.h>

#include <optional>
#include <string_view>
#include <vector>

namespace djcache::sentinel {

using Address = SentinelOptions::Address;

// Of SENTINEL GET-MASTER-ADDR-BY-NAME; nullopt: it knows no such service, or says something else.
std::optional<Address> primary_in(const Reply& reply);
// Of SENTINEL REPLICAS: those that can serve now.
std::vector<Address> replicas_in(const Reply& reply);
// Of SENTINEL SENTINELS: the others that watch the service and that this one can reach.
std::vector<Address> sentinels_in(const Reply& reply);
// Of the channel +switch-master: "<name> <old host> <old port> <new host> <new port>".
bool speaks_of(std::string_view message, std::string_view service);

}  // namespace djcache::sentinel
