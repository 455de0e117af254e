//! The engine: opening and migrating, the writer, sealing, and the ledger in the same commit.

mod anchor;
mod book;
mod conn;
mod entries;
mod fault;
mod hex;
mod hold;
mod keys;
mod migrate;
mod postgres;
mod proof;
mod reader;
mod reserve;
mod seal;
mod sqlite;
mod stamp_audit;
mod stamps;
mod store;
mod tenant;
mod verify;
mod wal;
mod writer;

pub use conn::{Conn, Read, Tx};
pub use fault::{Fault, OpenError};
pub(crate) use hex::hex;
pub use keys::MasterKey;
pub use proof::{Consistency, Inclusion, Logged};
pub use reader::Reader;
pub use seal::{digits, normal, plain};
pub use stamp_audit::Stamps;
pub use stamps::{Due, NewStamp, Stamping};
pub use store::{Database, Settings, Store};
pub use tenant::rotate_master_key;
pub use verify::{Against, Doubt, NotExcluded, Report, Standing, Verified, verify, verify_against};
