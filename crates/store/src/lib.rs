//! Everything that is kept: SQLite or PostgreSQL behind one SQL text, sealed content, and the ledger in the same commit.
//!
//! Only this crate writes SQL, and nothing enters the ledger except through it.

pub mod device;
mod engine;
pub mod institution;
pub mod person;
pub mod session;

pub use engine::{
    Conn, Consistency, Database, Fault, Inclusion, Logged, MasterKey, OpenError, Read, Report,
    Settings, Standing, Store, Tx, Verified, digits, normal, plain, rotate_master_key, verify,
};
