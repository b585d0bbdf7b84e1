//! Operators write over an operand that was given away: only if nobody else holds it, and nobody
//! needs it again.

use tensor::{DType, Generator, Tensor, grad, no_grad};

fn random(shape: &[usize], seed: u64) -> Tensor {
    Generator::new(seed).normal(shape, 0.0, 1.0, DType::F32)
}

fn address(x: &Tensor) -> *const f32 {
    x.as_slice::<f32>().unwrap().as_ptr()
}

type Binary = fn(Tensor, &Tensor) -> Tensor;
const OPERATORS: [Binary; 4] = [|a, b| a + b, |a, b| a - b, |a, b| a * b, |a, b| a / b];

#[test]
fn the_result_has_the_operands_memory_and_the_same_bits() {
    for shape in [&[90_001, 3][..], &[300_007], &[2, 400, 371]] {
        let rank = shape.len();
        let mut row = vec![1; rank];
        row[rank - 1] = shape[rank - 1];
        let others = [random(shape, 1), random(&[], 2), random(&row, 3)];
        for operator in OPERATORS {
            for other in &others {
                let x = random(shape, 0);
                let copied = operator(x.clone(), other); // x is shared, so that it is copied
                let before = address(&x);
                assert_ne!(address(&copied), before);
                let over = operator(x, other);
                assert_eq!(address(&over), before, "{shape:?}");
                assert!(over.equal(&copied), "{shape:?}");
            }
        }
    }
    let (x, other) = (random(&[900, 300], 0), random(&[300, 900], 1));
    let expected = &x - &other.t();
    assert!((x - other.t()).equal(&expected), "an operand with its elements apart");
}

#[test]
fn few_elements_are_copied() {
    let (x, y) = (random(&[1000], 0), random(&[1000], 1));
    let before = address(&x);
    assert_ne!(address(&(x + &y)), before);
}

#[test]
fn what_stands_in_the_place_of_a_tracked_operand_is_not_tracked() {
    let _guard = no_grad();
    for shape in [&[][..], &[3], &[300_007]] {
        let tracked = || random(shape, 0).requires_grad();
        let y = tracked() + &random(shape, 1);
        assert!(!y.is_tracked(), "left, {shape:?}");
        let y = &random(shape, 1) * tracked();
        assert!(!y.is_tracked(), "right, {shape:?}");
        assert!(!(-tracked()).is_tracked(), "alone, {shape:?}");
    }
}

#[test]
fn a_view_of_part_of_the_memory_is_copied() {
    let whole = random(&[600_000], 0);
    let expected = whole.to_vec::<f32>();
    let half = whole.narrow(0, 300_000, 300_000);
    let doubled = half + &Tensor::scalar(1.0_f32);
    assert_eq!(whole.to_vec::<f32>(), expected);
    assert_eq!(doubled.to_vec::<f32>()[0], expected[300_000] + 1.0);
}

#[test]
fn what_a_rule_saved_is_not_written_over() {
    let (x, w) = (random(&[300_000], 0), random(&[300_000], 1).requires_grad());
    let expected = x.to_vec::<f32>();
    let y = (x * &w).sum(); // the rule of the product needs x
    let [dw] = grad(&y, [&w]);
    assert_eq!(dw.to_vec::<f32>(), expected);
    let doubled = w.clone() * &w; // both operands are the same tensor
    assert_eq!(doubled.to_vec::<f32>()[0], w.to_vec::<f32>()[0].powi(2));
}

#[test]
fn a_leaf_keeps_its_value() {
    let _guard = no_grad();
    let leaf = random(&[300_000], 0).requires_grad();
    let before = leaf.to_vec::<f32>();
    let moved = leaf.clone() + &Tensor::scalar(1.0_f32);
    assert_eq!(leaf.to_vec::<f32>(), before);
    assert!(!moved.is_tracked());
}

#[test]
fn half_precision_is_computed_wide_and_copied() {
    let x = random(&[600_000], 0).to_dtype(DType::F16);
    let expected = &x * &x;
    let shared = x.clone();
    assert!((x * &shared).equal(&expected));
}
