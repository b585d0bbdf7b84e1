//! States: a training that is resumed goes on bit for bit, and what does not fit changes nothing.

use optim::schedule::{Exponential, PlateauConfig, ReduceOnPlateau, Scheduler};
use optim::{
    ASGDConfig, AdadeltaConfig, AdafactorConfig, AdagradConfig, Adam, AdamConfig, AdamWConfig,
    AdamaxConfig, Average, Averaging, Descent, LBFGS, LbfgsConfig, LoadError, Method, MuonConfig,
    MuonScale, NAdamConfig, Optimizer, RAdamConfig, RMSpropConfig, RpropConfig, SGD, SgdConfig,
    StateDict,
};
use tensor::{DType, Generator, Parameter, Tensor};

/// Two matrices, and a vector unless the method wants none.
fn parameters(with_vector: bool) -> Vec<Parameter> {
    let mut rng = Generator::new(3);
    let mut values =
        vec![rng.normal(&[3, 4], 0.0, 1.0, DType::F32), rng.normal(&[4, 2], 0.0, 1.0, DType::F64)];
    if with_vector {
        values.push(rng.normal(&[5], 0.0, 1.0, DType::F32));
    }
    values.into_iter().map(Parameter::new).collect()
}

/// Steps with gradients that depend on the parameters; the last parameter often has none.
fn train(optimizer: &mut impl Optimizer, steps: std::ops::Range<usize>) {
    for step in steps {
        let parameters = optimizer.parameters();
        optimizer.zero_grad();
        for (position, parameter) in parameters.iter().enumerate() {
            if position + 1 < parameters.len() || step % 3 == 0 {
                (parameter.tensor().sin() * (step as f64 + 1.0)).sum().backward();
            }
        }
        optimizer.step();
    }
}

fn values(parameters: &[Parameter]) -> Vec<Vec<u64>> {
    let bits = |p: &Parameter| p.tensor().detach().to_dtype(DType::F64).to_vec::<f64>();
    parameters.iter().map(|p| bits(p).into_iter().map(f64::to_bits).collect()).collect()
}

fn assert_same(a: &StateDict, b: &StateDict) {
    assert!(a.names().eq(b.names()));
    for ((name, x), (_, y)) in a.iter().zip(b.iter()) {
        assert!(x.dtype() == y.dtype() && x.shape() == y.shape() && x.equal(y), "{name}: {x} {y}");
    }
}

/// New parameters with the values of these.
fn copies(parameters: &[Parameter]) -> Vec<Parameter> {
    parameters.iter().map(|p| Parameter::new(p.tensor().detach())).collect()
}

fn resumes<M: Method>(config: &M) {
    let parameters = parameters(M::NAME != "muon");
    let mut optimizer = Descent::with(parameters[1..].to_vec(), config.clone());
    let mut other = config.clone();
    other.set_lr(config.lr() / 2.0);
    optimizer.add_group(parameters[..1].to_vec(), other);
    for before in [0, 1, 5] {
        let start = values(&parameters);
        train(&mut optimizer, 0..before);
        let state = optimizer.state_dict();
        let again = copies(&optimizer.parameters());
        train(&mut optimizer, before..before + 4);

        let (last, first) = (again.len() - 1, &again[..again.len() - 1]);
        let mut resumed = Descent::<M>::new(first.to_vec(), 0.125);
        resumed.add_group(again[last..].to_vec(), M::with_lr(0.25));
        resumed.load_state_dict(&state).unwrap_or_else(|error| panic!("{}: {error}", M::NAME));
        assert_same(&resumed.state_dict(), &state);
        train(&mut resumed, before..before + 4);
        assert_ne!(values(&parameters), start, "{}", M::NAME);
        assert_eq!(values(&again), values(&optimizer.parameters()), "{} {before}", M::NAME);
        assert_same(&resumed.state_dict(), &optimizer.state_dict());
    }
}

#[test]
fn every_method_resumes_bit_for_bit() {
    resumes(&SgdConfig { lr: 0.1, ..SgdConfig::default() });
    resumes(&SgdConfig { lr: 0.1, momentum: 0.9, nesterov: true, ..SgdConfig::default() });
    resumes(&AdamConfig { weight_decay: 0.1, ..AdamConfig::default() });
    resumes(&AdamConfig { amsgrad: true, maximize: true, ..AdamConfig::default() });
    resumes(&AdamWConfig { betas: (0.8, 0.99), ..AdamWConfig::default() });
    resumes(&AdamWConfig { amsgrad: true, ..AdamWConfig::default() });
    resumes(&NAdamConfig::default());
    resumes(&RAdamConfig { decoupled_weight_decay: true, ..RAdamConfig::default() });
    resumes(&AdamaxConfig::default());
    resumes(&AdagradConfig { initial_accumulator_value: 0.5, ..AdagradConfig::default() });
    resumes(&AdadeltaConfig::default());
    resumes(&ASGDConfig { t0: 2.0, ..ASGDConfig::default() });
    resumes(&RpropConfig::default());
    for (momentum, centered) in [(0.0, false), (0.9, false), (0.0, true), (0.9, true)] {
        resumes(&RMSpropConfig { momentum, centered, ..RMSpropConfig::default() });
    }
    resumes(&AdafactorConfig { eps1: Some(1e-8), ..AdafactorConfig::default() });
    resumes(&AdafactorConfig::default());
    resumes(&MuonConfig { scale: MuonScale::Spectral, iterations: 3, ..MuonConfig::default() });
}

#[test]
fn names_are_those_of_pytorch() {
    let mut adam = Adam::new(parameters(true), 0.1);
    train(&mut adam, 0..1);
    let names: Vec<String> = adam.state_dict().names().map(str::to_owned).collect();
    assert_eq!(names[..3], ["param_groups.0.lr", "param_groups.0.betas", "param_groups.0.eps"]);
    assert_eq!(
        names[6..10],
        ["param_groups.0.params", "state.0.step", "state.0.exp_avg", "state.0.exp_avg_sq",]
    );
}

#[test]
fn a_switch_between_steps_is_resumed() {
    let w = parameters(true);
    let mut adam = Adam::with(w.clone(), AdamConfig { amsgrad: true, ..AdamConfig::default() });
    train(&mut adam, 0..2);
    adam.groups_mut().iter_mut().for_each(|group| group.config.amsgrad = false);
    let again = copies(&w);
    let mut resumed = Adam::new(again.clone(), 1.0);
    resumed.load_state_dict(&adam.state_dict()).unwrap();
    for optimizer in [&mut adam, &mut resumed] {
        train(optimizer, 2..3);
        optimizer.groups_mut().iter_mut().for_each(|group| group.config.amsgrad = true);
        train(optimizer, 3..5);
    }
    assert_eq!(values(&w), values(&again));
}

fn trained_adam() -> (Adam, StateDict) {
    let mut adam = Adam::new(parameters(true), 0.1);
    train(&mut adam, 0..2);
    let state = adam.state_dict();
    (adam, state)
}

/// The error that a change of a fitting state leads to; nothing has changed by it.
fn error_of(change: impl FnOnce(&mut StateDict)) -> LoadError {
    let (mut adam, mut state) = trained_adam();
    let before = adam.state_dict();
    state.insert_value("param_groups.0.lr", &0.75);
    change(&mut state);
    let error = adam.load_state_dict(&state).unwrap_err();
    assert_same(&adam.state_dict(), &before);
    error
}

#[test]
fn everything_that_does_not_fit_is_listed_at_once() {
    let error = error_of(|state| {
        state.remove("state.1.exp_avg");
        state.insert("state.7.step", Tensor::from(1_i64));
        state.insert("state.0.exp_avg", Tensor::zeros(&[3, 4], DType::F64));
        state.insert_value("param_groups.0.betas", &(0.9, 1.5));
        state.insert_value("state.2.step", &-1_i64);
    });
    assert_eq!(
        error.to_string(),
        "load_state_dict: the entries do not fit: missing [\"state.1.exp_avg\"], unexpected \
         [\"state.7.step\"], of another type [state.0.exp_avg is f32 [3, 4], given f64 [3, 4]], \
         invalid [param_groups.0: adam: the second beta is not in [0, 1): 1.5; state.2.step: a \
         negative count: -1]"
    );
}

#[test]
fn the_state_of_other_groups_is_refused() {
    let (adam, state) = trained_adam();
    let parameters = adam.parameters();
    let mut split = Adam::new(parameters[..1].to_vec(), 0.1);
    split.add_group(parameters[1..].to_vec(), AdamConfig::default());
    let error = split.load_state_dict(&state).unwrap_err();
    assert!(error.missing.contains(&"param_groups.1.lr".to_owned()), "{error}");
    assert_eq!(error.misfits[0].name, "param_groups.0.params");
    let error =
        error_of(|state| state.insert("param_groups.0.params", Tensor::from([0_i64, 2, 1])));
    assert_eq!(error.invalid[0].name, "param_groups.0.params");
    let mut sgd = SGD::new(parameters, 0.1);
    assert!(sgd.load_state_dict(&state).unwrap_err().unexpected.len() > 5);
    assert!(error_of(|state| *state = StateDict::new()).missing.len() > 5);
    let error = error_of(|state| state.insert_value("state.0.step", &0_i64));
    assert_eq!(error.invalid[0].problem, "a state before the first step");
}

#[test]
fn lbfgs_resumes_bit_for_bit() {
    for line_search in [false, true] {
        let config = LbfgsConfig { lr: 0.05, line_search, max_iterations: 3, ..Default::default() };
        let objective = |p: &Parameter| {
            let (x, y) = (p.tensor().select(0, 0), p.tensor().select(0, 1));
            (1.0 - &x).square() + 100.0 * (y - x.square()).square()
        };
        let p = Parameter::new(Tensor::from([-1.5_f64, 2.0]));
        let mut optimizer = LBFGS::with([p.clone()], config);
        for _ in 0..3 {
            let again = copies(std::slice::from_ref(&p));
            let mut resumed = LBFGS::new(again.clone(), 1.0);
            let state = optimizer.state_dict();
            resumed.load_state_dict(&state).unwrap();
            assert_same(&resumed.state_dict(), &state);
            assert_eq!(optimizer.step(|| objective(&p)), resumed.step(|| objective(&again[0])));
            assert_eq!(values(&again), values(std::slice::from_ref(&p)));
            assert_same(&resumed.state_dict(), &optimizer.state_dict());
        }
        let mut state = optimizer.state_dict();
        assert!(state.get("memory.1.s").is_some());
        state.insert("memory.0.s", Tensor::from([1.0_f64]));
        state.insert_value("config.history", &1_usize);
        let error = optimizer.load_state_dict(&state).unwrap_err();
        assert_eq!(error.misfits[0].name, "memory.0.s");
        assert!(error.invalid[0].problem.starts_with("more changes"), "{error}");
    }
}

#[test]
fn schedulers_resume() {
    let mut optimizer = SGD::new(parameters(true), 0.5);
    let mut scheduler = Scheduler::new(&mut optimizer, Exponential { gamma: 0.5 });
    scheduler.step(&mut optimizer);
    let mut other = SGD::new(parameters(true), 8.0);
    let mut resumed = Scheduler::new(&mut other, Exponential { gamma: 0.5 });
    resumed.load_state_dict(&scheduler.state_dict()).unwrap();
    resumed.step(&mut other);
    assert_eq!((resumed.steps(), other.learning_rates()), (2, vec![0.125]));
    let mut state = scheduler.state_dict();
    state.insert("initial_lrs", Tensor::from([1.0_f64, 2.0]));
    assert_eq!(resumed.load_state_dict(&state).unwrap_err().misfits.len(), 1);
    assert_eq!(resumed.steps(), 2);
}

#[test]
fn a_plateau_resumes() {
    let config = PlateauConfig { patience: 2, cooldown: 2, factor: 0.5, ..Default::default() };
    let metrics = [3.0, 2.0, 2.0, 2.0, 2.5, 2.5, f64::NAN, 2.0, 2.0, 2.0, 1.0, 2.0, 2.0, 2.0];
    let mut optimizer = SGD::new(parameters(true), 1.0);
    let mut plateau = ReduceOnPlateau::new(config.clone());
    for metric in metrics {
        let mut resumed = ReduceOnPlateau::new(config.clone());
        resumed.load_state_dict(&plateau.state_dict()).unwrap();
        plateau = resumed;
        plateau.step(metric, &mut optimizer);
    }
    let mut alone = SGD::new(parameters(true), 1.0);
    let mut plateau = ReduceOnPlateau::new(config);
    for metric in metrics {
        plateau.step(metric, &mut alone);
    }
    assert_eq!(optimizer.learning_rates(), alone.learning_rates());
    assert!(alone.learning_rates()[0] < 0.5);
}

#[test]
fn averages_resume_also_while_they_are_swapped() {
    for averaging in [Averaging::Equal, Averaging::Exponential(0.9)] {
        let w = parameters(true);
        let mut average = Average::new(w.clone(), averaging);
        for swapped in [false, true] {
            average.update();
            if swapped {
                average.swap();
            }
            let again = copies(&w);
            let mut resumed = Average::new(again.clone(), averaging);
            resumed.load_state_dict(&average.state_dict()).unwrap();
            for (average, parameters) in [(&mut average, &w), (&mut resumed, &again)] {
                if swapped {
                    average.swap();
                }
                for parameter in parameters {
                    parameter.update(|w| w * 1.5);
                }
                average.update();
            }
            assert_same(&resumed.state_dict(), &average.state_dict());
            assert_eq!(values(&w), values(&again));
        }
        let mut state = average.state_dict();
        state.remove("values.1");
        assert_eq!(average.load_state_dict(&state).unwrap_err().missing, ["values.1"]);
    }
}
