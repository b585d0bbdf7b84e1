//! The bytes that an explanation says a graph holds are those that the allocator counts.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]
#![allow(clippy::print_stdout, reason = "figures for --nocapture")]

#[path = "../../autograd-core/tests/suite/counting.rs"]
mod counting;

use std::sync::{Mutex, MutexGuard, PoisonError};

use counting::LIVE;
use explain::{record, summary_of};
use nn::{
    AvgPool2d, BatchNorm2d, Conv2d, CrossEntropyLoss, Dropout, Flatten, GELU, Layer, LayerNorm,
    Linear, MaxPool2d, Pass, ReLU, Sequential, TransformerEncoderLayer,
};
use tensor::{
    AttentionOptions, DType, Generator, PadMode, Tensor, checkpoint, custom, release_cached_memory,
    set_num_threads,
};

/// What a node takes with its handles and shapes, at most.
const NODE: usize = 600;

/// Recycled memory is shared by all threads, and the allocator counts each by itself: one test at a
/// time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Computes a loss twice, from nothing: once to count what its graph holds, which nobody watches,
/// and once to explain it. Both must be the same, but for what the nodes themselves take. Sizes should
/// be powers of two, to which recycled memory is not rounded.
#[track_caller]
fn assert_counted(name: &str, mut compute: impl FnMut(&mut Generator) -> Tensor) {
    // Allocations are counted on this thread, and recycled memory is no news to the allocator.
    set_num_threads(1);
    drop(compute(&mut Generator::new(7)));
    release_cached_memory();
    let before = LIVE.get();
    let loss = compute(&mut Generator::new(7));
    release_cached_memory();
    let measured = usize::try_from(LIVE.get() - before).unwrap();
    drop(loss);

    let recording = record();
    let explanation = recording.explain(&compute(&mut Generator::new(7))).unwrap();
    let said = explanation.saved_bytes();
    let nodes = explanation.nodes.len();
    println!("{name}: {nodes} nodes hold {measured} bytes, {said} of them saved");
    assert!(said >= 4096, "{name}: enough to see: {said}");
    assert!(said <= measured, "{name}: {said} bytes are said to be held, {measured} are");
    let rest = measured - said;
    assert!(rest <= nodes * NODE, "{name}: {measured} bytes, {said} are said");
}

/// An operation on a tracked matrix of 64 times 64 elements, none of which is a leaf's.
#[track_caller]
fn assert_operation(name: &str, operation: impl Fn(&Tensor) -> Tensor) {
    assert_counted(name, |rng| {
        let x = rng.normal(&[64, 64], 0.0, 1.0, DType::F64);
        // A leaf's own memory is not the graph's: x itself is computed from a small one.
        operation(&(x + Tensor::from(1.0_f64).requires_grad())).sum()
    });
}

#[test]
fn operations_hold_what_is_said() {
    let _alone = alone();
    assert_operation("an input", Tensor::sin);
    assert_operation("the output", Tensor::exp);
    assert_operation("both", |x| x.pow(&x.detach()));
    assert_operation("one block for two", |x| x * x);
    assert_operation("a view of a block", |x| x.narrow(0, 0, 2).sin());
    assert_operation("softmax", |x| x.softmax(1));
    assert_operation("softmax of what is hidden", |x| {
        x.masked_fill(&x.lt_scalar(9.0), f64::NEG_INFINITY).softmax(1)
    });
    assert_operation("maximum", |x| x.maximum(&(x * 0.5)));
    assert_operation("max along an axis", |x| x.amax(1));
    assert_operation("clamp between tensors", |x| x.clamp(&(x * 0.5), &(x * 2.0)));
    assert_operation("masks", |x| {
        let mask = x.gt_scalar(0.0);
        Tensor::where_(&mask, x, &(x * 2.0)).masked_fill(&mask, 0.0)
    });
    assert_operation("variance and norm", |x| x.std() * x.norm(2.0));
    assert_operation("products along an axis", |x| x.cumprod(1));
    assert_operation("sorted", |x| x.sort(1).0);
    assert_operation("joined and split", |x| {
        Tensor::cat(&[x.sin(), x.cos()], 0).chunk(2, 0)[1].exp()
    });
    assert_operation("a padding that repeats", |x| {
        x.unflatten(0, &[1, 64]).pad(&[32, 32], PadMode::Reflect).sin()
    });
}

#[test]
fn operations_that_choose_hold_positions() {
    let _alone = alone();
    assert_counted("rows by number", |rng| {
        let rows = rng.randint(&[8192], 0, 4, DType::I64);
        Tensor::zeros(&[4, 2], DType::F32).requires_grad().index_select(0, &rows).sum()
    });
    assert_counted("pooling", |rng| {
        let x = rng.normal(&[2, 4, 32, 32], 0.0, 1.0, DType::F32);
        let x = x + Tensor::from(1.0_f32).requires_grad();
        AvgPool2d::new([2, 2]).forward(&MaxPool2d::new([2, 2]).forward(&x)).sum()
    });
    assert_counted("labels", |rng| {
        let labels = rng.randint(&[4096], 0, 3, DType::I64);
        let scores = rng.normal(&[4096, 3], 0.0, 1.0, DType::F32);
        let scores = scores * Tensor::from(1.0_f32).requires_grad();
        CrossEntropyLoss::default().forward(&scores, &labels)
    });
}

#[test]
fn attention_holds_what_is_said() {
    let _alone = alone();
    for (length, is_causal) in [(16, false), (64, true), (512, false)] {
        assert_counted(&format!("attention over {length}"), |rng| {
            let x = rng.normal(&[2, length, 64], 0.0, 1.0, DType::F32);
            let x = x + Tensor::from(1.0_f32).requires_grad();
            let options = AttentionOptions { is_causal, ..AttentionOptions::default() };
            x.scaled_dot_product_attention(&x, &x, &options).sum()
        });
    }
}

#[test]
fn what_the_user_defines_holds_what_it_asks_for() {
    let _alone = alone();
    assert_operation("a custom operation", |x| {
        custom("cube", [x], |[x]| x * x * x, |g, [x]| [g * (3.0 * x.square())])
    });
    assert_operation("a checkpoint", |x| checkpoint(|[x]| x.sin().exp().sin(), [x]));
}

#[test]
fn models_hold_what_is_said() {
    let _alone = alone();
    let mut rng = Generator::new(1);
    let images = Sequential::new()
        .then(Conv2d::new(1, 8, [3, 3], &mut rng))
        .then(BatchNorm2d::new(8))
        .then(ReLU)
        .then(MaxPool2d::new([2, 2]))
        .then(Flatten::default())
        .then(Dropout::new(0.5))
        .then(Linear::new(8 * 16 * 16, 10, &mut rng));
    assert_counted("a network for images", |rng| {
        let x = rng.normal(&[16, 1, 34, 34], 0.0, 1.0, DType::F32);
        let labels = rng.randint(&[16], 0, 10, DType::I64);
        let scores = images.forward(&x, &mut Pass::train(rng));
        CrossEntropyLoss::default().forward(&scores, &labels)
    });
    let norm = Sequential::new().then(LayerNorm::new(&[32])).then(GELU::default());
    let block = TransformerEncoderLayer::new(32, 4, &mut rng);
    assert_counted("a transformer's layer", |rng| {
        let x = rng.normal(&[2, 64, 32], 0.0, 1.0, DType::F32);
        let x = norm.forward(&x, &mut Pass::train(rng));
        Layer::forward(&block, &x, &mut Pass::train(rng)).square().mean()
    });
}

#[test]
fn storage_formats_hold_what_is_said() {
    let _alone = alone();
    assert_counted("bf16", |rng| {
        let x = rng.normal(&[128, 128], 0.0, 1.0, DType::F32).requires_grad();
        let x = x.to_dtype(DType::BF16);
        (x.exp() * x.sin()).matmul(&x).tanh().sum()
    });
}

#[test]
fn a_summary_says_what_a_graph_holds() {
    let _alone = alone();
    let mut rng = Generator::new(2);
    let model = Sequential::new()
        .then(Linear::new(64, 64, &mut rng))
        .then(ReLU)
        .then(Linear::new(64, 1, &mut rng));
    let x = rng.normal(&[128, 64], 0.0, 1.0, DType::F32);
    let run = || model.forward(&x, &mut Pass::eval());
    let summary = summary_of(&model, run).unwrap();
    let recording = record();
    let whole = recording.explain(&run().sum()).unwrap().saved_bytes();
    assert_eq!(summary.saved_bytes, whole);
    // The input of each layer; the activation's output is the second one's.
    assert_eq!(whole, 4 * (128 * 64 + 128 * 64));
    assert_eq!(summary.rows[0].saved_bytes, whole, "the model is everything");
}
