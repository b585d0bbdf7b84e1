//! Tests that ask another program than ours: skipped where it is missing, or failed.

use std::fmt::Display;

/// Says what is missing for a test; fails it if `CHAINRULE_REQUIRE_TOOLS` is 1.
pub(crate) fn skipped(missing: impl Display) {
    let is_required = std::env::var("CHAINRULE_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!is_required, "CHAINRULE_REQUIRE_TOOLS is 1: {missing}");
    eprintln!("skipped: {missing}");
}
