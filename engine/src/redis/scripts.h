// The operations that need a script to be atomic, each one round trip.
//
// Pure. Django does the first two in several commands, with a race between them
// (engine/docs/django-map.md). Scripts are always sent in full (EVAL): one that had to be sent
// again because the server did not know its hash would fall behind later commands of the same key.
#pragma once

#include <string_view>

namespace djcache::redis {

// incr: KEYS[1], ARGV[1] = delta. Nil if the key is missing; DEL of a missing key does nothing, but
// a read-only server refuses it. pcall, so that the server's error arrives unchanged. Scar: Lua's
// numbers are doubles, so the new value is returned as the text that the server stores, not as the
// result of INCRBY: beyond 2**53 that would be another number.
inline constexpr std::string_view incr_script{
    "local c,k=redis.pcall,KEYS[1] local m=redis.call('EXISTS',k)==0 "
    "local r=m and c('DEL',k) or c('INCRBY',k,ARGV[1]) "
    "return type(r)=='table' and r or not m and c('GET',k)"};

// move: KEYS[1] -> KEYS[2], ARGV[1] = seconds, "" without an expiry, "keep" for the remaining life.
// The new entry is written before the old one is deleted, as in Django: with KEYS[1] == KEYS[2]
// nothing remains. A missing key as in incr.
inline constexpr std::string_view move_script{
    "local v=redis.pcall('GET',KEYS[1]) if not v then return redis.pcall('DEL',KEYS[1]) end "
    "if type(v)=='table' then return v end "
    "if ARGV[1]=='' then redis.call('SET',KEYS[2],v) "
    "elseif ARGV[1]=='keep' then local t=redis.call('PTTL',KEYS[1]) redis.call('SET',KEYS[2],v) "
    "if t>=0 then redis.call('PEXPIRE',KEYS[2],t) end "
    "elseif tonumber(ARGV[1])>0 then redis.call('SET',KEYS[2],v,'EX',ARGV[1]) "
    "else redis.call('DEL',KEYS[2]) end "
    "redis.call('DEL',KEYS[1]) return 1"};

// --- Locks: act only if KEYS[1] holds ARGV[1], the token; otherwise they return 0. An entry of
// another type is not held: pcall returns a table, which equals no token.

// Releases the lock.
inline constexpr std::string_view unlock_script{
    "if redis.pcall('GET',KEYS[1])~=ARGV[1] then return 0 end return "
    "redis.call('DEL',KEYS[1])"};

// Adds ARGV[2] milliseconds to its remaining life. A lock without an expiry cannot be extended.
inline constexpr std::string_view extend_script{
    "if redis.pcall('GET',KEYS[1])~=ARGV[1] then return 0 end local "
    "t=redis.call('PTTL',KEYS[1]) if t<0 then return 0 end return "
    "redis.call('PEXPIRE',KEYS[1],t+ARGV[2])"};

// Expires ARGV[2] milliseconds from now.
inline constexpr std::string_view renew_script{
    "if redis.pcall('GET',KEYS[1])~=ARGV[1] then return 0 end return "
    "redis.call('PEXPIRE',KEYS[1],ARGV[2])"};

// Whether it is held.
inline constexpr std::string_view holds_script{
    "if redis.pcall('GET',KEYS[1])==ARGV[1] then return 1 end return 0"};

}  // namespace djcache::redis
