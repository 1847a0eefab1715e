// The constructors behind pickle_construct.h, by result. Each returns false if it refuses the
// arguments, and sets `site.error` if there is more to say.
#pragma once

#include "codec/pickle_construct.h"

namespace djcache::codec::pickle {

using Args = std::span<const Ref>;

// --- pickle_containers.cc.

// An empty container, or one with the items of another, by the names of Python's types.
bool make_container(Site site, Kind kind, Args args, Ref& out);
bool make_default_dict(Site site, Args args, Ref& out);
bool make_counter(Site site, Args args, Ref& out);
bool make_deque(Site site, Args args, Ref& out);
bool make_range(Site site, Args args, Ref& out);
// Django's MultiValueDict and QueryDict: a dict of lists, which its state holds.
bool make_multi_value_dict(Site site, Args args, Ref& out);
bool set_multi_value_state(Site site, const Ref& object, const Ref& state);

// --- pickle_numbers.cc.

bool make_decimal(Args args, Ref& out);
bool make_int(Args args, Ref& out);
bool make_float(Args args, Ref& out);
bool make_bool(Args args, Ref& out);
bool make_complex(Site site, Args args, Ref& out);   // a tuple of two floats
bool make_fraction(Site site, Args args, Ref& out);  // its text
// 128 bits, big endian. False: not an integer, negative, or too large.
bool read_128_bits(const Ref& number, Uuid& out);

// --- pickle_numpy.cc.

bool make_dtype(Site site, Args args, Ref& out);
bool set_dtype_state(Site site, Pending& dtype, const Ref& state);
bool make_numpy_scalar(Site site, Args args, Ref& out);

// --- pickle_address.cc. Addresses as text.

bool make_address(Site site, Global cls, Args args, Ref& out);

}  // namespace djcache::codec::pickle
