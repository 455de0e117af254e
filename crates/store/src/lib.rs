//! Everything that is kept: SQLite or PostgreSQL behind one SQL text, sealed content, and the ledger in the same commit.
//!
//! Only this crate writes SQL, and nothing enters the ledger except through it.

mod engine;

pub use engine::{
    Conn, Database, Fault, MasterKey, OpenError, Read, Settings, Store, Tx, digits, normal, plain,
};
