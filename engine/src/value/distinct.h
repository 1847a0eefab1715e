// Removal of duplicates from dict items and set members, as Python does when it builds them.
// Linear in their number (quadratic below a few dozen, where that is faster).
#pragma once

#include <djcache/value.h>

namespace djcache::value {

// Of equal keys the last value stays, in the place of the first.
void keep_last_of_equal_keys(Value::Items& items);
// Of equal members the first stays.
void keep_first_of_equal(Value::List& members);

}  // namespace djcache::value
