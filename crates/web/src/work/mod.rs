//! `/work`: the physician's own side (わたしの側): the room, said once for a stretch of work, and the own device check.

mod check;
mod period;

use crate::{
    StaffDesk,
    route::{Route, Table},
};
use access::{Role, policy::Audience};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const PHYSICIANS: Audience = Audience::Roles(&[Role::Physician]);

/// Bits of an IPv4 address that name the network a room stands in.
const V4_PREFIX: u32 = 24;
/// The same of an IPv6 address.
const V6_PREFIX: u32 = 64;

pub(crate) fn routes() -> Table {
    Table::of([
        Route::get("/work", PHYSICIANS, period::show),
        Route::post("/work", PHYSICIANS, period::open),
        Route::post("/work/end", PHYSICIANS, period::end),
        Route::get("/work/device", PHYSICIANS, check::show),
        Route::post("/work/device", PHYSICIANS, check::done),
        Route::post("/work/device/echo", PHYSICIANS, check::echo)
            .body_bytes_max(crate::room::SDP_BYTES_MAX)
            .by_itself(),
    ])
}

/// Where the browser stands in the network, as a keyed digest: told apart, never read back. The address is kept nowhere.
pub(crate) fn network(desk: &StaffDesk) -> String {
    let prefix = prefix(desk.client());
    desk.app()
        .store()
        .blind(desk.tenant, "network", &prefix.to_string())
        .unwrap_or_default()
}

/// The network that an address is part of: a lease that changes within it asks nothing anew.
fn prefix(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(
            v4.to_bits() & (u32::MAX << (u32::BITS - V4_PREFIX)),
        )),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(
            v6.to_bits() & (u128::MAX << (u128::BITS - V6_PREFIX)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::prefix;
    use std::net::IpAddr;

    #[test]
    fn a_room_is_a_network_not_an_address() {
        let at = |text: &str| prefix(text.parse::<IpAddr>().unwrap());
        assert_eq!(at("192.0.2.1"), at("192.0.2.200"));
        assert_ne!(at("192.0.2.1"), at("198.51.100.1"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::2:3"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
    }
}
