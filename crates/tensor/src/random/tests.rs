//! The streams are what they were, whatever the number of threads.

use rand::Rng;

use super::Generator;
use crate::{DType, Tensor, force_threads};

/// Pinned: a change here changes every seeded program.
#[test]
fn streams_are_stable() {
    let x = Generator::new(0).uniform(&[3], 0.0, 1.0, DType::F64).to_vec::<f64>();
    assert_eq!(x, [0.709_075_415_426_561_8, 0.465_921_722_289_610_15, 0.699_143_242_674_731_7]);
    let mut rng = Generator::new(1);
    let draws = [
        rng.normal(&[3], 0.0, 1.0, DType::F32),
        rng.normal(&[2], 0.0, 1.0, DType::F64),
        rng.bernoulli(&[5], 0.5, DType::F32),
        rng.dropout_mask(&[5], 0.5, DType::F32),
        rng.randint(&[4], -5, 6, DType::I64),
        rng.permutation(6),
        rng.exponential(&[2], 2.0, DType::F32),
        rng.truncated_normal(&[2], 1.0, 2.0, [0.0, 3.0], DType::F32),
        rng.split().uniform(&[2], 0.0, 1.0, DType::F64),
        rng.uniform(&[2], 0.0, 1.0, DType::F64),
    ];
    let digits = |x: &Tensor| format!("{:?}", x.to_dtype(DType::F64).to_vec::<f64>());
    assert_eq!(draws.each_ref().map(digits), PINNED);
}

const PINNED: [&str; 10] = [
    "[0.8881529569625854, 0.25808990001678467, -0.20011365413665771]",
    "[0.6384972103378761, -0.5487119742574434]",
    "[1.0, 0.0, 1.0, 1.0, 1.0]",
    "[2.0, 0.0, 0.0, 0.0, 2.0]",
    "[-2.0, 0.0, -1.0, -5.0]",
    "[1.0, 3.0, 4.0, 2.0, 5.0, 0.0]",
    "[0.052932869642972946, 2.3561980724334717]",
    "[1.928892970085144, 0.3161916136741638]",
    "[0.4477655959766048, 0.6043445203073868]",
    "[0.953136638602066, 0.12823076336371653]",
];

#[test]
fn normal_numbers_are_those_of_box_and_muller() {
    let mut uniform = Generator::new(4);
    for x in Generator::new(4).normal(&[1_000], 2.0, 3.0, DType::F64).to_vec::<f64>() {
        let radius = (-2.0 * (1.0 - uniform.next_uniform()).ln()).sqrt();
        let expected = 2.0 + 3.0 * radius * (std::f64::consts::TAU * uniform.next_uniform()).cos();
        assert!((x - expected).abs() < 1e-14 * expected.abs().max(10.0), "{x}, not {expected}");
    }
}

/// Several pieces in one call, or one after the other in many calls: the same words.
#[test]
fn an_element_depends_on_its_place_in_the_stream_alone() {
    let (mut whole, mut parts) = (Generator::new(9), Generator::new(9));
    whole.next_uniform();
    parts.next_uniform();
    force_threads(Some(1));
    let x = whole.normal(&[50_001], 0.0, 1.0, DType::F32);
    force_threads(None);
    let sizes = [1, 255, 256, 257, 1_000, 16_384, 31_848];
    let y: Vec<Tensor> = sizes.iter().map(|&n| parts.normal(&[n], 0.0, 1.0, DType::F32)).collect();
    assert!(x.equal(&Tensor::cat(&y, 0)));
    assert_eq!(whole.next_u64(), parts.next_u64(), "both streams stand at the same place");
}

#[test]
fn a_state_resumes_where_it_was_saved() {
    let mut rng = Generator::new(3).split();
    rng.next_u32(); // half of a pair
    let mut resumed = Generator::from_state(&rng.state());
    let [x, y] = [&mut rng, &mut resumed].map(|rng| rng.normal(&[700], 0.0, 1.0, DType::F64));
    assert!(x.equal(&y));
    assert_eq!(rng.state(), resumed.state());
}

#[test]
fn split_streams_differ_from_each_other_and_from_their_parent() {
    let mut parent = Generator::new(0);
    let mut streams = [parent.split(), parent.split(), parent];
    let draws = streams.each_mut().map(|rng| rng.uniform(&[1_000], -1.0, 1.0, DType::F64));
    for (i, x) in draws.iter().enumerate() {
        for y in &draws[..i] {
            let correlation = (x * y).mean().item() * 3.0;
            assert!(correlation.abs() < 0.1, "{correlation}");
        }
    }
}

#[test]
fn moments_are_those_of_the_distribution() {
    let n = [100_000];
    let mut rng = Generator::new(1);
    let check = |x: Tensor, mean: f64, variance: f64| {
        let x = x.to_dtype(DType::F64);
        let m = x.mean().item();
        let v = (x - m).square().mean().item();
        let scale = variance.sqrt();
        assert!((m - mean).abs() < 0.015 * scale && (v / variance - 1.0).abs() < 0.03, "{m} {v}");
    };
    check(rng.normal(&n, 2.0, 3.0, DType::F64), 2.0, 9.0);
    check(rng.normal(&n, 2.0, 3.0, DType::F32), 2.0, 9.0);
    check(rng.uniform(&n, -1.0, 1.0, DType::F64), 0.0, 1.0 / 3.0);
    check(rng.bernoulli(&n, 0.3, DType::F64), 0.3, 0.21);
    check(rng.dropout_mask(&n, 0.75, DType::F32), 1.0, 3.0);
    check(rng.exponential(&n, 4.0, DType::F64), 0.25, 1.0 / 16.0);
    check(rng.randint(&n, -10, 11, DType::I32), 0.0, 440.0 / 12.0);
    // Of a standard normal variable between -1 and 1.
    check(rng.truncated_normal(&n, 0.0, 1.0, [-1.0, 1.0], DType::F64), 0.0, 0.291_125);
    check(rng.permutation(1_000), 499.5, 999_999.0 / 12.0);
}

#[test]
fn every_integer_of_a_range_comes_out_and_no_other() {
    let mut counts = [0; 7];
    for x in Generator::new(2).randint(&[7_000], -3, 4, DType::I64).to_vec::<i64>() {
        counts[(x + 3) as usize] += 1;
    }
    assert!(counts.iter().all(|&count| (850..1_150).contains(&count)), "{counts:?}");
    let whole = Generator::new(2).randint(&[64], i64::MIN, i64::MAX, DType::I64);
    assert!(whole.to_vec::<i64>().iter().any(|&x| x < -(1 << 60)));
}

/// 0.1 is rounded up in f32 and bf16, and down in f16.
#[test]
fn a_truncated_normal_stays_between_its_limits_in_every_dtype() {
    for dtype in [DType::F64, DType::F32, DType::F16, DType::BF16] {
        for [low, high] in [[-0.1, 0.1], [0.1, 0.2], [-0.2, -0.1]] {
            let mut rng = Generator::new(5);
            let x = rng.truncated_normal(&[4_000], 0.0, 1.0, [low, high], dtype);
            let x = x.to_dtype(DType::F64).to_vec::<f64>();
            assert!(x.iter().all(|&x| low <= x && x <= high), "{dtype}: {low} to {high}");
            let (least, most) =
                (x.iter().copied().fold(high, f64::min), x.into_iter().fold(low, f64::max));
            let width = high - low;
            assert!(least < low + 0.02 * width && most > high - 0.02 * width, "{dtype}");
        }
    }
}

#[test]
#[should_panic(
    expected = "truncated_normal: no number of the dtype lies in the interval: 1.0001 to \
                           1.0002 for f16"
)]
fn an_interval_between_two_halves() {
    _ = Generator::new(0).truncated_normal(&[1], 0.0, 1.0, [1.0001, 1.0002], DType::F16);
}
