//! Optimisers from the options that a golden file has, by PyTorch's names.

use optim::{
    ASGDConfig, AdadeltaConfig, AdafactorConfig, AdagradConfig, AdamConfig, AdamWConfig,
    AdamaxConfig, Descent, LbfgsConfig, Method, MuonConfig, MuonScale, NAdamConfig, Optimizer,
    RAdamConfig, RMSpropConfig, RpropConfig, SgdConfig, StateDict,
};
use serde_json::Value as Json;
use tensor::{Parameter, StateReader};

/// The numbers of a list.
pub(crate) fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

pub(crate) fn golden(name: &str) -> Json {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The defaults with these options, whose names are the fields'; another name is refused.
pub(crate) fn config<M: Method + Default>(options: &Json) -> M {
    let mut config = M::default();
    let mut state = StateDict::new();
    config.hyperparameters().into_iter().for_each(|(name, field)| state.insert(name, field.save()));
    for (name, value) in options.as_object().unwrap() {
        assert!(state.get(name).is_some(), "an option that is not ours: {name}");
        match value {
            Json::Bool(truth) => state.insert_value(name, truth),
            Json::Array(_) => {
                let [a, b] = numbers(value)[..] else { panic!("a pair: {value}") };
                state.insert_value(name, &(a, b));
            }
            _ => state.insert_value(name, &value.as_f64().unwrap()),
        }
    }
    let mut reader = StateReader::new(&state);
    for (name, field) in config.hyperparameters() {
        field.load(name, &mut reader);
    }
    reader.finish().unwrap();
    config
}

/// The optimiser of a run.
pub(crate) fn optimizer(run: &Json, parameters: &[Parameter]) -> Box<dyn Optimizer> {
    fn with<M: Method + 'static>(parameters: &[Parameter], config: M) -> Box<dyn Optimizer> {
        Box::new(Descent::with(parameters.to_vec(), config))
    }
    let options = &run["options"];
    match run["method"].as_str().unwrap() {
        "SGD" => with(parameters, config::<SgdConfig>(options)),
        "Adam" => with(parameters, config::<AdamConfig>(options)),
        "AdamW" => with(parameters, config::<AdamWConfig>(options)),
        "NAdam" => with(parameters, config::<NAdamConfig>(options)),
        "RAdam" => with(parameters, config::<RAdamConfig>(options)),
        "Adamax" => with(parameters, config::<AdamaxConfig>(options)),
        "Adagrad" => with(parameters, config::<AdagradConfig>(options)),
        "Adadelta" => with(parameters, config::<AdadeltaConfig>(options)),
        "RMSprop" => with(parameters, config::<RMSpropConfig>(options)),
        "Rprop" => with(parameters, config::<RpropConfig>(options)),
        "ASGD" => with(parameters, config::<ASGDConfig>(options)),
        "Adafactor" => with(parameters, adafactor(options)),
        "Muon" => with(parameters, muon(options)),
        other => panic!("a method that is not ours: {other}"),
    }
}

/// Options by name.
fn each(options: &Json) -> impl Iterator<Item = (&str, &Json)> {
    options.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value))
}

fn adafactor(options: &Json) -> AdafactorConfig {
    let mut config = AdafactorConfig::default();
    for (name, value) in each(options) {
        match name {
            "lr" => config.lr = value.as_f64().unwrap(),
            "weight_decay" => config.weight_decay = value.as_f64().unwrap(),
            "beta2_decay" => config.beta2_decay = value.as_f64().unwrap(),
            "d" => config.clip = value.as_f64().unwrap(),
            "eps" => {
                (config.eps1, config.eps2) = (value[0].as_f64(), value[1].as_f64().unwrap());
            }
            "maximize" => config.maximize = value.as_bool().unwrap(),
            _ => panic!("an option that is not ours: {name}"),
        }
    }
    config
}

fn muon(options: &Json) -> MuonConfig {
    let mut config = MuonConfig::default();
    for (name, value) in each(options) {
        match name {
            "lr" => config.lr = value.as_f64().unwrap(),
            "weight_decay" => config.weight_decay = value.as_f64().unwrap(),
            "momentum" => config.momentum = value.as_f64().unwrap(),
            "nesterov" => config.nesterov = value.as_bool().unwrap(),
            "ns_steps" => config.iterations = value.as_u64().unwrap() as usize,
            "ns_coefficients" => {
                let [a, b, c] = numbers(value)[..] else { panic!("three numbers: {value}") };
                config.coefficients = (a, b, c);
            }
            "adjust_lr_fn" => {
                config.scale = match value.as_str().unwrap() {
                    "match_rms_adamw" => MuonScale::MatchAdamW,
                    "spectral_unclamped" => MuonScale::Spectral,
                    other => panic!("a scale that is not ours: {other}"),
                }
            }
            _ => panic!("an option that is not ours: {name}"),
        }
    }
    config
}

pub(crate) fn lbfgs(options: &Json) -> LbfgsConfig {
    let mut config = LbfgsConfig::default();
    for (name, value) in each(options) {
        match name {
            "lr" => config.lr = value.as_f64().unwrap(),
            "max_iter" => config.max_iterations = value.as_u64().unwrap() as usize,
            "history_size" => config.history = value.as_u64().unwrap() as usize,
            "tolerance_grad" => config.tolerance_grad = value.as_f64().unwrap(),
            "line_search_fn" => config.line_search = value == "strong_wolfe",
            "maximize" => config.maximize = value.as_bool().unwrap(),
            _ => panic!("an option that is not ours: {name}"),
        }
    }
    config
}
