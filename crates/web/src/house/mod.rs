//! `/house`

use crate::route::Table;

pub(crate) fn routes() -> Table {
    Table::of([])
}
