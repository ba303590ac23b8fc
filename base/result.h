// Result<T, E>: a value or the reason there is none.
//
// Operating errors are values in this code base; each folder has one small error type E. Programmer
// errors assert. Test with `if (!r)`, read with `*r` and `r.error()`; never `value()`: it throws.
#pragma once

#include <boost/system/result.hpp>

namespace trapline::base {

template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace trapline::base
