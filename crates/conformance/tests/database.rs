//! The whole database in f64, in every layout, to second order.

use conformance::{check, check_single, data, run};

/// The operators that need not be mapped yet. The list only shrinks.
const UNMAPPED: &[&str] = &[
    "nn.functional.adaptive_avg_pool1d",
    "nn.functional.adaptive_avg_pool2d",
    "nn.functional.avg_pool1d",
    "nn.functional.avg_pool2d",
    "nn.functional.conv1d",
    "nn.functional.conv2d",
    "nn.functional.conv_transpose1d",
    "nn.functional.conv_transpose2d",
    "nn.functional.embedding",
    "nn.functional.max_pool1d",
    "nn.functional.max_pool2d",
    "nn.functional.scaled_dot_product_attention",
];

#[test]
fn every_case_agrees_with_pytorch() {
    let report = run(&data::default_folder(), None, check).expect("the data can be read");
    assert_eq!(report.failed(), 0, "{}", report.failures());
    for (name, _) in &report.unmapped {
        assert!(UNMAPPED.contains(&name.as_str()), "not mapped: {name}");
    }
}

#[test]
fn every_case_in_f32_agrees_with_f64() {
    let report = run(&data::default_folder(), None, check_single).expect("the data can be read");
    assert_eq!(report.failed(), 0, "{}", report.failures());
}
