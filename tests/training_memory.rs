//! The memory of a training is that of what it must remember: that of `digits_cnn`.

#[path = "../crates/autograd-core/tests/suite/counting.rs"]
mod counting;
#[path = "../examples/models/digits_cnn.rs"]
mod model;

use chainrule::nn::{CrossEntropyLoss, Layer, Module, Pass};
use chainrule::optim::{Adam, Optimizer};
use chainrule::{DType, Generator, StateDict, Tensor, release_cached_memory, set_num_threads};
use counting::{LIVE, PEAK};
use model::DigitsCnn;

const SAMPLES: usize = 64;
const STEPS: usize = 10;

/// The numbers of one sample that the backward pass needs, in the order in which they are computed.
/// Where the maxima of the pools were is not among them, nor are gradients: they belong to what is
/// allowed on top.
const SAVED: [usize; 9] = [
    16 * 64, // conv1, for bn1
    16 * 64, // relu, for itself and conv2
    32 * 64, // conv2, for bn2
    32 * 64, // relu, for itself
    32 * 16, // the pool, for conv3
    64 * 16, // conv3, for bn3
    64 * 16, // relu, for itself
    64 * 4,  // the pool, for fc
    10,      // fc, for the loss
];

fn bytes(tensors: impl IntoIterator<Item = Tensor>) -> usize {
    tensors.into_iter().map(|x| x.numel() * x.dtype().size()).sum()
}

#[test]
fn the_peak_is_little_above_what_must_be_there() {
    set_num_threads(1); // the allocator counts each thread by itself
    release_cached_memory();
    let before = LIVE.get();
    PEAK.set(before);
    let mut rng = Generator::new(0);
    let model = DigitsCnn::new(DType::F32, &mut rng);
    let mut optimizer = Adam::new(model.parameters(), 1e-3);
    let mut must = 0;
    for _ in 0..STEPS {
        let images = rng.uniform(&[SAMPLES, 1, 8, 8], 0.0, 1.0, DType::F32);
        let labels = rng.randint(&[SAMPLES], 0, 10, DType::I64);
        let scores = model.forward(&images, &mut Pass::train(&mut rng));
        CrossEntropyLoss::default().forward(&scores, &labels).backward();
        optimizer.step();
        optimizer.zero_grad();
        let state = [model.state_dict(), optimizer.state_dict()];
        must = bytes([images, labels])
            + bytes(state.iter().flat_map(StateDict::iter).map(|(_, x)| x.clone()))
            + SAMPLES * SAVED.iter().sum::<usize>() * DType::F32.size();
    }
    let peak = usize::try_from(PEAK.get() - before).expect("the peak is not below the start");
    let ratio = peak as f64 / must as f64;
    println!("the peak is {peak} bytes, {ratio:.3} of the {must} that must be there");
    assert!(ratio > 1.0, "the allocator counts, and it all is there at one moment");
    assert!(ratio <= 1.3, "{ratio}");
}
