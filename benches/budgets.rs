//! The budgets of the engine and of small training steps, against the same work by hand.
//!
//! Absolute times drift with the machine, so all workloads run in interleaved rounds and the 20th
//! percentile of each is printed, beside the ratio to the plain Rust of the same round.
//! `cargo bench --bench budgets`; `-- PART` runs the workloads with this part in their names, `--test`
//! runs each once.

mod workloads;

use std::hint::black_box;
use std::time::Instant;

use workloads::{chain, layers, perceptron, steps};

struct Workload {
    name: &'static str,
    /// Nanoseconds for each unit.
    budget: f64,
    /// How many units one run does: operations of a chain, or one step.
    units: usize,
    runs: usize,
    run: Box<dyn FnMut()>,
    by_hand: Box<dyn FnMut()>,
}

/// A closure whose result is not optimised away.
fn used<T: 'static>(mut f: impl FnMut() -> T + 'static) -> Box<dyn FnMut()> {
    Box::new(move || {
        black_box(f());
    })
}

fn chains() -> Vec<Workload> {
    let chain = |name, budget, run: fn(usize) -> f64| Workload {
        name,
        budget,
        units: 10_000,
        runs: 1,
        run: used(move || run(10_000)),
        by_hand: used(|| chain::by_hand(10_000)),
    };
    vec![
        chain("f64 chain of 10,000 on the engine, per node", 120.0, chain::on_the_engine),
        chain("chain of 10,000 0-d products, per operation", 250.0, chain::recorded),
    ]
}

fn scalar_units(name: &'static str, width: usize, budget: f64) -> Workload {
    let network = layers::Scalars::new(width);
    let mut plain = layers::ByHand::new(&network);
    assert!((network.pass() - plain.pass()).abs() < 1e-5, "both compute the same");
    let units = network.operations();
    let runs = 5_000_usize.div_ceil(units);
    let (run, by_hand) = (used(move || network.pass()), used(move || plain.pass()));
    Workload { name, budget, units, runs, run, by_hand }
}

fn step(name: &'static str, budget: f64, run: impl FnMut() + 'static) -> Workload {
    Workload { name, budget, units: 1, runs: 500, run: used(run), by_hand: used(steps::by_hand()) }
}

fn workloads() -> Vec<Workload> {
    let mut all = chains();
    all.push(scalar_units("scalar units 3-16-16-1, per operation", 16, 250.0));
    all.push(scalar_units("scalar units 3-50-50-1, per operation", 50, 250.0));
    all.push(scalar_units("scalar units 3-120-120-1, per operation", 120, 500.0));
    all.push(step("step of cell 34", 1_500.0, steps::cell_34()));
    all.push(step("step of cell 38", 1_500.0, steps::cell_38()));
    all.push(step("step of cell 41", 3_000.0, steps::cell_41()));
    all.push(Workload {
        name: "step of the 2-64-64-1 perceptron",
        budget: 70_000.0,
        units: 1,
        runs: 20,
        run: used(perceptron::step()),
        by_hand: used(perceptron::by_hand()),
    });
    all
}

/// Nanoseconds for each unit.
fn time(run: &mut dyn FnMut(), runs: usize, units: usize) -> f64 {
    let start = Instant::now();
    (0..runs).for_each(|_| run());
    start.elapsed().as_nanos() as f64 / (runs * units) as f64
}

fn percentile_20(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 5]
}

#[allow(clippy::print_stdout, reason = "the table is the program's output")]
fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let rounds = if is_test { 1 } else { 100 };
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_wanted = |workload: &Workload| wanted.as_ref().is_none_or(|w| workload.name.contains(w));
    let mut workloads: Vec<Workload> = workloads().into_iter().filter(is_wanted).collect();
    let mut times = vec![(Vec::new(), Vec::new()); workloads.len()];
    for _ in 0..rounds {
        for (workload, (ours, plain)) in workloads.iter_mut().zip(&mut times) {
            let runs = if is_test { 1 } else { workload.runs };
            ours.push(time(&mut workload.run, runs, workload.units));
            plain.push(time(&mut workload.by_hand, runs, workload.units));
        }
    }
    println!("20th percentile of {rounds} interleaved rounds, in ns");
    println!("{:46}{:>10}{:>10}{:>10}{:>8}", "workload", "time", "budget", "by hand", "ratio");
    for (workload, (ours, plain)) in workloads.iter().zip(&mut times) {
        let (ours, plain) = (percentile_20(ours), percentile_20(plain));
        println!(
            "{:46}{ours:10.1}{:10.0}{plain:10.1}{:8.1}",
            workload.name,
            workload.budget,
            ours / plain
        );
    }
    println!("the perceptron's step has {} floating-point operations", perceptron::flops());
}
