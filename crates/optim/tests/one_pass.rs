//! A step is one pass over parameter, gradient and state: it is made in place, with no tensor beside.

#[path = "../../autograd-core/tests/suite/counting.rs"]
mod counting;

use counting::{LIVE, PEAK};
use optim::{
    ASGDConfig, AdadeltaConfig, AdagradConfig, AdamConfig, AdamWConfig, AdamaxConfig, Descent,
    Method, NAdamConfig, Optimizer, RAdamConfig, RMSpropConfig, RpropConfig, SgdConfig,
};
use tensor::{DType, Generator, Parameter, set_num_threads};

/// Bytes that a step may take for a moment, of the 400,000 that the parameter has.
const LITTLE: isize = 2048;

fn steps_in_place<M: Method>(config: M) {
    // Other threads' memory would not be counted here.
    set_num_threads(1);
    let mut rng = Generator::new(0);
    let shape = [100_000];
    let w = Parameter::new(rng.normal(&shape, 0.0, 1.0, DType::F32));
    w.set_grad(Some(rng.normal(&shape, 0.0, 1.0, DType::F32)));
    let mut optimizer = Descent::with([w], config);
    optimizer.step();
    for _ in 0..3 {
        let before = LIVE.get();
        PEAK.set(before);
        optimizer.step();
        let above = PEAK.get() - before;
        assert!(above <= LITTLE, "{}: {above} bytes", M::NAME);
        assert_eq!(LIVE.get(), before, "{}", M::NAME);
    }
    assert!(LIVE.get() > 800_000, "the allocator counts");
}

#[test]
fn every_method_that_moves_elements_alone_steps_in_place() {
    steps_in_place(SgdConfig::default());
    steps_in_place(SgdConfig { momentum: 0.9, nesterov: true, ..SgdConfig::default() });
    steps_in_place(AdamConfig::default());
    steps_in_place(AdamConfig { amsgrad: true, ..AdamConfig::default() });
    steps_in_place(AdamWConfig::default());
    steps_in_place(NAdamConfig::default());
    steps_in_place(RAdamConfig::default());
    steps_in_place(AdamaxConfig::default());
    steps_in_place(AdagradConfig::default());
    steps_in_place(AdadeltaConfig::default());
    steps_in_place(RMSpropConfig::default());
    steps_in_place(RMSpropConfig { centered: true, momentum: 0.9, ..RMSpropConfig::default() });
    steps_in_place(RpropConfig::default());
    steps_in_place(ASGDConfig::default());
}
