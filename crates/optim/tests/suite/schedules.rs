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

use crate::catch::catch;
use crate::configs::{golden, numbers};

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
    let golden = golden("schedules.json");
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
    let golden = golden("schedules.json");
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
    let golden = golden("schedules.json");
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
    let golden = golden("schedules.json");
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
        assert_eq!(metrics.len(), rates.len());
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

/// Schedules with an option out of its range, and what is wrong.
fn invalid() -> Vec<(Box<dyn Schedule + Send + Sync>, &'static str)> {
    let restarts = |period, factor| CosineWarmRestarts { period, factor, lowest: 0.0 };
    let cyclic =
        |up, down| Cyclic { lowest: 0.1, highest: 0.7, up, down, cycle: Cycle::Triangular };
    vec![
        (Box::new(Step { every: 0, gamma: 0.5 }), "step: the period has no steps: 0"),
        (
            Box::new(CosineAnnealing { steps: 0, lowest: 0.0 }),
            "cosine annealing: the fall has no steps: 0",
        ),
        (Box::new(restarts(0, 1)), "cosine warm restarts: the first period has no steps: 0"),
        (Box::new(restarts(5, 0)), "cosine warm restarts: the factor of the period is zero: 0"),
        (Box::new(cyclic(0, 3)), "cyclic: the rise has no steps: 0"),
        (Box::new(cyclic(3, 0)), "cyclic: the fall has no steps: 0"),
        (Box::new(OneCycle::new(1.0, 0)), "one cycle: the cycle has no steps: 0"),
        (
            Box::new(OneCycle { rise: 1.5, ..OneCycle::new(1.0, 9) }),
            "one cycle: the part that rises is not in [0, 1]: 1.5",
        ),
    ]
}

fn refused(schedule: impl Schedule, message: &str) {
    let (line, caught) = (line!(), catch(|| schedule.rate(0.5, 0)));
    assert_eq!((caught.message.as_str(), caught.line), (message, line));
    assert!(caught.file.ends_with("suite/schedules.rs"), "{}", caught.file);
    let mut optimizer = optimizer();
    let (line, caught) = (line!(), catch(|| Scheduler::new(&mut optimizer, schedule)));
    assert_eq!((caught.message.as_str(), caught.line), (message, line));
    assert!(caught.file.ends_with("suite/schedules.rs"), "{}", caught.file);
    assert_eq!(optimizer.learning_rates(), [0.5]);
}

#[test]
fn options_out_of_range_are_refused_where_they_are_given() {
    let first = || Constant { factor: 1.0, steps: 9 };
    for (schedule, message) in invalid() {
        refused(schedule, message);
    }
    // Also where they would be met much later.
    for (schedule, message) in invalid() {
        refused(Sequential::new(first()).then(100, schedule), message);
    }
    for (schedule, message) in invalid() {
        refused(Chained(vec![Box::new(first()), schedule]), message);
    }
    let cycle = OneCycle::new(1.0, 0);
    let (line, caught) = (line!(), catch(|| cycle.momentum(0.85, 0.95, 0)));
    assert_eq!(
        (caught.message.as_str(), caught.line),
        ("one cycle: the cycle has no steps: 0", line)
    );
}

#[test]
fn options_at_the_edge_of_their_range_give_rates() {
    let edges: [Box<dyn Schedule>; 5] = [
        Box::new(OneCycle { rise: 0.1, ..OneCycle::new(1.0, 10) }),
        Box::new(OneCycle { rise: 1.0, ..OneCycle::new(1.0, 1) }),
        Box::new(OneCycle { rise: 0.0, three_phase: true, ..OneCycle::new(1.0, 2) }),
        Box::new(CosineWarmRestarts { period: 2, factor: u64::MAX, lowest: 0.0 }),
        Box::new(Linear { start: 0.1, end: 1.0, steps: 0 }),
    ];
    for (i, schedule) in edges.iter().enumerate() {
        for step in [0, 1, 2, 9, 10, 11, u64::MAX] {
            let rate = schedule.rate(0.5, step);
            assert!((0.0..=1.0).contains(&rate), "{i}, step {step}: {rate}");
        }
    }
}
