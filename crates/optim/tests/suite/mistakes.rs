//! What a caller can do wrong: the message, the caller's own line, and nothing has changed.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;

use optim::{
    AdadeltaConfig, AdafactorConfig, AdamConfig, AdamW, Descent, LBFGS, LbfgsConfig, Method,
    Optimizer, RMSpropConfig, RpropConfig, SGD, SgdConfig,
};
use tensor::{Parameter, Tensor};

use crate::catch::{Caught, catch};

fn parameter() -> Parameter {
    Parameter::new(Tensor::from([1.0_f32, 2.0]))
}

#[track_caller]
fn assert_blamed_here(caught: &Caught, message: &str) {
    assert_eq!(caught.message, message);
    let Caught { file, line, .. } = caught;
    assert!(file.ends_with("suite/mistakes.rs"), "{file}:{line}");
}

#[test]
fn an_optimizer_needs_parameters() {
    let (line, caught) = (line!(), catch(|| SGD::new([], 0.1)));
    assert_blamed_here(&caught, "sgd: there are no parameters");
    assert_eq!(caught.line, line);
    let caught = catch(|| SGD::with([], SgdConfig::default()));
    assert_blamed_here(&caught, "sgd: there are no parameters");
}

#[test]
fn a_group_needs_parameters() {
    let mut optimizer = SGD::new([parameter()], 0.1);
    let (line, caught) = (line!(), catch(|| optimizer.add_group([], SgdConfig::default())));
    assert_blamed_here(&caught, "sgd: there are no parameters");
    assert_eq!(caught.line, line);
}

#[test]
fn the_same_parameter_twice_is_refused() {
    let (w, other) = (parameter(), Parameter::new(Tensor::from([3.0_f32])));
    let message = "sgd: a parameter is given twice: parameter 2 of those given, of shape [2]";
    let given = [w.clone(), other.clone(), w.clone()];
    assert_blamed_here(&catch(|| SGD::new(given, 0.1)), message);

    let mut optimizer = SGD::new([w.clone()], 0.1);
    let message = "sgd: a parameter is given twice: parameter 1 of those given, of shape [2]";
    let caught = catch(|| optimizer.add_group([other.clone(), w], SgdConfig::default()));
    assert_blamed_here(&caught, message);

    // Equal values are not the same parameter.
    optimizer.add_group([other, parameter()], SgdConfig::default());
    assert_eq!(optimizer.parameters().len(), 3);
}

/// Configurations that are out of range, with their messages.
fn invalid() -> Vec<(SgdConfig, &'static str)> {
    let default = SgdConfig::default;
    let nesterov =
        |momentum, dampening| SgdConfig { nesterov: true, momentum, dampening, ..default() };
    let start = SgdConfig { lr: -0.1, ..default() };
    vec![
        (start, "sgd: the learning rate is negative or NaN: -0.1"),
        (SgdConfig { momentum: -0.9, ..default() }, "sgd: the momentum is negative or NaN: -0.9"),
        (
            SgdConfig { weight_decay: -1.0, ..default() },
            "sgd: the weight decay is negative or NaN: -1",
        ),
        (
            nesterov(0.0, 0.0),
            "sgd: Nesterov's method needs momentum and no dampening: momentum 0, dampening 0",
        ),
        (
            nesterov(0.9, 0.5),
            "sgd: Nesterov's method needs momentum and no dampening: momentum 0.9, dampening 0.5",
        ),
    ]
}

#[test]
fn hyperparameters_out_of_range_are_refused() {
    for (config, message) in invalid() {
        let caught = catch(|| SGD::with([parameter()], config.clone()));
        assert_blamed_here(&caught, message);
        let mut optimizer = SGD::new([parameter()], 0.1);
        let caught = catch(|| optimizer.add_group([parameter()], config));
        assert_blamed_here(&caught, message);
    }
    let caught = catch(|| SGD::new([parameter()], -1.0));
    assert_blamed_here(&caught, "sgd: the learning rate is negative or NaN: -1");
}

#[test]
fn hyperparameters_that_are_no_numbers_are_refused() {
    let nan = f64::NAN;
    let default = SgdConfig::default;
    let configs = [
        SgdConfig { lr: nan, ..default() },
        SgdConfig { momentum: nan, ..default() },
        SgdConfig { dampening: nan, ..default() },
        SgdConfig { weight_decay: nan, ..default() },
    ];
    for config in configs {
        let caught = catch(|| SGD::with([parameter()], config.clone()));
        assert!(caught.message.contains("NaN"), "{config:?}: {}", caught.message);
    }
}

#[test]
fn a_group_that_was_refused_is_not_there() {
    let w = parameter();
    let mut optimizer = SGD::new([w.clone()], 0.5);
    let new = parameter();
    catch(|| optimizer.add_group([new.clone(), w.clone()], SgdConfig::default()));
    catch(|| optimizer.add_group([new.clone(), new.clone()], SgdConfig::default()));
    for (config, _) in invalid() {
        catch(|| optimizer.add_group([new.clone()], config));
    }
    assert_eq!(optimizer.groups().iter().count(), 1);
    assert_eq!(optimizer.parameters().len(), 1);
    (w.tensor() + new.tensor()).sum().backward();
    optimizer.step();
    assert_eq!(w.tensor().to_vec::<f32>(), [0.5, 1.5]);
    assert_eq!(new.tensor().to_vec::<f32>(), [1.0, 2.0]);
    optimizer.add_group([new.clone()], SgdConfig::default());
    assert_eq!(optimizer.parameters().len(), 2);
}

#[test]
fn a_step_with_hyperparameters_out_of_range_moves_nothing() {
    for (config, message) in invalid() {
        let [first, second] = [parameter(), parameter()];
        let mut optimizer = SGD::new([first.clone()], 0.5);
        optimizer.add_group([second.clone()], SgdConfig::default());
        (&first * &second).sum().backward();
        let good = optimizer.groups().iter().nth(1).unwrap().config.clone();
        let set = |optimizer: &mut SGD, config| {
            optimizer.groups_mut().iter_mut().nth(1).unwrap().config = config;
        };
        set(&mut optimizer, config);
        let (line, caught) = (line!(), catch(|| optimizer.step()));
        assert_blamed_here(&caught, message);
        assert_eq!(caught.line, line);
        let behind_the_trait: &mut dyn Optimizer = &mut optimizer;
        assert_blamed_here(&catch(|| behind_the_trait.step()), message);
        for parameter in [&first, &second] {
            assert_eq!(parameter.tensor().to_vec::<f32>(), [1.0, 2.0]);
        }
        set(&mut optimizer, good);
        optimizer.step();
        assert_eq!(first.tensor().to_vec::<f32>(), [0.5, 1.0]);
    }
}

#[track_caller]
fn refused<M: Method>(config: M, message: &str) {
    assert_eq!(catch(|| Descent::with([parameter()], config)).message, message);
}

#[test]
fn every_method_names_what_is_out_of_range() {
    let adam = AdamConfig { betas: (0.9, 1.0), ..AdamConfig::default() };
    refused(adam, "adam: the second beta is not in [0, 1): 1");
    let adam = AdamConfig { eps: f64::NAN, ..AdamConfig::default() };
    refused(adam, "adam: the epsilon is negative or NaN: NaN");
    let adadelta = AdadeltaConfig { rho: -0.1, ..AdadeltaConfig::default() };
    refused(adadelta, "adadelta: the rho is not in [0, 1): -0.1");
    let rprop = RpropConfig { etas: (1.1, 1.2), ..RpropConfig::default() };
    refused(rprop, "rprop: the etas are not 0 < smaller < 1 < larger: 1.1, 1.2");
    let adafactor = AdafactorConfig { clip: 0.5, ..AdafactorConfig::default() };
    refused(adafactor, "adafactor: the clipping size is below one: 0.5");
}

#[test]
fn rates_come_one_for_each_group() {
    let mut optimizer = AdamW::new([parameter()], 0.1);
    let caught = catch(AssertUnwindSafe(|| optimizer.set_learning_rates(&[0.1, 0.2])));
    assert_blamed_here(&caught, "adamw: 2 learning rates for 1 groups");
}

/// What `RMSprop` remembers with these options.
fn remembered(config: &RMSpropConfig) -> Vec<&'static str> {
    let [momentum, centered] = [config.momentum > 0.0, config.centered];
    let names = [("square_avg", true), ("momentum_buffer", momentum), ("grad_avg", centered)];
    names.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
}

fn switched(from: &RMSpropConfig, to: &RMSpropConfig) {
    let (had, has) = (remembered(from), remembered(to));
    // The first parameter has no state yet, so that it would move before the other is met.
    let (new, old) = (parameter(), parameter());
    let mut optimizer = Descent::with([new.clone(), old.clone()], from.clone());
    old.set_grad(Some(Tensor::from([1.0_f32, 1.0])));
    optimizer.step();
    new.set_grad(old.grad());
    let before = [new.tensor(), old.tensor()].map(|w| w.to_vec::<f32>());
    for group in optimizer.groups_mut() {
        group.config = to.clone();
    }
    let state = optimizer.state_dict();
    let is_saved = |name: &&str| state.get(&format!("state.1.{name}")).is_some();
    assert!(had.iter().all(is_saved), "under its own name");
    let (line, caught) = (line!(), catch(AssertUnwindSafe(|| optimizer.step())));
    let message = format!(
        "rmsprop: momentum and centring cannot be switched on or off after the first step: a \
         parameter's state is {had:?}, not {has:?}"
    );
    assert_blamed_here(&caught, &message);
    assert_eq!(caught.line, line);
    assert_eq!([new.tensor(), old.tensor()].map(|w| w.to_vec::<f32>()), before);
    // One that does not move does not matter.
    old.zero_grad();
    optimizer.step();
    assert_ne!(new.tensor().to_vec::<f32>(), before[0]);
}

#[test]
fn state_is_not_mixed_up_when_options_change_between_steps() {
    let of = |momentum, centered| RMSpropConfig { momentum, centered, ..RMSpropConfig::default() };
    let configs = [of(0.0, false), of(0.9, false), of(0.0, true), of(0.9, true)];
    for from in &configs {
        for to in configs.iter().filter(|to| *to != from) {
            switched(from, to);
        }
    }
}

#[test]
fn lbfgs_needs_parameters_of_one_dtype() {
    let caught = catch(|| LBFGS::new([], 1.0));
    assert_blamed_here(&caught, "lbfgs: there are no parameters");
    let double = Parameter::new(Tensor::from([1.0_f64]));
    let caught = catch(|| LBFGS::new([parameter(), double], 1.0));
    assert_blamed_here(&caught, "lbfgs: dtypes differ: f32 and f64");
    let w = parameter();
    let caught = catch(|| LBFGS::new([w.clone(), w], 1.0));
    assert_blamed_here(
        &caught,
        "lbfgs: a parameter is given twice: parameter 1 of those given, of shape [2]",
    );
}

/// An objective that panics at its evaluation number `at`.
fn fragile(w: &Parameter, evaluations: &Cell<usize>, at: usize) -> Tensor {
    evaluations.set(evaluations.get() + 1);
    assert!(evaluations.get() != at, "the objective's own panic");
    (w.tensor() - 5.0).square().square().sum()
}

#[test]
fn lbfgs_goes_back_if_the_objective_panics() {
    let state = |optimizer: &LBFGS| -> Vec<(String, Vec<u8>)> {
        let state = optimizer.state_dict();
        state.iter().map(|(name, value)| (name.to_owned(), value.to_le_bytes())).collect()
    };
    for line_search in [false, true] {
        for at in 1..5 {
            let [w, twin] = [parameter(), parameter()];
            let config = LbfgsConfig { line_search, max_iterations: 5, ..LbfgsConfig::default() };
            let mut optimizer = LBFGS::with([w.clone()], config.clone());
            let mut undisturbed = LBFGS::with([twin.clone()], config);
            let never = || fragile(&w, &Cell::new(0), 0);
            optimizer.step(never);
            undisturbed.step(|| fragile(&twin, &Cell::new(0), 0));
            let (before, value) = (state(&optimizer), w.tensor().to_vec::<f32>());
            let evaluations = Cell::new(0);
            let caught = catch(AssertUnwindSafe(|| {
                optimizer.step(|| fragile(&w, &evaluations, at));
            }));
            assert_eq!(
                (caught.message.as_str(), evaluations.get()),
                ("the objective's own panic", at)
            );
            assert_eq!(w.tensor().to_vec::<f32>(), value, "{line_search}, {at}");
            assert_eq!(state(&optimizer), before);
            // It goes on as if nothing had happened.
            optimizer.step(never);
            undisturbed.step(|| fragile(&twin, &Cell::new(0), 0));
            assert_eq!(w.tensor().to_vec::<f32>(), twin.tensor().to_vec::<f32>());
        }
    }
}
