//! The whole database in f64, in every layout, to second order.

use conformance::{check, check_single, data, run};

#[test]
fn every_case_agrees_with_pytorch() {
    let report = run(&data::default_folder(), None, check).expect("the data can be read");
    assert_eq!(report.failed(), 0, "{}", report.failures());
    assert!(report.unmapped.is_empty(), "not mapped: {:?}", report.unmapped);
    assert_eq!((report.operators.len(), report.passed()), (233, 1377));
}

#[test]
fn every_case_in_f32_agrees_with_f64() {
    let report = run(&data::default_folder(), None, check_single).expect("the data can be read");
    assert_eq!(report.failed(), 0, "{}", report.failures());
}
