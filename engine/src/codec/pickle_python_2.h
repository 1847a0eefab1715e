// What Python 2 called modules and classes, as protocols 0 to 2 still do, also those that Python 3 writes.
#pragma once

#include <string_view>

namespace djcache::codec::pickle {

// Makes `module` and `name` those of Python 3, as its Unpickler does for protocols 0 to 2. Source:
// Lib/_compat_pickle.py of CPython, without what is no object of a cache (Tk, multiprocessing).
void rename_for_python_3(std::string_view& module, std::string_view& name);

}  // namespace djcache::codec::pickle
