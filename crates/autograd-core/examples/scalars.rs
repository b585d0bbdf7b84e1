//! micrograd in a page: scalars that record their graph, with derivatives of any order.
//!
//! The engine asks of a gradient only that two can be added. Here the gradient is the scalar type
//! itself, so a rule written with its operators can be recorded and differentiated again.

#![allow(clippy::print_stdout, reason = "an example shows what it computes")]

use std::ops::{Add, Mul};

use autograd_core::{
    Edge, Gradient, Graph, GraphFreed, Leaf, Pullback, backward, differentiable_grad, is_recording,
    record,
};

/// A number, and where it comes from if anybody wants its derivative.
#[derive(Clone)]
struct Scalar {
    value: f64,
    edge: Option<Edge<Scalar>>,
}

impl Gradient for Scalar {
    fn plus(self, other: Self) -> Self {
        &self + &other
    }
}

impl Scalar {
    fn constant(value: f64) -> Self {
        Self { value, edge: None }
    }

    fn leaf(value: f64, leaf: &Leaf<Scalar>) -> Self {
        Self { value, edge: Some(leaf.edge()) }
    }

    /// The result of an operation on `inputs`; recorded only if somebody can ask for a gradient.
    fn result<const N: usize>(
        name: &'static str,
        value: f64,
        inputs: [&Scalar; N],
        rule: impl Fn(Scalar, &mut Pullback<'_, Scalar>) + Send + Sync + 'static,
    ) -> Self {
        let edges = inputs.map(|input| input.edge.clone());
        let tracked = is_recording() && edges.iter().any(Option::is_some);
        let edge = tracked.then(|| {
            record(name, edges, move |call| {
                if let Some(g) = call.cotangent(0) {
                    rule(g, call);
                }
            })
        });
        Self { value, edge }
    }

    fn tanh(&self) -> Self {
        let value = self.value.tanh();
        // The rule needs its own output: it keeps the bare value and re-attaches it to the node.
        Scalar::result("tanh", value, [self], move |g, call| {
            let y = Scalar { value, edge: Some(call.output(0)) };
            let slope = &Scalar::constant(1.0) + &(&Scalar::constant(-1.0) * &(&y * &y));
            call.give(0, &g * &slope);
        })
    }
}

impl Add for &Scalar {
    type Output = Scalar;

    fn add(self, other: &Scalar) -> Scalar {
        Scalar::result("add", self.value + other.value, [self, other], |g, call| {
            call.give(0, g.clone());
            call.give(1, g);
        })
    }
}

impl Mul for &Scalar {
    type Output = Scalar;

    fn mul(self, other: &Scalar) -> Scalar {
        let (a, b) = (self.clone(), other.clone());
        Scalar::result("mul", a.value * b.value, [self, other], move |g, call| {
            call.give(0, &g * &b);
            call.give(1, &g * &a);
        })
    }
}

fn main() -> Result<(), GraphFreed> {
    let (w, b) = (Leaf::new("w"), Leaf::new("b"));
    let one_neuron = |w_value: f64| {
        let wx = &Scalar::leaf(w_value, &w) * &Scalar::constant(2.0);
        (&wx + &Scalar::leaf(-0.5, &b)).tanh()
    };

    let y = one_neuron(0.75);
    let y_edge = y.edge.as_ref().expect("w and b are leaves, so y is recorded");
    let [dy_dw] = &differentiable_grad([(y_edge, Scalar::constant(1.0))], &[&w.edge()])?[..] else {
        unreachable!("one gradient was asked for")
    };
    let dy_dw = dy_dw.as_ref().expect("y depends on w");
    println!("y       = {:.6}   tanh(2w + b) at w = 0.75, b = -0.5", y.value);
    println!("dy/dw   = {:.6}   2 (1 - y²)", dy_dw.value);

    // The gradient was recorded, so it has a gradient itself.
    let second = dy_dw.edge.as_ref().expect("dy/dw depends on w");
    backward([(second, Scalar::constant(1.0))], Graph::Free)?;
    let d2y_dw2 = w.grad().expect("backward reached w").value;
    println!("d²y/dw² = {d2y_dw2:.6}   -8 y (1 - y²)");
    assert!((d2y_dw2 - -8.0 * y.value * (1.0 - y.value * y.value)).abs() < 1e-12);
    Ok(())
}
