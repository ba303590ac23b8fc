// Where OpenSSL keeps keys.
#pragma once

namespace trapline::protocol::usm {

// Has OpenSSL keep all it allocates, cipher contexts above all, outside core dumps, and wipe what
// it frees. To be called before anything else (.preinit_array): it aborts when OpenSSL has
// allocated already. Does nothing under a sanitizer, which is to watch OpenSSL's heap itself.
void keep_keys_out_of_dumps();

}  // namespace trapline::protocol::usm
