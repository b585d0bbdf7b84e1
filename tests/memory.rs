//! Training takes no more memory the longer it runs.

#[path = "../crates/autograd-core/tests/suite/counting.rs"]
mod counting;

use std::sync::{Mutex, MutexGuard, PoisonError};

use chainrule::nn::{Layer, Linear, MSELoss, Module, Pass, Sequential, Tanh};
use chainrule::optim::{Optimizer, SGD, SgdConfig};
use chainrule::{
    AttentionOptions, DType, Generator, Parameter, Tensor, checkpoint, no_grad,
    release_cached_memory, set_num_threads,
};
use counting::{LIVE, PEAK};

const ROUNDS: usize = 100_000;

/// Runs `round` until its memory is warm, then many times: the live bytes must stay the same, and
/// at no moment be more than `peak` above that.
#[track_caller]
fn assert_flat(rounds: usize, peak: isize, mut round: impl FnMut()) {
    (0..10).for_each(|_| round());
    let before = LIVE.get();
    PEAK.set(before);
    for _ in 0..rounds {
        round();
        assert_eq!(LIVE.get(), before);
    }
    let above = PEAK.get() - before;
    assert!(above <= peak, "{above} bytes above what stays, more than {peak}");
    assert!(above > 0, "the allocator counts");
}

fn with_momentum(parameters: Vec<Parameter>) -> SGD {
    let config = SgdConfig { lr: 0.001, momentum: 0.9, ..SgdConfig::default() };
    SGD::with(parameters, config)
}

/// Recycled memory is shared by all threads, and the allocator counts each by itself: one test at a
/// time, or one takes the blocks that another has freed.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn training_steps_leave_nothing_behind() {
    let _alone = alone();
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let w = Parameter::new(Tensor::from(0.0_f32));
    let loss = MSELoss::default();
    let mut optimizer = with_momentum(vec![w.clone()]);
    assert_flat(ROUNDS, 2048, || {
        loss.forward(&(&w * &x), &x).backward();
        optimizer.step();
        optimizer.zero_grad();
    });
    assert!((w.item() - 1.0).abs() < 1e-5);
}

#[test]
fn gradients_that_are_never_forgotten_take_no_more_memory() {
    let _alone = alone();
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let w = Parameter::new(Tensor::from(0.0_f32));
    assert_flat(1000, 2048, || (&w * &x).sum().backward());
    assert_eq!(w.grad().unwrap().item(), 10.0 * 1010.0);
}

#[test]
fn forwards_without_backward_leave_nothing_behind() {
    let _alone = alone();
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let w = Parameter::new(Tensor::from(0.5_f32));
    assert_flat(ROUNDS, 2048, || {
        let loss = MSELoss::default().forward(&(&w * &x), &x);
        assert!(loss.is_tracked());
    });
}

#[test]
fn updates_by_hand_do_not_chain_graphs() {
    let _alone = alone();
    let w = Parameter::new(Tensor::from([0.5_f32, -0.5]));
    assert_flat(ROUNDS / 10, 2048, || {
        w.update(|value| value * 0.999);
        w.tensor().square().sum().backward();
        w.zero_grad();
    });
}

#[test]
fn training_a_perceptron_leaves_nothing_behind() {
    let _alone = alone();
    let mut rng = Generator::new(0);
    let model = Sequential::new()
        .then(Linear::new(2, 16, &mut rng))
        .then(Tanh)
        .then(Linear::new(16, 1, &mut rng));
    let x = rng.uniform(&[32, 2], -1.0, 1.0, DType::F32);
    let y = x.sum_keepdim(1);
    let mut optimizer = with_momentum(model.parameters());
    let loss = MSELoss::default();
    // The forward pass keeps three [32, 16] matrices of f32, and backward needs as much again.
    assert_flat(2000, 6 * 32 * 16 * 4, || {
        loss.forward(&model.forward(&x, &mut Pass::train(&mut rng)), &y).backward();
        optimizer.step();
        optimizer.zero_grad();
    });
    assert!(loss.forward(&model.forward(&x, &mut Pass::eval()), &y).item() < 0.1);
}

#[test]
fn a_forward_that_is_not_recorded_keeps_only_its_last_value() {
    const LEN: usize = 100_000;
    let _alone = alone();
    let x = Tensor::ones(&[LEN], DType::F32);
    // From a cold start: memory that was used before would be recycled, and not counted.
    let peak_of = |forward: &dyn Fn() -> Tensor| {
        release_cached_memory();
        let before = LIVE.get();
        PEAK.set(before);
        drop(forward());
        (PEAK.get() - before) as usize / (4 * LEN)
    };
    let chain = || (0..50).fold(x.requires_grad(), |y, _| y.tanh());
    let recorded = peak_of(&chain);
    let unrecorded = peak_of(&|| {
        let _guard = no_grad();
        chain()
    });
    assert!(recorded >= 49, "a graph keeps the values: {recorded}");
    assert!(unrecorded <= 2, "the old value and the new one: {unrecorded}");
}

#[test]
fn checkpoints_hold_what_goes_from_part_to_part_and_one_part() {
    const LEN: usize = 100_000;
    const PARTS: usize = 8;
    let _alone = alone();
    let x = Tensor::ones(&[LEN], DType::F32);
    let part = |y: &Tensor| (0..PARTS).fold(y.clone(), |y, _| y.sin());
    let peak_of = |forward: &dyn Fn(&Tensor) -> Tensor| {
        let x = x.requires_grad();
        release_cached_memory();
        let before = LIVE.get();
        PEAK.set(before);
        forward(&x).sum().backward();
        let peak = (PEAK.get() - before) as usize / (4 * LEN);
        (peak, x.grad().expect("backward reached x"))
    };
    let (saved, slope) = peak_of(&|x| (0..PARTS).fold(x.clone(), |y, _| part(&y)));
    let (again, same) =
        peak_of(&|x| (0..PARTS).fold(x.clone(), |y, _| checkpoint(move |[y]| part(y), [&y])));
    println!(
        "{PARTS} parts of {PARTS} operations: {saved} values at the peak, {again} checkpointed"
    );
    assert!(slope.equal(&same));
    assert!(saved >= PARTS * PARTS - 1, "a graph keeps the values: {saved}");
    assert!(again <= 2 * PARTS + 4, "one for each part, and one part: {again}");
}

#[test]
fn checkpoints_leave_nothing_behind() {
    let _alone = alone();
    let x = Tensor::from([1.0_f32, 2.0, 3.0, 4.0]);
    let w = Parameter::new(Tensor::from(0.5_f32));
    assert_flat(ROUNDS / 10, 8192, || {
        let v = w.clone();
        checkpoint(move |[x]| (x * &v).sin(), [&x]).sum().backward();
        w.zero_grad();
    });
}

#[test]
fn long_attention_does_not_hold_its_scores() {
    const HEADS: usize = 2;
    const LENGTH: usize = 2048;
    let _alone = alone();
    // Allocations are counted on this thread.
    set_num_threads(1);
    let mut rng = Generator::new(0);
    let x = [0, 1, 2].map(|_| rng.normal(&[HEADS, LENGTH, 16], 0.0, 1.0, DType::F32));
    for is_causal in [false, true] {
        let options = AttentionOptions { is_causal, ..AttentionOptions::default() };
        let [q, k, v] = x.each_ref().map(Tensor::requires_grad);
        release_cached_memory();
        let before = LIVE.get();
        PEAK.set(before);
        q.scaled_dot_product_attention(&k, &v, &options).sum().backward();
        let (peak, scores) = ((PEAK.get() - before) as usize, 4 * HEADS * LENGTH * LENGTH);
        println!("attention: {peak} bytes at the peak, {scores} bytes of scores");
        assert!(q.grad().is_some() && v.grad().is_some());
        assert!(peak > 2 * 4 * 48 * LENGTH, "the allocator counts a block of queries: {peak}");
        assert!(peak < scores / 6, "{peak} bytes at the peak, {scores} bytes of scores");
    }
}
