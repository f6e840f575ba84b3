//! The part of Parquet that CV-Bench's files use: plain and dictionary pages of both versions, plain
//! or Snappy, values of structs and of lists one level deep.

mod levels;
mod pages;
mod rows;
mod schema;
mod snappy;
mod thrift;

pub(super) use self::rows::{ParquetRows, count_rows};
