//! The weights and batches that both sides make for themselves.

use chainrule::{DType, Tensor};

/// The n-th number of `SplitMix64` (Steele, Lea and Flood 2014) from this seed.
fn number(seed: u64, n: u64) -> u64 {
    let x = seed.wrapping_add((n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// From -1/√fan to 1/√fan for matrices; near 1 for other weights; near 0 for biases. All are numbers
/// that `f32` has.
pub(crate) fn weights(name: &str, shape: &[usize], dtype: DType) -> Tensor {
    let seed = name.bytes().fold(0, |seed, byte| number(seed, byte.into()));
    let fan: usize = shape[1..].iter().product();
    let center = f64::from(u8::from(name.ends_with("weight")));
    let weight = |n| {
        let u = (number(seed, n) >> 40) as f64 / f64::from(1 << 23) - 1.0;
        let x = if shape.len() > 1 { u / (fan as f64).sqrt() } else { 0.1 * u + center };
        x as f32
    };
    let count: usize = shape.iter().product();
    Tensor::from_vec((0..count as u64).map(weight).collect(), shape).to_dtype(dtype)
}

/// Which samples are in the batch of this step.
pub(crate) fn positions(step: usize, batch: usize, below: usize) -> Tensor {
    let position = |n: usize| (number(1, n as u64) % below as u64) as i64;
    Tensor::from((step * batch..(step + 1) * batch).map(position).collect::<Vec<i64>>())
}
