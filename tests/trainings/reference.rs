//! PyTorch's losses.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use crate::largest::largest;

/// In f32, losses are near PyTorch's for so many steps; then rounding has grown.
const NEAR: usize = 50;
/// After that, distances are compared as the largest of so many steps: one step's may be small by
/// chance.
const WINDOW: usize = 25;

/// What a file says.
pub(crate) struct Reference(Json);

impl Reference {
    pub(crate) fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trainings");
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        Self(serde_json::from_str(&text).unwrap())
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.0[name].as_u64().unwrap() as usize
    }

    /// The names and shapes of the module's state.
    pub(crate) fn state(&self) -> BTreeMap<String, Vec<usize>> {
        let shape = |x: &Json| numbers(x).into_iter().map(|size| size as usize).collect();
        let state = self.0["state"].as_object().unwrap();
        state.iter().map(|(name, x)| (name.clone(), shape(x))).collect()
    }

    pub(crate) fn f64(&self) -> Vec<f64> {
        numbers(&self.0["f64"])
    }

    /// The losses in f32, for each way to compute.
    fn f32(&self) -> Vec<Vec<f64>> {
        self.0["f32"].as_object().unwrap().values().map(numbers).collect()
    }

    /// Those in f32 as PyTorch computes unless told otherwise.
    fn usual(&self) -> Vec<f64> {
        numbers(&self.0["f32"]["1 thread, oneDNN on"])
    }

    /// The validation loss, for each way to compute.
    #[cfg(not(debug_assertions))]
    pub(crate) fn losses(&self) -> Vec<(&str, f64)> {
        let losses = self.0["losses"].as_object().unwrap();
        losses.iter().map(|(way, loss)| (way.as_str(), loss.as_f64().unwrap())).collect()
    }
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The largest of |a - b| / |b|; NaN if there is one.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    largest(a.iter().zip(b).map(|(a, b)| ((a - b) / b).abs()))
}

#[test]
fn a_loss_that_is_no_number_is_far() {
    assert!(distance(&[1.0, f64::NAN, 1.0], &[1.0; 3]).is_nan());
    assert_eq!(distance(&[1.0, 3.0, 0.5], &[1.0, -2.0, 1.0]), 2.5);
}

/// How far losses in f32 are from PyTorch's.
pub(crate) struct Distances {
    /// The largest over the first steps, relative, to its usual losses in f32 and to those in f64.
    pub(crate) near: f64,
    /// That to its losses in f64 after them, as a multiple of the distance of its own runs in f32 in
    /// the same 25 steps: the largest.
    pub(crate) far: f64,
}

pub(crate) fn distances(ours: &[f64], reference: &Reference) -> Distances {
    let (exact, theirs) = (reference.f64(), reference.f32());
    let near =
        [reference.usual(), reference.f64()].map(|run| distance(&ours[..NEAR], &run[..NEAR]));
    let far = (NEAR..exact.len()).step_by(WINDOW).map(|start| {
        let window = start..(start + WINDOW).min(exact.len());
        let from_exact = |run: &[f64]| distance(&run[window.clone()], &exact[window.clone()]);
        from_exact(ours) / largest(theirs.iter().map(|run| from_exact(run)))
    });
    Distances { near: largest(near), far: largest(far) }
}
