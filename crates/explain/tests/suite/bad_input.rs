//! What cannot be explained, and names and numbers that are hard to write.

use explain::{ExplainError, explain, record};
use tensor::{Tensor, no_grad};

#[test]
fn a_freed_graph_is_an_error_that_names_the_operation() {
    let x = Tensor::from(2.0_f32).requires_grad();
    let y = x.exp();
    y.backward();
    let error = explain(&y).unwrap_err();
    assert!(matches!(error, ExplainError::Freed(_)));
    let text = error.to_string();
    assert!(text.contains("exp recorded at") && text.contains("bad_input.rs"), "{text}");
}

#[test]
fn what_is_not_tracked_is_an_error() {
    let recording = record();
    let y = Tensor::from(2.0_f32).exp();
    assert!(matches!(recording.explain(&y), Err(ExplainError::Untracked { .. })));
    let _guard = no_grad();
    let y = Tensor::from(2.0_f32).requires_grad().exp();
    let text = explain(&y).unwrap_err().to_string();
    assert!(text.starts_with("explain: the value is not tracked"), "{text}");
}

#[test]
fn several_elements_are_an_error() {
    let y = Tensor::from([2.0_f32, 3.0]).requires_grad().exp();
    let text = explain(&y).unwrap_err().to_string();
    assert!(text.contains("several elements: shape [2]"), "{text}");
}

#[test]
fn files_that_cannot_be_written_are_errors() {
    let explanation = explain(&Tensor::from(2.0_f32).requires_grad().exp()).unwrap();
    for name in ["graph.pdf", "graph", ""] {
        let error = explanation.save(name).unwrap_err();
        assert!(matches!(error, ExplainError::UnknownExtension { .. }), "{error}");
    }
    let error = explanation.save("/no/such/folder/graph.txt").unwrap_err();
    assert!(error.to_string().starts_with("explain: cannot write /no/such/folder/graph.txt: "));
}

#[test]
fn a_leaf_alone_is_a_graph() {
    let x = Tensor::from(2.0_f32).requires_grad();
    let explanation = record().explain(&x).unwrap();
    assert_eq!(explanation.nodes.len(), 1);
    assert!(explanation.tape().contains("dleaf/dleaf = 1"), "{}", explanation.tape());
}

#[test]
fn numbers_that_are_not_finite_are_written() {
    let recording = record();
    let x = Tensor::from([f64::NAN, f64::INFINITY, -1.0]).requires_grad().named("x");
    let explanation = recording.explain(&x.exp().sum()).unwrap();
    let tape = explanation.tape();
    assert!(tape.contains("[NaN, inf, -1]"), "{tape}");
    let many =
        Tensor::from_vec([vec![f64::NAN], vec![f64::INFINITY; 2], vec![1.0; 30]].concat(), &[33]);
    let recording = record();
    let explanation = recording.explain(&many.requires_grad().named("x").sum()).unwrap();
    let tape = explanation.tape();
    assert!(tape.contains("mean 1, std 0, from 1 to 1, norm NaN, 1 NaN, 2 infinite"), "{tape}");
}

#[test]
fn names_with_markup_are_written_whole() {
    let name = "a\"b\\<c>&'d'\u{3b2}\u{6f22}\n{x|y}";
    let recording = record();
    let x = Tensor::from(2.0_f32).requires_grad().named(name);
    let explanation = recording.explain(&x.exp()).unwrap();
    assert!(explanation.node(name).is_some());
    let dot = explanation.dot();
    assert!(dot.contains("a\\\"b\\\\<c>&'d'\u{3b2}\u{6f22}\\n{x|y}"), "{dot}");
    assert_eq!(explanation.tape().lines().count(), 2 + 2 * 2, "{}", explanation.tape());
}
