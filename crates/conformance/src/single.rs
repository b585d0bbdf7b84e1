//! The same cases in f32, against our own f64 on the rounded inputs.
//!
//! The tolerance is what the inputs' own precision allows: 8 eps |reference|, and 4 times the
//! largest change of the reference when each floating input moves by one unit in its last place, up
//! or down at random, in 4 trials. The inputs are the operator's; of a gradient of second order,
//! the cotangents and directions too, without which it would have none where the operator is
//! bilinear (a product's is the product of a cotangent and a direction, summed).

use tensor::{DType, Tensor};

use crate::check::{Failure, Outcome};
use crate::evaluate::{Evaluation, Role, Stage, evaluate};
use crate::layout::{LAYOUTS, Layout};
use crate::table::Call;
use crate::{Case, Data, Operator, Values};

const TRIALS: u64 = 4;

/// Runs a case in all layouts in f32 against our f64.
pub fn check_single(call: &Call, operator: &Operator, case: &Case) -> Outcome {
    let double = |trial: u64, moves: fn(Role) -> bool| {
        let source = |name: &str, role: Role| {
            let values = rounded(operator.values(name));
            let is_moved = moves(role);
            let values = if is_moved { moved(&values, &case.id, name, trial) } else { values };
            values.tensor(Layout::Contiguous, DType::F64)
        };
        evaluate(call, case, DType::F64, &source)
    };
    let reference = double(0, |_| false);
    let trials: Vec<Evaluation> = (1..=TRIALS)
        .map(|trial| {
            let all_moved = double(trial, |_| true);
            Evaluation { second: all_moved.second, ..double(trial, |role| role == Role::Input) }
        })
        .collect();
    let mut failures = Vec::new();
    for layout in LAYOUTS {
        let source = |name: &str, _| operator.values(name).tensor(layout, DType::F32);
        let ours = evaluate(call, case, DType::F32, &source);
        let found = differences(&ours, &reference, &trials);
        failures.extend(found.into_iter().map(|(stage, message)| Failure {
            layout,
            stage,
            message,
        }));
    }
    Outcome { id: case.id.clone(), is_numeric: !case.directions.is_empty(), failures }
}

fn rounded(values: &Values) -> Values {
    let Data::Float(data) = &values.data else { return values.clone() };
    let data = data.iter().map(|&x| f64::from(x as f32)).collect();
    Values { shape: values.shape.clone(), data: Data::Float(data) }
}

/// Each element one unit in the last place of f32 away, up or down.
fn moved(values: &Values, id: &str, name: &str, trial: u64) -> Values {
    let Data::Float(data) = &values.data else { return values.clone() };
    let mut state = seed(id, name, trial);
    let data = data.iter().map(|&x| {
        let x = x as f32;
        f64::from(if coin(&mut state) { x.next_up() } else { x.next_down() })
    });
    Values { shape: values.shape.clone(), data: Data::Float(data.collect()) }
}

/// FNV-1a.
fn seed(id: &str, name: &str, trial: u64) -> u64 {
    let bytes = id.bytes().chain(name.bytes()).chain(trial.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// One bit of splitmix64.
fn coin(state: &mut u64) -> bool {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) & 1 == 1
}

/// Every disagreement of an evaluation in f32 with the reference.
fn differences(
    ours: &Evaluation,
    reference: &Evaluation,
    trials: &[Evaluation],
) -> Vec<(Stage, String)> {
    if let Some((stage, message)) = &reference.broken {
        return vec![(*stage, format!("f64 on rounded inputs: {message}"))];
    }
    if let Some((stage, message)) = &ours.broken {
        return vec![(*stage, message.clone())];
    }
    let trials: Vec<_> = trials.iter().map(Evaluation::quantities).collect();
    let (ours, theirs) = (ours.quantities(), reference.quantities());
    if ours.len() != theirs.len() {
        let message = format!("{} results in f32, {} in f64", ours.len(), theirs.len());
        return vec![(Stage::Forward, message)];
    }
    let mut found = Vec::new();
    for (i, ((stage, name, theirs), (_, _, ours))) in theirs.into_iter().zip(ours).enumerate() {
        let near = trials.iter().filter_map(|trial| Some(trial.get(i)?.2.as_ref()?.clone()));
        let result = match (ours, theirs) {
            (None, None) => Ok(()),
            (Some(ours), Some(theirs)) => close(&ours, &theirs, &near.collect::<Vec<_>>()),
            (ours, theirs) => {
                Err(format!("gradient: {} in f32, {} in f64", ours.is_some(), theirs.is_some()))
            }
        };
        found.extend(result.err().map(|difference| (stage, format!("{name}: {difference}"))));
    }
    found
}

impl Evaluation {
    /// Everything that is compared, in a fixed order.
    fn quantities(&self) -> Vec<(Stage, String, Option<Tensor>)> {
        let outputs = self.outputs.iter().enumerate();
        let outputs =
            outputs.map(|(i, y)| (Stage::Forward, format!("output {i}"), Some(y.clone())));
        let named =
            |stage| move |(name, g): (&String, &Option<Tensor>)| (stage, name.clone(), g.clone());
        let plain = self
            .plain
            .iter()
            .map(|(name, g)| (Stage::First, format!("{name}, not recorded"), g.clone()));
        let first = self.first.iter().map(named(Stage::First));
        let second = self.second.iter().map(named(Stage::Second));
        outputs.chain(plain).chain(first).chain(second).collect()
    }
}

/// Compares a tensor in f32 with the reference in f64; `near` are the trials.
fn close(ours: &Tensor, theirs: &Tensor, near: &[Tensor]) -> Result<(), String> {
    let expected = if theirs.dtype() == DType::F64 { DType::F32 } else { theirs.dtype() };
    if ours.shape() != theirs.shape() || ours.dtype() != expected {
        let [ours, theirs] = [ours, theirs].map(|x| format!("{} {:?}", x.dtype(), x.shape()));
        return Err(format!("{ours} for {theirs}"));
    }
    let [ours, theirs] = [ours, theirs].map(|x| x.to_dtype(DType::F64).to_vec::<f64>());
    // A trial that panicked, that has another shape, or that is not finite says nothing.
    let near: Vec<Vec<f64>> = near.iter().map(|x| x.to_dtype(DType::F64).to_vec()).collect();
    for (i, (&x, &y)) in ours.iter().zip(&theirs).enumerate() {
        let changes = near.iter().filter_map(|trial| Some((trial.get(i)? - y).abs()));
        let change = changes.filter(|change| change.is_finite()).fold(0.0, f64::max);
        // Below the smallest normal number the units in the last place do not shrink any more.
        let size = y.abs().max(f64::from(f32::MIN_POSITIVE));
        let tolerance = 8.0 * f64::from(f32::EPSILON) * size + 4.0 * change;
        // What rounds to the same number of f32 agrees: far from one that is more than the tolerance.
        let is_close = x == f64::from(y as f32)
            || x.is_nan() && y.is_nan()
            || y.is_finite() && (x - y).abs() <= tolerance;
        if !is_close {
            return Err(format!("{x:e} for {y:e} at {i}, tolerance {tolerance:e}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_that_is_not_finite_does_not_widen_the_tolerance() {
        let (ours, theirs) = (Tensor::from([1.0_f32, 2.5]), Tensor::from([1.0_f64, 2.0]));
        for trial in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert!(close(&ours, &theirs, &[Tensor::from([1.0, trial])]).is_err(), "{trial}");
        }
        assert!(close(&ours, &theirs, &[Tensor::from([1.0, 2.2])]).is_ok());
    }

    #[test]
    fn results_that_one_precision_lacks_are_a_difference() {
        let with = |outputs: usize| Evaluation {
            outputs: vec![Tensor::from(1.0_f32); outputs],
            ..Evaluation::default()
        };
        for (ours, theirs) in [(1, 2), (2, 1)] {
            let found = differences(&with(ours), &with(theirs), &[]);
            assert_eq!(found[0].1, format!("{ours} results in f32, {theirs} in f64"));
        }
    }
}
