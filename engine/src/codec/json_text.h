// The strings that DjangoJSONEncoder turns dates, times and the like into. Pure.
// Source: django/core/serializers/json.py and django/utils/duration.py.
#pragma once

#include <string>

#include <djcache/value.h>

namespace djcache::codec {

// Each appends ASCII that needs no escapes. False: `reason` says why Python could not, either; the
// text may have grown.
bool append_json_text(std::string& out, const DateTime& datetime, std::string& reason);
bool append_json_text(std::string& out, const Date& date, std::string& reason);
bool append_json_text(std::string& out, const Time& time, std::string& reason);
bool append_json_text(std::string& out, const TimeDelta& delta, std::string& reason);
void append_json_text(std::string& out, const Uuid& uuid);

}  // namespace djcache::codec
