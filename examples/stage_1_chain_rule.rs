//! The notebook's worked example, on plain `f64` numbers and the bare engine: the forward pass, the
//! local gradients, and the chain rule that multiplies them.
//!
//! ```text
//! y' = w · x        s = y' - y        loss = s²        at x = 1, y = 2, w = 1
//! ```

use std::io::{self, Write};
use std::process::ExitCode;

use autograd_core::{Edge, Graph, Leaf, Recorded, backward, observed, record};
use chainrule::explain;

use crate::common::Watcher;

mod common;

/// The page: prints the example step by step.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run(out: &mut impl Write) -> io::Result<()> {
    run_watched(out, &mut Watcher::nobody())
}

/// The same, seen by `watcher`.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn run_watched(out: &mut impl Write, watcher: &mut Watcher) -> io::Result<()> {
    let (x, y, w) = (1.0, 2.0, 1.0);
    let recording = watcher.is_curious().then(explain::record_numbers);

    // Step 1, forward pass: each operation computes its value and records its derivative.
    let weight = Leaf::new("w");
    let (prediction, prediction_edge) = (w * x, local(&weight.edge(), "mul", x));
    look(&prediction_edge, prediction, [&w, &x]);
    let (s, s_edge) = (prediction - y, local(&prediction_edge, "sub", 1.0));
    look(&s_edge, s, [&prediction, &y]);
    let (loss, loss_edge) = (s * s, local(&s_edge, "square", 2.0 * s));
    look(&loss_edge, loss, [&s]);
    writeln!(out, "forward pass: x = {x}, y = {y}, w = {w}")?;
    writeln!(out, "  y' = w * x = {prediction}")?;
    writeln!(out, "  s = y' - y = {s}")?;
    writeln!(out, "  loss = s^2 = {loss}")?;
    if let Some(recording) = recording {
        recording.name(&x, "x");
        recording.name(&y, "y");
        recording.name_edge(&weight.edge(), "w");
        for (edge, name) in [(&prediction_edge, "y'"), (&s_edge, "s"), (&loss_edge, "loss")] {
            recording.name_edge(edge, name);
        }
        let explanation = recording.explain_edge(&loss_edge, &loss);
        watcher.explained(explanation.map_err(io::Error::other)?);
    }

    // Step 2, local gradients: each node's rule alone, for a gradient of one.
    let [dloss_ds, ds_dprediction, dprediction_dw] =
        [&loss_edge, &s_edge, &prediction_edge].map(local_gradient);
    writeln!(out, "local gradients:")?;
    writeln!(out, "  dloss/ds = 2 * s = {dloss_ds}")?;
    writeln!(out, "  ds/dy' = {ds_dprediction}")?;
    writeln!(out, "  dy'/dw = x = {dprediction_dw}")?;

    // Step 3, backward pass: the chain rule, and the same by the engine in one call.
    let product = multiply(out, [dloss_ds, ds_dprediction, dprediction_dw])?;
    backward([(&loss_edge, 1.0)], Graph::Free).map_err(io::Error::other)?;
    let dloss_dw = weight.grad().expect("backward reached w");
    assert_eq!(dloss_dw.to_bits(), f64::to_bits(product));
    writeln!(out, "  w.grad = {dloss_dw}")
}

/// The chain rule multiplies the local gradients along the path from the loss to w.
fn multiply(out: &mut impl Write, gradients: [f64; 3]) -> io::Result<f64> {
    let names = [
        "dloss/ds = dloss/dloss * dloss/ds ",
        "dloss/dy' = dloss/ds * ds/dy' ",
        "dloss/dw = dloss/dy' * dy'/dw ",
    ];
    writeln!(out, "backward pass:")?;
    let mut product = 1.0;
    for (name, factor) in names.into_iter().zip(gradients) {
        writeln!(out, "  {name}= {product} * {factor} = {}", product * factor)?;
        product *= factor;
    }
    Ok(product)
}

/// Records an operation of one variable whose local gradient is a number.
fn local(input: &Edge<f64>, name: &'static str, gradient: f64) -> Edge<f64> {
    record(name, [Some(input.clone())], move |rule| {
        if let Some(g) = rule.cotangent(0) {
            rule.give(0, g * gradient);
        }
    })
}

/// Tells whoever looks what an operation has computed, and from what.
fn look<const N: usize>(edge: &Edge<f64>, value: f64, inputs: [&f64; N]) {
    observed(&Recorded { inputs: &inputs, ..Recorded::new(edge, &value) });
}

fn local_gradient(edge: &Edge<f64>) -> f64 {
    let gradients = edge.node().local_gradients(vec![Some(1.0)]).expect("nothing was freed yet");
    gradients[0].expect("the only input leads to w")
}

fn main() -> ExitCode {
    crate::common::main("the worked example", run_watched)
}
