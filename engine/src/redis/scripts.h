// The operations that need a script to be atomic, each one round trip.
//
// Pure. Django does the first two in several commands with a race between them (engine/docs/django-map.md).
// The first use on a connection sends a script in full (EVAL), later ones its SHA-1 (EVALSHA).
// Should the server have forgotten it since (SCRIPT FLUSH), it is sent in full once more; only then
// can the operation fall behind later ones of the same key.
#pragma once

#include <cstdint>
#include <initializer_list>
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

// --- Locks: KEYS[1] holds ARGV[1], the token, or they do nothing and answer 0. An entry of another
// type is nobody's lock: pcall gives a table, which no token equals.

// Frees it.
inline constexpr Script unlock_script{
    "if redis.pcall('GET',KEYS[1])~=ARGV[1] then return 0 end return "
    "redis.call('DEL',KEYS[1])",
    4, "3518922bc982336f43f932c6665d05e5d564b4bd"};

// ARGV[2] milliseconds on top of what is left. A lock without an expiry has none to extend.
inline constexpr Script extend_script{
    "if redis.pcall('GET',KEYS[1])~=ARGV[1] then return 0 end local "
    "t=redis.call('PTTL',KEYS[1]) if t<0 then return 0 end return "
    "redis.call('PEXPIRE',KEYS[1],t+ARGV[2])",
    8, "0d233e0b9a4158ed99771b74d808a527f79dc582"};

// ARGV[2] milliseconds from now.
inline constexpr Script renew_script{
    "if redis.pcall('GET',KEYS[1])~=ARGV[1] then return 0 end return "
    "redis.call('PEXPIRE',KEYS[1],ARGV[2])",
    16, "0376c564e0fcf50e9cf5617352d7de5c9a0b8ac0"};

// Whether it holds it.
inline constexpr Script holds_script{
    "if redis.pcall('GET',KEYS[1])==ARGV[1] then return 1 end return 0", 32,
    "8b99b2dca4ca497841106c7d537914ed11a10739"};

// By the name that EVALSHA used; null: none of ours.
inline const Script* script_of(std::string_view sha1) {
  for (const Script* script :
       {&incr_script, &move_script, &unlock_script, &extend_script, &renew_script, &holds_script}) {
    if (script->sha1 == sha1) return script;
  }
  return nullptr;
}

}  // namespace djcache::redis
