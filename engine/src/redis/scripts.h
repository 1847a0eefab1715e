// The two operations that need a script to be atomic, each one round trip.
//
// Pure. Django does both in several commands with a race between them (engine/docs/django-map.md).
// The first use on a connection sends a script in full (EVAL), later ones its SHA-1 (EVALSHA).
// Should the server have forgotten it since (SCRIPT FLUSH), it is sent in full once more; only then
// can the operation fall behind later ones of the same key.
#pragma once

#include <cstdint>
#include <string_view>

namespace djcache::redis {

struct Script {
  std::string_view text;
  std::uint8_t bit;       // in Connection::scripts_sent
  std::string_view sha1;  // of the text, lower-case hex; a test holds it against the server
};

// incr: KEYS[1], ARGV[1] = delta. Nil when the key is missing. pcall, so that the server's error
// arrives as it is. Scar: Lua's numbers are doubles, so the new value is returned as the text that
// the server holds, not as what INCRBY gave: beyond 2**53 that would be another number.
inline constexpr Script incr_script{
    "if redis.call('EXISTS',KEYS[1])==0 then return false end "
    "local r=redis.pcall('INCRBY',KEYS[1],ARGV[1]) "
    "if type(r)=='table' then return r end "
    "return redis.call('GET',KEYS[1])",
    1, "1330c20c5e56ff1c94a0c40ed572a3903b43240a"};

// move: KEYS[1] -> KEYS[2], ARGV[1] = seconds, "" for ever. The new entry is written before the old
// one goes, as Django does: with KEYS[1] == KEYS[2] nothing remains.
inline constexpr Script move_script{
    "local v=redis.pcall('GET',KEYS[1]) if not v then return 0 end "
    "if type(v)=='table' then return v end "
    "if ARGV[1]=='' then redis.call('SET',KEYS[2],v) "
    "elseif tonumber(ARGV[1])>0 then redis.call('SET',KEYS[2],v,'EX',ARGV[1]) "
    "else redis.call('DEL',KEYS[2]) end "
    "redis.call('DEL',KEYS[1]) return 1",
    2, "878c650f7b3150801a51f35fc23179129b264fb9"};

}  // namespace djcache::redis
