//! Criterion's view of the same workloads: the notebook's steps, a chain, a perceptron.

#[allow(dead_code, reason = "the counts of operations are for `budgets`")]
mod workloads;

use std::hint::black_box;

use criterion::Criterion;
use workloads::{chain, layers, perceptron, steps};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut cells = criterion.benchmark_group("notebook step");
    let (mut cell_34, mut cell_38, mut cell_41) =
        (steps::cell_34(), steps::cell_38(), steps::cell_41());
    cells.bench_function("cell 34", |bencher| bencher.iter(&mut cell_34));
    cells.bench_function("cell 38", |bencher| bencher.iter(&mut cell_38));
    cells.bench_function("cell 41", |bencher| bencher.iter(&mut cell_41));
    let mut by_hand = steps::by_hand();
    cells.bench_function("by hand", |bencher| bencher.iter(&mut by_hand));
    cells.finish();

    let mut scalars = criterion.benchmark_group("0-d tensors");
    scalars.sample_size(20);
    scalars.bench_function("chain of 10,000", |bencher| {
        bencher.iter(|| black_box(chain::recorded(10_000)));
    });
    scalars.bench_function("chain of 10,000 by hand", |bencher| {
        bencher.iter(|| black_box(chain::by_hand(10_000)));
    });
    let network = layers::Scalars::new(16);
    let mut plain = layers::ByHand::new(&network);
    scalars.bench_function("units 3-16-16-1", |bencher| bencher.iter(|| network.pass()));
    scalars.bench_function("units 3-16-16-1 by hand", |bencher| bencher.iter(|| plain.pass()));
    scalars.finish();

    let mut networks = criterion.benchmark_group("perceptron 2-64-64-1");
    let (mut step, mut by_hand) = (perceptron::step(), perceptron::by_hand());
    networks.bench_function("step", |bencher| bencher.iter(&mut step));
    networks.bench_function("64-64-1 by hand on ndarray", |bencher| bencher.iter(&mut by_hand));
    networks.finish();
    criterion.final_summary();
}
