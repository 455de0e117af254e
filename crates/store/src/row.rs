//! Rows are distrusted: a value that cannot be names its table, column and row.

use crate::Fault;
use jiff::{Timestamp, civil::Date};
use sqlx::{Row as _, any::AnyRow};
use std::str::FromStr;

/// One row of one table, read with suspicion.
pub(crate) struct Cells<'r> {
    row: &'r AnyRow,
    table: &'static str,
}

impl<'r> Cells<'r> {
    pub(crate) const fn of(table: &'static str, row: &'r AnyRow) -> Self {
        Self { row, table }
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64, Fault> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn maybe_int(&self, column: &'static str) -> Result<Option<i64>, Fault> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, Fault> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, Fault> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, Fault> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn maybe_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.row.try_get(column)?)
    }

    pub(crate) fn flag(&self, column: &'static str) -> Result<bool, Fault> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt(column)),
        }
    }

    pub(crate) fn instant(&self, column: &'static str) -> Result<Timestamp, Fault> {
        Timestamp::from_microsecond(self.int(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn maybe_instant(&self, column: &'static str) -> Result<Option<Timestamp>, Fault> {
        self.maybe_int(column)?
            .map(|micros| Timestamp::from_microsecond(micros).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, Fault> {
        self.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn maybe_parsed<T: FromStr>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, Fault> {
        self.maybe_text(column)?
            .map(|text| text.parse().map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn date(&self, column: &'static str) -> Result<Date, Fault> {
        self.parsed(column)
    }

    pub(crate) fn word<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        read(&self.text(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<T, Fault> {
        serde_json::from_str(&self.text(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn maybe_json<T: serde::de::DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, Fault> {
        self.maybe_text(column)?
            .map(|text| serde_json::from_str(&text).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn corrupt(&self, column: &'static str) -> Fault {
        Fault::Corrupt {
            table: self.table,
            column,
            id: self.row.try_get("id").unwrap_or_default(),
        }
    }
}

/// A value as JSON text for an opaque column.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|why| Fault::Unavailable(why.to_string()))
}
