//! Views against index arithmetic: random sequences of view operations.

use proptest::prelude::*;
use tensor::{DType, Tensor};

use crate::naive::{Naive, positions, shapes};

/// A view operation; the numbers are taken modulo what fits the tensor at hand.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    a: usize,
    b: usize,
    c: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..8_u8, 0..60_usize, 0..60_usize, 0..60_usize);
    let step = step.prop_map(|(kind, a, b, c)| Step { kind, a, b, c });
    prop::collection::vec(step, 0..6)
}

type Pair = (Tensor, Naive<i64>);

/// The operation on a tensor, and on the array that cannot be wrong. In the memory of `base` each
/// element is its own position.
fn apply((x, naive): &Pair, step: &Step, base: &Tensor) -> Pair {
    let rank = naive.shape.len();
    let Step { kind, a, b, c } = *step;
    let axis = a % rank.max(1);
    match kind {
        0 if rank > 0 => permute(x, naive, axis, b % rank),
        1 if rank > 0 => slice(x, naive, axis, b, c),
        2 if rank > 0 && naive.shape[axis] > 0 => select(x, naive, axis, b % naive.shape[axis]),
        3 if rank < 5 => unsqueeze(x, naive, a % (rank + 1)),
        4 if rank > 0 && naive.shape[axis] == 1 => {
            let (y, result) = select(x, naive, axis, 0);
            assert_eq!(x.squeeze(axis as isize).to_vec::<i64>(), result.data);
            (y, result)
        }
        5 if rank < 5 => expand(x, naive, b % 4),
        6 => {
            let (y, result) = reshape(x, naive, a, b);
            if x.shares_memory(base) {
                check_sharing(x, &y, &result);
            }
            (y, result)
        }
        _ => (x.clone(), naive.clone()),
    }
}

fn permute(x: &Tensor, naive: &Naive<i64>, a: usize, b: usize) -> Pair {
    // One axis is moved to another place.
    let mut order: Vec<usize> = (0..naive.shape.len()).collect();
    let moved = order.remove(a);
    order.insert(b, moved);
    let shape: Vec<usize> = order.iter().map(|&axis| naive.shape[axis]).collect();
    let result = Naive::from_fn(&shape, |index| {
        let mut old = vec![0; index.len()];
        order.iter().zip(index).for_each(|(&axis, &i)| old[axis] = i);
        naive.at(&old)
    });
    let order: Vec<isize> = order.iter().map(|&axis| axis as isize).collect();
    (x.permute(&order), result)
}

fn slice(x: &Tensor, naive: &Naive<i64>, axis: usize, b: usize, c: usize) -> Pair {
    let size = naive.shape[axis];
    let start = b % (size + 1);
    let end = start + (b / 7) % (size - start + 1);
    let step = c % 4 + 1;
    let mut shape = naive.shape.clone();
    shape[axis] = (end - start).div_ceil(step);
    let result = Naive::from_fn(&shape, |index| {
        let mut old = index.to_vec();
        old[axis] = start + index[axis] * step;
        naive.at(&old)
    });
    (x.slice(axis as isize, start..end, step), result)
}

fn select(x: &Tensor, naive: &Naive<i64>, axis: usize, at: usize) -> Pair {
    let mut shape = naive.shape.clone();
    shape.remove(axis);
    let result = Naive::from_fn(&shape, |index| {
        let mut old = index.to_vec();
        old.insert(axis, at);
        naive.at(&old)
    });
    (x.select(axis as isize, at as isize), result)
}

fn unsqueeze(x: &Tensor, naive: &Naive<i64>, axis: usize) -> Pair {
    let mut shape = naive.shape.clone();
    shape.insert(axis, 1);
    (x.unsqueeze(axis as isize), Naive { shape, data: naive.data.clone() })
}

fn expand(x: &Tensor, naive: &Naive<i64>, size: usize) -> Pair {
    // A new axis in front, and the first axis of size one repeated.
    let mut shape = naive.shape.clone();
    let repeated = shape.iter().position(|&n| n == 1);
    if let Some(axis) = repeated {
        shape[axis] = size;
    }
    shape.insert(0, 2);
    let result = Naive::from_fn(&shape, |index| {
        let mut old = index[1..].to_vec();
        if let Some(axis) = repeated {
            old[axis] = 0;
        }
        naive.at(&old)
    });
    (x.expand(&shape), result)
}

/// Some shape of as many elements: divisors picked by the numbers.
fn reshape(x: &Tensor, naive: &Naive<i64>, a: usize, b: usize) -> Pair {
    let mut rest = naive.data.len();
    let mut shape = Vec::new();
    for pick in [a, b, a / 3] {
        let divisors: Vec<usize> = (1..=rest).filter(|d| rest.is_multiple_of(*d)).collect();
        let Some(&size) = divisors.get(pick % divisors.len().max(1)) else { break };
        shape.push(size);
        rest /= size;
    }
    shape.push(rest);
    let y = x.reshape(&shape.iter().map(|&n| n as isize).collect::<Vec<_>>());
    (y, Naive { shape, data: naive.data.clone() })
}

/// Elements are their own positions in memory, so they tell whether strides could express the new
/// shape: then, and only then, `reshape` is a view.
fn check_sharing(x: &Tensor, y: &Tensor, reshaped: &Naive<i64>) {
    if reshaped.data.is_empty() {
        return;
    }
    let shape = &reshaped.shape;
    let origin = reshaped.data[0];
    let stride = |axis: usize| {
        let mut index = vec![0; shape.len()];
        index[axis] = 1;
        if shape[axis] > 1 { reshaped.at(&index) - origin } else { 0 }
    };
    let strides: Vec<i64> = (0..shape.len()).map(stride).collect();
    let place = |index: &Vec<usize>| {
        origin + index.iter().zip(&strides).map(|(&i, s)| i as i64 * s).sum::<i64>()
    };
    let expressible = strides.iter().all(|&s| s >= 0)
        && positions(shape).iter().all(|index| reshaped.at(index) == place(index));
    assert_eq!(y.shares_memory(x), expressible, "{:?} {:?} to {shape:?}", x.shape(), x.strides());
}

/// Everything that reads a tensor sees these elements.
fn check_equal((x, naive): &Pair) {
    assert_eq!(Naive::<i64>::of(x), *naive);
    assert_eq!(x.numel(), naive.data.len());
    assert_eq!(x.as_slice::<i64>().is_some(), x.is_contiguous());
    assert!(x.as_slice::<i64>().is_none_or(|slice| slice == naive.data));
    let view = x.as_ndarray::<i64>();
    assert_eq!(view.shape(), naive.shape);
    assert!(view.iter().eq(&naive.data));
    let copy = x.contiguous();
    assert!(copy.is_contiguous() && copy.to_vec::<i64>() == naive.data);
    assert_eq!((x * -1).to_vec::<i64>(), naive.data.iter().map(|x| -x).collect::<Vec<_>>());
    assert_eq!(x.sum().item(), naive.data.iter().sum::<i64>() as f64);
    assert!(!x.to_string().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn views_are_index_arithmetic(shape in shapes(0..=4), steps in steps()) {
        let numel: usize = shape.iter().product();
        let x = Tensor::arange(numel, DType::I64);
        let x = Tensor::from_vec(x.to_vec::<i64>(), &shape);
        let mut pair = (x.clone(), Naive::of(&x));
        for step in &steps {
            pair = apply(&pair, step, &x);
            prop_assume!(pair.1.data.len() <= 4000);
            check_equal(&pair);
        }
    }

    #[test]
    fn flattening_axes_is_reshaping(shape in shapes(1..=4), a in 0..4_usize, b in 0..4_usize) {
        let (a, b) = (a % shape.len(), b % shape.len());
        let (first, last) = (a.min(b), a.max(b));
        let x = Tensor::ones(&shape, DType::F32).flatten(first as isize, last as isize);
        let merged: usize = shape[first..=last].iter().product();
        let expected = [&shape[..first], &[merged], &shape[last + 1..]].concat();
        prop_assert_eq!(x.shape(), expected);
    }
}

#[test]
fn views_share_memory_and_copies_do_not() {
    let x = Tensor::arange(24, DType::F32).reshape(&[2, 3, 4]);
    let views = [
        x.permute(&[2, 0, 1]),
        x.transpose(0, -1),
        x.mt(),
        x.select(1, 2),
        x.narrow(2, 1, 2),
        x.slice(2, 0..4, 2),
        x.index((.., 1.., 0)),
        x.unsqueeze(1),
        x.unsqueeze(0).squeeze(0),
        x.expand(&[5, 2, 3, 4]),
        x.reshape(&[6, -1]),
        x.flatten(0, 1),
        x.contiguous(),
        x.detach(),
        x.clone(),
    ];
    assert!(views.iter().all(|view| view.shares_memory(&x)));
    let copies = [x.mt().contiguous(), x.mt().reshape(&[24]), &x + 0.0];
    assert!(copies.iter().all(|copy| !copy.shares_memory(&x)));
}

#[test]
fn a_step_beyond_the_end_takes_the_first() {
    let x = Tensor::from([1.0_f64, 2.0, 3.0]).requires_grad();
    let y = x.slice(0, 1..3, usize::MAX);
    assert_eq!(y.to_vec::<f64>(), [2.0]);
    y.sum().backward();
    assert_eq!(x.grad().unwrap().to_vec::<f64>(), [0.0, 1.0, 0.0]);
}

#[test]
fn strides_of_an_expanded_axis_are_zero() {
    let x = Tensor::from([[1.0_f32], [2.0]]).expand(&[3, 2, 4]);
    assert_eq!(x.strides(), [0, 1, 0]);
    assert!(!x.is_contiguous());
}
