//! What this crate says of its networks, measured with real packets. Needs root, Linux, `iproute2` and `nftables`.

mod behind;
mod blocked;
mod link;
mod mapping;
mod nothing_is_left;
mod probe;
