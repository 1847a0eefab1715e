// The hash of a session's user, computed without Django; interop/ compares it with Django's own.
#include <djcache/session_data.h>
#include <gtest/gtest.h>

#include "session/sha256.h"

namespace djcache {
namespace {

TEST(SessionHashes, TheDigestIsTheStandards) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  // RFC 4231, cases 2 and 6.
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

struct SessionHashVerdicts : testing::Test {
  SessionHash verdict(const Value& hash, const std::vector<std::string>& fallbacks = {}) {
    session.set("_auth_user_hash", hash);
    return verify_session_hash("pbkdf2$now", "the key", fallbacks, session);
  }
  Session session;
};

TEST_F(SessionHashVerdicts, AChangedPasswordOrKeyIsDifferent) {
  EXPECT_EQ(verdict(session_auth_hash("pbkdf2$now", "the key")), SessionHash::verified);
  EXPECT_EQ(verdict(session_auth_hash("pbkdf2$then", "the key")), SessionHash::different);
  EXPECT_EQ(verdict(session_auth_hash("pbkdf2$now", "old"), {"older", "old"}),
            SessionHash::verified_by_fallback);
  EXPECT_EQ(verdict(session_auth_hash("pbkdf2$then", "old"), {"old"}), SessionHash::different);
  EXPECT_EQ(verdict(session_auth_hash("pbkdf2$now", "old"), {"older"}), SessionHash::different);
  EXPECT_TRUE(is_verified(SessionHash::verified) && is_verified(SessionHash::verified_by_fallback));
}

TEST_F(SessionHashVerdicts, OnlyTheWholeHashCounts) {
  const std::string hash = session_auth_hash("pbkdf2$now", "the key");
  ASSERT_EQ(hash.size(), 64u);
  EXPECT_EQ(verdict(Value::bytes(hash)), SessionHash::verified);
  EXPECT_EQ(verdict(hash.substr(1)), SessionHash::different);
  EXPECT_EQ(verdict(hash + "0"), SessionHash::different);
  for (std::size_t at = 0; at < hash.size(); ++at) {
    std::string changed = hash;
    changed[at] ^= 1;
    EXPECT_EQ(verdict(changed), SessionHash::different) << at;
  }
}

TEST_F(SessionHashVerdicts, AbsentAndMalformedAreToldApart) {
  EXPECT_EQ(verify_session_hash("pbkdf2$now", "the key", {}, session), SessionHash::absent);
  EXPECT_EQ(verdict(""), SessionHash::absent);
  EXPECT_EQ(verdict(Value()), SessionHash::absent);
  EXPECT_EQ(verdict(7), SessionHash::malformed);
  EXPECT_EQ(verdict(Value::list({})), SessionHash::malformed);
}

TEST_F(SessionHashVerdicts, AnEmptyKeyVerifiesNothing) {
  session.set("_auth_user_hash", session_auth_hash("pbkdf2$now", ""));
  EXPECT_EQ(verify_session_hash("pbkdf2$now", "", {""}, session), SessionHash::different);
}

}  // namespace
}  // namespace djcache
