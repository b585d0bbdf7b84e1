//! States with something wrong in them: they are refused and change nothing, or the next step works.

use optim::{
    ASGDConfig, AdafactorConfig, AdamConfig, Descent, Method, MuonConfig, NAdamConfig, Optimizer,
    RMSpropConfig, RpropConfig, SgdConfig, StateDict,
};
use proptest::prelude::*;
use tensor::{DType, Generator, Parameter, Tensor};

/// What is put in the place of an entry; nothing removes it.
fn replacement() -> impl Strategy<Value = Option<Tensor>> {
    let floats = [f64::NAN, -1.0, 0.0, 1.0, 2.0, 1e300, f64::INFINITY];
    let integers = [i64::MIN, -1, 0, 1, i64::MAX];
    let dtypes = [DType::F32, DType::F64, DType::I64, DType::Bool, DType::F16];
    let shapes: [&[usize]; 5] = [&[], &[0], &[2], &[3, 4], &[1, 1, 1]];
    prop_oneof![
        Just(None),
        prop::sample::select(floats.to_vec()).prop_map(|x| Some(Tensor::from(x))),
        prop::sample::select(floats.to_vec()).prop_map(|x| Some(Tensor::from([x, 0.5]))),
        prop::sample::select(integers.to_vec()).prop_map(|x| Some(Tensor::from(x))),
        any::<bool>().prop_map(|x| Some(Tensor::from(x))),
        (prop::sample::select(shapes.to_vec()), prop::sample::select(dtypes.to_vec()))
            .prop_map(|(shape, dtype)| Some(Tensor::ones(shape, dtype))),
    ]
}

fn step<M: Method>(optimizer: &mut Descent<M>) {
    for parameter in optimizer.parameters() {
        parameter.set_grad(Some(parameter.tensor().detach() + 1.0));
    }
    optimizer.step();
}

fn bytes(state: &StateDict) -> Vec<(String, Vec<u8>)> {
    state.iter().map(|(name, value)| (name.to_owned(), value.to_le_bytes())).collect()
}

fn mutate<M: Method>(config: M, changes: &[(usize, Option<Tensor>)]) {
    let value = Generator::new(0).normal(&[3, 4], 0.0, 1.0, DType::F32);
    let mut optimizer = Descent::with([Parameter::new(value)], config);
    step(&mut optimizer);
    let mut state = optimizer.state_dict();
    let before = bytes(&state);
    for (place, replacement) in changes {
        let Some(name) = state.names().nth(place % state.len().max(1)).map(str::to_owned) else {
            continue;
        };
        match replacement {
            // A method may be told to iterate for ever, which is no mistake in the state.
            Some(_) if name.ends_with("iterations") => {}
            Some(value) => state.insert(&name, value.clone()),
            None => drop(state.remove(&name)),
        }
    }
    match optimizer.load_state_dict(&state) {
        Ok(()) => step(&mut optimizer),
        Err(_) => assert_eq!(bytes(&optimizer.state_dict()), before, "nothing has changed"),
    }
}

proptest! {
    #[test]
    fn no_state_makes_a_step_panic(
        changes in prop::collection::vec((0..30_usize, replacement()), 1..4),
    ) {
        mutate(SgdConfig { lr: 0.1, momentum: 0.9, nesterov: true, ..Default::default() }, &changes);
        mutate(AdamConfig { amsgrad: true, ..Default::default() }, &changes);
        mutate(NAdamConfig::default(), &changes);
        mutate(ASGDConfig::default(), &changes);
        mutate(RpropConfig::default(), &changes);
        mutate(RMSpropConfig { momentum: 0.9, centered: true, ..Default::default() }, &changes);
        mutate(AdafactorConfig::default(), &changes);
        mutate(MuonConfig::default(), &changes);
    }
}
