//! The learning rates of PyTorch's schedulers over 200 steps; `tools/schedules_golden.py` has the
//! options.

use optim::schedule::{
    Chained, Constant, CosineAnnealing, CosineWarmRestarts, Cycle, Cyclic, Exponential, Lambda,
    Linear, MultiStep, OneCycle, Phase, PlateauConfig, Polynomial, ReduceOnPlateau, Schedule,
    Scheduler, Sequential, Step,
};
use optim::{Optimizer, SGD};
use serde_json::Value as Json;
use tensor::{Parameter, Tensor};

fn golden() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schedules.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn optimizer() -> SGD {
    SGD::new([Parameter::new(Tensor::from(0.0_f32))], 0.5)
}

/// PyTorch updates most rates recursively, so that its roundings add up.
#[track_caller]
fn assert_close(name: &str, step: usize, ours: f64, theirs: f64) {
    assert!(
        (ours - theirs).abs() <= 1e-12 + 1e-10 * theirs.abs(),
        "{name}, step {step}: {ours}, not {theirs}"
    );
}

fn check(golden: &Json, name: &str, schedule: impl Schedule) {
    let theirs = numbers(&golden[name]);
    assert_eq!(theirs.len(), 201);
    let mut optimizer = optimizer();
    let mut scheduler = Scheduler::new(&mut optimizer, schedule);
    for (step, theirs) in theirs.into_iter().enumerate() {
        assert_close(name, step, optimizer.learning_rates()[0], theirs);
        scheduler.step(&mut optimizer);
    }
}

#[test]
fn factors() {
    let golden = golden();
    check(&golden, "step", Step { every: 30, gamma: 0.3 });
    check(&golden, "multi_step", MultiStep { milestones: vec![20, 80, 80, 150], gamma: 0.4 });
    check(&golden, "exponential", Exponential { gamma: 0.98 });
    check(&golden, "constant", Constant { factor: 0.25, steps: 40 });
    check(&golden, "linear", Linear { start: 0.2, end: 0.9, steps: 70 });
    check(&golden, "polynomial", Polynomial { steps: 150, power: 1.7 });
    check(&golden, "lambda", Lambda(|step| 1.0 / (1.0 + 0.1 * step as f64)));
}

#[test]
fn cycles() {
    let golden = golden();
    check(&golden, "cosine", CosineAnnealing { steps: 60, lowest: 0.01 });
    check(&golden, "restarts", CosineWarmRestarts { period: 25, factor: 1, lowest: 0.02 });
    check(&golden, "longer_restarts", CosineWarmRestarts { period: 10, factor: 2, lowest: 0.0 });
    check(&golden, "one_cycle", OneCycle::new(2.0, 201));
    let linear = OneCycle {
        rise: 0.25,
        phase: Phase::Linear,
        divisor: 10.0,
        final_divisor: 100.0,
        three_phase: true,
        ..OneCycle::new(1.5, 201)
    };
    check(&golden, "one_cycle_linear", linear);
    let cyclic = |up, down, cycle| Cyclic { lowest: 0.1, highest: 0.7, up, down, cycle };
    check(&golden, "cyclic", cyclic(20, 35, Cycle::Triangular));
    check(&golden, "cyclic_halved", cyclic(25, 25, Cycle::Halved));
    check(&golden, "cyclic_exponential", cyclic(15, 15, Cycle::Exponential(0.99)));
}

#[test]
fn combinations() {
    let golden = golden();
    let warm_up = || Linear::warm_up(0.1, 20);
    let chained = Chained(vec![Box::new(warm_up()), Box::new(Exponential { gamma: 0.97 })]);
    check(&golden, "chained", chained);
    let sequential = Sequential::new(warm_up())
        .then(20, CosineAnnealing { steps: 100, lowest: 0.05 })
        .then(120, Exponential { gamma: 0.9 });
    check(&golden, "sequential", sequential);
}

#[test]
fn plateaus() {
    let golden = golden();
    let config = PlateauConfig { factor: 0.5, patience: 5, ..PlateauConfig::default() };
    let absolute = PlateauConfig {
        maximize: true,
        factor: 0.6,
        patience: 3,
        threshold: 0.02,
        absolute: true,
        cooldown: 4,
        lowest: 0.03,
        ..PlateauConfig::default()
    };
    for (name, config) in [("plateau", config), ("plateau_absolute", absolute)] {
        let (metrics, rates) = (numbers(&golden[name]["metrics"]), numbers(&golden[name]["rates"]));
        let mut optimizer = optimizer();
        let mut plateau = ReduceOnPlateau::new(config);
        for (step, (metric, theirs)) in metrics.into_iter().zip(rates).enumerate() {
            plateau.step(metric, &mut optimizer);
            assert_close(name, step, optimizer.learning_rates()[0], theirs);
        }
        assert!(optimizer.learning_rates()[0] < 0.5, "{name}: it fell");
    }
}

#[test]
fn a_scheduler_resumes_from_its_number_of_steps() {
    let (mut a, mut b) = (optimizer(), optimizer());
    let schedule = Sequential::new(Linear::warm_up(0.1, 5)).then(5, Exponential { gamma: 0.5 });
    let mut first = Scheduler::new(&mut a, schedule);
    (0..9).for_each(|_| first.step(&mut a));
    let schedule = Sequential::new(Linear::warm_up(0.1, 5)).then(5, Exponential { gamma: 0.5 });
    Scheduler::new(&mut b, schedule).go_to(first.steps(), &mut b);
    assert_eq!(a.learning_rates(), b.learning_rates());
}
