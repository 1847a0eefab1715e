// Generated values and mutated bytes. msgpack-c's own reader is the second opinion: it must read
// everything that djcache writes, and djcache everything that msgpack-c writes.
#include <gtest/gtest.h>
#include <msgpack.h>

#include "codec/codec_fixture.h"
#include "codec/generator_fixture.h"
#include "codec/msgpack_types.h"

namespace djcache::codec {
namespace {

constexpr int value_count = 20'000;

class Unpacked {
 public:
  explicit Unpacked(std::string_view bytes) {
    msgpack_unpacked_init(&unpacked_);
    std::size_t offset = 0;
    const auto result = msgpack_unpack_next(&unpacked_, bytes.data(), bytes.size(), &offset);
    ok_ = result == MSGPACK_UNPACK_SUCCESS && offset == bytes.size();
  }
  Unpacked(const Unpacked&) = delete;
  ~Unpacked() { msgpack_unpacked_destroy(&unpacked_); }
  bool ok() const { return ok_; }
  const msgpack_object& object() const { return unpacked_.data; }

 private:
  msgpack_unpacked unpacked_;
  bool ok_ = false;
};

bool agree(const msgpack_object& object, const Value& value);

bool agree(const msgpack_object_array& array, const Value::List* list) {
  if (!list || array.size != list->size()) return false;
  for (std::uint32_t i = 0; i < array.size; ++i) {
    if (!agree(array.ptr[i], (*list)[i])) return false;
  }
  return true;
}

bool agree(const msgpack_object_map& map, const Value::Items* items) {
  if (!items || map.size != items->size()) return false;
  for (std::uint32_t i = 0; i < map.size; ++i) {
    if (!agree(map.ptr[i].key, (*items)[i].first)) return false;
    if (!agree(map.ptr[i].val, (*items)[i].second)) return false;
  }
  return true;
}

bool agree(const msgpack_object_ext& ext, const Value& value) {
  const std::string_view payload(ext.ptr, ext.size);
  const auto type = static_cast<ExtType>(ext.type);
  if (const Value::List* list = value.as_sequence()) {
    const Unpacked inner(payload);
    return inner.ok() && inner.object().type == MSGPACK_OBJECT_ARRAY &&
           agree(inner.object().via.array, list);
  }
  if (value.is(Kind::big_integer) || value.is(Kind::decimal)) return payload == value.text();
  Value again;
  return unpack_fields(type, payload, again) && again == value;
}

bool agree(const msgpack_object& object, const Value& value) {
  switch (object.type) {
    case MSGPACK_OBJECT_NIL:
      return value.is_nil();
    case MSGPACK_OBJECT_BOOLEAN:
      return value.as_bool() == object.via.boolean;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
      return value.as<std::uint64_t>() == object.via.u64;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
      return value.as_int() == object.via.i64;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
      return value == Value(object.via.f64);
    case MSGPACK_OBJECT_STR:
      return value.as_string() == std::string_view(object.via.str.ptr, object.via.str.size);
    case MSGPACK_OBJECT_BIN:
      return value.as_bytes() == std::string_view(object.via.bin.ptr, object.via.bin.size);
    case MSGPACK_OBJECT_ARRAY:
      return agree(object.via.array, value.as_list());
    case MSGPACK_OBJECT_MAP:
      return agree(object.via.map, value.as_dict());
    case MSGPACK_OBJECT_EXT:
      return agree(object.via.ext, value);
    default:
      return false;
  }
}

bool is_integer(const Value& value) {
  return value.is(Kind::integer) || value.is(Kind::big_integer);
}

class Generated : public ::testing::Test {
 protected:
  Value next() { return generator_.storable(*codec_); }
  // One scratch for all values, as in the engine.
  std::string encode(const Value& value) {
    if (!codec_->encode(value, scratch_, encoded_, error_)) {
      ADD_FAILURE() << error_.detail << " for " << to_string(value);
      return {};
    }
    return std::string(encoded_.head).append(encoded_.body);
  }
  bool decode(std::string_view bytes) { return codec_->decode(bytes, value_, error_); }

  ValueGenerator generator_{20240229};
  std::unique_ptr<const Codec> codec_ = make_codec(Serializer::msgpack, {});
  Scratch scratch_;
  Encoded encoded_;
  Value value_;
  Error error_;
};

TEST_F(Generated, ValuesComeBackAsTheyWere) {
  std::size_t kinds = 0;
  for (int i = 0; i < value_count; ++i) {
    const Value value = next();
    ASSERT_TRUE(decode(encode(value))) << error_.detail << " for " << to_string(value);
    ASSERT_EQ(value_, value);
    kinds |= std::size_t{1} << static_cast<int>(value.kind());
  }
  EXPECT_EQ(kinds, (std::size_t{1} << 18) - 1) << "not every kind was generated";
}

TEST_F(Generated, MsgpackCReadsWhatIsWritten) {
  for (int i = 0; i < value_count; ++i) {
    const Value value = next();
    if (is_integer(value)) continue;
    const std::string bytes = encode(value);
    const Unpacked unpacked(bytes);
    ASSERT_TRUE(unpacked.ok() && agree(unpacked.object(), value)) << to_string(value);
  }
}

TEST_F(Generated, OnlyIntegersAreStoredBelow0x40) {
  for (int i = 0; i < value_count; ++i) {
    const Value value = next();
    const auto first = static_cast<unsigned char>(encode(value)[0]);
    ASSERT_TRUE(is_integer(value) ? first < 0x40 : first >= 0x80) << to_string(value);
  }
}

TEST_F(Generated, EveryTruncationIsAnErrorAndNeverACrash) {
  for (int i = 0; i < value_count / 10; ++i) {
    const Value value = next();
    if (is_integer(value)) continue;
    const std::string bytes = encode(value);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      // A copy of exactly this size, so that the sanitizer notices a read past the end.
      const std::unique_ptr<char[]> part(new char[size]);
      std::copy_n(bytes.data(), size, part.get());
      ASSERT_FALSE(decode({part.get(), size})) << to_hex(bytes) << " cut to " << size;
      ASSERT_EQ(error_.code, Errc::decode_failed);
      ASSERT_TRUE(error_.detail.starts_with("msgpack: ")) << error_.detail;
    }
  }
}

TEST_F(Generated, FlippedBitsNeverCrashAndWhatIsReadCanBeWritten) {
  std::size_t read = 0;
  for (int i = 0; i < value_count; ++i) {
    std::string bytes = encode(next());
    for (int flips = 0; flips < 8; ++flips) {
      bytes[generator_.below(bytes.size())] ^= static_cast<char>(1 << generator_.below(8));
      if (!decode(bytes)) continue;
      ++read;
      const Value first = value_;
      // Lists as keys can be read but not written, because Python has no such value.
      if (!codec_->encode(first, scratch_, encoded_, error_)) {
        ASSERT_TRUE(error_.detail.ends_with("Python cannot hash it")) << error_.detail;
        continue;
      }
      ASSERT_TRUE(decode(std::string(encoded_.head).append(encoded_.body))) << error_.detail;
      ASSERT_EQ(value_, first);
    }
  }
  EXPECT_GT(read, 1000u);
}

TEST_F(Generated, RandomBytesNeverCrash) {
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes(1 + generator_.below(40), '\0');
    for (char& byte : bytes) byte = static_cast<char>(generator_.below(256));
    bytes[0] |= static_cast<char>(0x80);
    if (!decode(bytes)) continue;
    // msgpack-c accepts what djcache reads. (Not asked the other way round: it would reserve
    // gigabytes for some of these.)
    ASSERT_TRUE(Unpacked(bytes).ok()) << to_hex(bytes) << " was read as " << to_string(value_);
  }
}

// --- Objects packed by msgpack-c, in all the forms that djcache does not write itself.

class Packer {
 public:
  explicit Packer(ValueGenerator& random) : random_(random) {
    msgpack_sbuffer_init(&buffer_);
    msgpack_packer_init(&packer_, &buffer_, msgpack_sbuffer_write);
  }
  Packer(const Packer&) = delete;
  ~Packer() { msgpack_sbuffer_destroy(&buffer_); }
  std::string_view bytes() const { return {buffer_.data, buffer_.size}; }

  void array(int depth) {
    const std::size_t count = random_.below(6);
    msgpack_pack_array(&packer_, count);
    for (std::size_t i = 0; i < count; ++i) object(depth - 1);
  }

 private:
  void map(int depth) {
    const std::size_t count = random_.below(4);
    msgpack_pack_map(&packer_, count);
    for (std::size_t i = 0; i < count; ++i) {
      msgpack_pack_fix_int64(&packer_, static_cast<std::int64_t>(i));  // distinct keys
      object(depth - 1);
    }
  }
  void object(int depth) {
    const std::uint64_t bits = random_.below(SIZE_MAX) >> random_.below(64);
    const std::string text(random_.below(300), 'x');
    switch (random_.below(depth > 0 ? 20 : 18)) {
      case 0:
        msgpack_pack_nil(&packer_);
        return;
      case 1:
        msgpack_pack_true(&packer_);
        return;
      case 2:
        msgpack_pack_false(&packer_);
        return;
      case 3:
        msgpack_pack_float(&packer_, static_cast<float>(bits) / 3);
        return;
      case 4:
        msgpack_pack_double(&packer_, static_cast<double>(bits) / 3);
        return;
      case 5:
        msgpack_pack_fix_uint8(&packer_, static_cast<std::uint8_t>(bits));
        return;
      case 6:
        msgpack_pack_fix_uint16(&packer_, static_cast<std::uint16_t>(bits));
        return;
      case 7:
        msgpack_pack_fix_uint32(&packer_, static_cast<std::uint32_t>(bits));
        return;
      case 8:
        msgpack_pack_fix_uint64(&packer_, bits);
        return;
      case 9:
        msgpack_pack_fix_int8(&packer_, static_cast<std::int8_t>(bits));
        return;
      case 10:
        msgpack_pack_fix_int16(&packer_, static_cast<std::int16_t>(bits));
        return;
      case 11:
        msgpack_pack_fix_int32(&packer_, static_cast<std::int32_t>(bits));
        return;
      case 12:
        msgpack_pack_fix_int64(&packer_, static_cast<std::int64_t>(bits));
        return;
      case 13:
        msgpack_pack_uint64(&packer_, bits);
        return;
      case 14:
        msgpack_pack_int64(&packer_, -static_cast<std::int64_t>(bits >> 1));
        return;
      case 15:
        msgpack_pack_str_with_body(&packer_, text.data(), text.size());
        return;
      case 16:
        msgpack_pack_bin_with_body(&packer_, text.data(), text.size());
        return;
      case 17:
        msgpack_pack_v4raw(&packer_, text.size());
        msgpack_pack_v4raw_body(&packer_, text.data(), text.size());
        return;
      case 18:
        array(depth);
        return;
      default:
        map(depth);
        return;
    }
  }

  ValueGenerator& random_;
  msgpack_sbuffer buffer_;
  msgpack_packer packer_;
};

TEST_F(Generated, WhatMsgpackCWritesIsRead) {
  for (int i = 0; i < value_count; ++i) {
    Packer packer(generator_);
    packer.array(4);
    const Unpacked unpacked(packer.bytes());
    ASSERT_TRUE(unpacked.ok());
    ASSERT_TRUE(decode(packer.bytes())) << error_.detail << ": " << to_hex(packer.bytes());
    ASSERT_TRUE(agree(unpacked.object(), value_)) << to_hex(packer.bytes());
  }
}

}  // namespace
}  // namespace djcache::codec
