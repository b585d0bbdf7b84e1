//! State dicts: names, order, values, round trips, and what does not fit.

use nn::{Linear, LoadError, Module, Parts, Sequential, StateDict, Tanh};
use tensor::{Buffer, DType, Generator, Parameter, Tensor};

use crate::catch::catch;

/// A layer with running statistics.
struct Normalised {
    layer: Linear,
    mean: Buffer,
    count: Buffer,
}

impl Normalised {
    fn new(seed: u64) -> Self {
        Self {
            layer: Linear::new(3, 2, &mut Generator::new(seed)),
            mean: Buffer::new(Tensor::from([seed as f32, 1.5])),
            count: Buffer::new(Tensor::from(seed as i64)),
        }
    }
}

impl Module for Normalised {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { layer, mean, count } = self;
        parts.buffer("mean", mean);
        parts.module("layer", layer);
        parts.buffer("count", count);
    }
}

fn names(state: &StateDict) -> Vec<&str> {
    state.iter().map(|(name, _)| name).collect()
}

fn equal(a: &StateDict, b: &StateDict) -> bool {
    names(a) == names(b) && a.iter().zip(b.iter()).all(|((_, x), (_, y))| x.equal(y))
}

#[test]
fn entries_are_named_in_the_order_of_visit() {
    let state = Normalised::new(1).state_dict();
    assert_eq!(names(&state), ["mean", "layer.weight", "layer.bias", "count"]);
    assert_eq!((state.len(), state.is_empty()), (4, false));
}

#[test]
fn entries_have_the_values_of_the_parts() {
    let module = Normalised::new(7);
    let state = module.state_dict();
    let parts = [
        ("mean", module.mean.tensor()),
        ("layer.weight", module.layer.weight().tensor()),
        ("layer.bias", module.layer.bias().unwrap().tensor()),
        ("count", module.count.tensor()),
    ];
    for (name, value) in parts {
        let entry = state.get(name).unwrap();
        assert!(entry.equal(&value), "{name}");
        assert_eq!(entry.dtype(), value.dtype(), "{name}");
        assert!(!entry.is_tracked(), "{name}");
    }
    assert!(state.get("weight").is_none());
}

#[test]
fn a_state_dict_is_a_snapshot() {
    let module = Normalised::new(1);
    let state = module.state_dict();
    module.layer.weight().update(|w| w * 0.0);
    module.mean.set(&Tensor::from([9.0_f32, 9.0]));
    assert!(equal(&state, &Normalised::new(1).state_dict()));
}

#[test]
fn a_round_trip_restores_every_value() {
    let (from, to) = (Normalised::new(1), Normalised::new(2));
    assert!(!equal(&from.state_dict(), &to.state_dict()));
    to.load_state_dict(&from.state_dict()).unwrap();
    assert!(equal(&from.state_dict(), &to.state_dict()));
}

#[test]
fn loading_keeps_the_identity_of_the_parts() {
    let (from, to) = (Normalised::new(1), Normalised::new(2));
    let (weight, mean) = (to.layer.weight().clone(), to.mean.clone());
    to.load_state_dict(&from.state_dict()).unwrap();
    assert!(weight.tensor().equal(&from.layer.weight().tensor()));
    assert!(mean.tensor().equal(&from.mean.tensor()));
    to.layer.forward(&Tensor::from([1.0_f32, 2.0, 3.0])).sum().backward();
    assert!(weight.grad().is_some());
    assert!(from.layer.weight().grad().is_none());
}

#[test]
fn modules_with_the_same_values_go_their_own_ways() {
    let (from, to) = (Normalised::new(1), Normalised::new(2));
    to.load_state_dict(&from.state_dict()).unwrap();
    let weight = to.layer.weight();
    weight.update(|w| w + 1.0);
    to.mean.set(&Tensor::from([5.0_f32, 5.0]));
    assert!(equal(&from.state_dict(), &Normalised::new(1).state_dict()));
}

#[test]
fn a_frozen_parameter_is_loaded_and_stays_frozen() {
    let (from, to) = (Normalised::new(1), Normalised::new(2));
    to.set_trainable(false);
    to.load_state_dict(&from.state_dict()).unwrap();
    assert!(equal(&from.state_dict(), &to.state_dict()));
    assert!(!to.layer.weight().is_trainable());
}

#[test]
fn an_entry_that_is_part_of_a_graph_is_cut_from_it() {
    let (module, x) = (Normalised::new(1), Tensor::from([1.0_f32, 2.0]).requires_grad());
    let mut state = module.state_dict();
    state.insert("layer.bias", &x * 2.0);
    state.insert("mean", &x * 3.0);
    module.load_state_dict(&state).unwrap();
    assert!(!module.mean.tensor().is_tracked());
    module.layer.forward(&Tensor::from([0.0_f32; 3])).sum().backward();
    assert!(x.grad().is_none());
    assert_eq!(module.layer.bias().unwrap().tensor().to_vec::<f32>(), [2.0, 4.0]);
}

#[test]
fn everything_that_does_not_fit_is_listed_at_once() {
    let mut rng = Generator::new(3);
    let model = Sequential::new()
        .then(Linear::new(3, 2, &mut rng))
        .then(Tanh)
        .then(Linear::new(2, 2, &mut rng));
    let before = model.state_dict();
    let mut state = StateDict::new();
    state.insert("0.weight", Tensor::zeros(&[2, 4], DType::F32));
    state.insert("extra", Tensor::from(1.0_f32));
    state.insert("0.bias", Tensor::zeros(&[2], DType::F64));
    state.insert("2.bias", Tensor::zeros(&[2], DType::F32)); // fits
    state.insert("2.scale", Tensor::from(1_i64));
    let error = model.load_state_dict(&state).unwrap_err();
    assert_eq!(error.missing, ["2.weight"]);
    assert_eq!(error.unexpected, ["extra", "2.scale"]);
    assert_eq!(error.misfits.len(), 2);
    assert_eq!(error.misfits[0].name, "0.weight");
    assert_eq!(error.misfits[0].expected, (DType::F32, vec![2, 3]));
    assert_eq!(error.misfits[0].given, (DType::F32, vec![2, 4]));
    assert_eq!(
        error.to_string(),
        "load_state_dict: the entries do not fit: missing [\"2.weight\"], unexpected [\"extra\", \
         \"2.scale\"], of another type [0.weight is f32 [2, 3], given f32 [2, 4]; 0.bias is f32 \
         [2], given f64 [2]]"
    );
    assert!(equal(&model.state_dict(), &before), "nothing was changed");
}

/// The error that a change of a fitting state dict leads to.
fn error_of(change: impl FnOnce(&mut StateDict)) -> LoadError {
    let module = Normalised::new(1);
    let mut state = Normalised::new(2).state_dict();
    change(&mut state);
    let error = module.load_state_dict(&state).unwrap_err();
    assert!(equal(&module.state_dict(), &Normalised::new(1).state_dict()), "nothing was changed");
    error
}

#[test]
fn a_single_problem_is_an_error() {
    let error = error_of(|state| drop(state.remove("layer.bias")));
    assert_eq!((error.missing.len(), error.unexpected.len(), error.misfits.len()), (1, 0, 0));
    let error = error_of(|state| state.insert("layer.scale", Tensor::from(1.0_f32)));
    assert_eq!((error.missing.len(), error.unexpected.len(), error.misfits.len()), (0, 1, 0));
    let error = error_of(|state| state.insert("count", Tensor::from([1_i64])));
    assert_eq!((error.missing.len(), error.unexpected.len(), error.misfits.len()), (0, 0, 1));
    assert_eq!(error.misfits[0].to_string(), "count is i64 [], given i64 [1]");
}

#[test]
fn entries_can_be_replaced_and_removed() {
    let mut state = StateDict::new();
    assert!(state.is_empty());
    state.insert("a", Tensor::from(1.0_f32));
    state.insert("b", Tensor::from(2.0_f32));
    state.insert("a", Tensor::from(3.0_f32));
    assert_eq!(names(&state), ["a", "b"]);
    assert_eq!(state.get("a").unwrap().item(), 3.0);
    assert_eq!(state.remove("a").unwrap().item(), 3.0);
    assert!(state.remove("a").is_none());
    assert_eq!(names(&state), ["b"]);
}

#[test]
fn a_shared_parameter_is_saved_and_loaded_under_both_names() {
    let shared = Parameter::new(Tensor::from([[1.0_f32]]));
    let layer = || Linear::from_parameters(shared.clone(), None);
    let model = Sequential::new().then(layer()).then(layer());
    let state = model.state_dict();
    assert_eq!(names(&state), ["0.weight", "1.weight"]);
    shared.set(&Tensor::from([[2.0_f32]]));
    model.load_state_dict(&state).unwrap();
    assert_eq!(shared.item(), 1.0);
}

#[test]
fn two_parts_with_one_path_are_refused_at_the_callers_line() {
    struct Copied(Linear, Linear);
    impl Module for Copied {
        fn visit(&self, parts: &mut Parts<'_>) {
            let Self(first, second) = self;
            parts.module("layer", first);
            parts.module("layer", second);
        }
    }
    let mut rng = Generator::new(0);
    let model = Copied(Linear::new(1, 1, &mut rng), Linear::new(1, 1, &mut rng));
    let state = StateDict::new();
    for caught in [catch(|| model.state_dict()), catch(|| model.load_state_dict(&state))] {
        assert_eq!(caught.message, "state_dict: two parts have one path: layer.weight");
        assert!(caught.file.ends_with("suite/state.rs"), "{}", caught.file);
    }
}
