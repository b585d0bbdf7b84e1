//! How accurate sums are: PyTorch's worst case and beyond, on every axis.

use tensor::Tensor;

const COUNT: usize = 20_000_000;

/// 2·10⁷ × 0.1 in f32 is two million, plus what 0.1 differs from its nearest f32: 0.03.
#[test]
fn twenty_million_tenths_are_two_million() {
    let x = Tensor::from_vec(vec![0.1_f32; COUNT], &[COUNT]);
    let near = |sum: f64, expected: f64| (sum - expected).abs() <= 2.0;
    assert!(near(x.sum().item(), 2e6), "{}", x.sum());
    let columns = x.reshape(&[COUNT as isize / 2, 2]);
    let rows = x.reshape(&[2, COUNT as isize / 2]);
    let all = [columns.sum_dim(0), rows.sum_dim(1), columns.t().sum_dim(1), rows.t().sum_dim(0)];
    for sum in all {
        assert_eq!(sum.shape(), [2]);
        assert!(sum.to_vec::<f32>().iter().all(|&sum| near(f64::from(sum), 1e6)), "{sum}");
    }
    assert!(near(columns.t().sum().item(), 2e6));
    assert!(near(columns.sum_dim(1).sum().item(), 2e6));
    let mean = x.mean().item();
    assert!((mean - 0.1).abs() < 1e-8, "{mean}");
}

#[test]
fn twenty_million_ones_are_exact() {
    let x = Tensor::from_vec(vec![1.0_f32; COUNT], &[COUNT / 2, 2]);
    assert_eq!(x.sum().item(), COUNT as f64);
    assert_eq!(x.sum_dim(0).to_vec::<f32>(), [COUNT as f32 / 2.0; 2]);
    assert_eq!(x.t().sum_dim(1).to_vec::<f32>(), [COUNT as f32 / 2.0; 2]);
    assert_eq!(x.mean().item(), 1.0);
}

/// An f64 sum of a long slice is a tree, whose error grows with the logarithm of the length.
#[test]
fn long_sums_of_doubles_stay_accurate() {
    let count = 1 << 20;
    let x = Tensor::from_vec(vec![0.1_f64; count], &[count]);
    let exact = 0.1 * count as f64;
    for sum in [x.sum(), x.reshape(&[1, -1]).sum_dim(1)] {
        let error = (sum.item() - exact) / (exact * f64::EPSILON);
        assert!(error.abs() <= 32.0, "{error} units; one after the other gives thousands");
    }
}

#[test]
fn cancelling_terms_leave_the_small_one() {
    let x = Tensor::from([1e8_f32, 1.0, -1e8, 1.0]);
    assert_eq!(x.sum().item(), 2.0);
    assert_eq!(x.unsqueeze(1).expand(&[4, 3]).sum_dim(0).to_vec::<f32>(), [2.0; 3]);
}

#[test]
fn a_sum_does_not_depend_on_the_thread() {
    let x: Vec<f32> = (0..100_000).map(|i| (i as f32).sin()).collect();
    let x = Tensor::from(x);
    let here = x.sum().item();
    let there: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| x.sum().item())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(there, [here; 4]);
}
