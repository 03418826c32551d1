//! Interrupted and hostile writing.
