//! Scalars that record their graph: the gradient is the scalar itself, so it can be differentiated
//! again. The rules capture their tracked inputs.

use std::ops::{Add, Mul};

use autograd_core::{
    Edge, Gradient, Leaf, Pullback, Recorded, differentiable_grad, is_recording, observed, record,
};

#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) value: f64,
    pub(crate) edge: Option<Edge<Scalar>>,
}

impl Gradient for Scalar {
    fn plus(self, other: Self) -> Self {
        &self + &other
    }
}

impl Scalar {
    pub(crate) fn constant(value: f64) -> Self {
        Self { value, edge: None }
    }

    pub(crate) fn leaf(value: f64, leaf: &Leaf<Scalar>) -> Self {
        Self { value, edge: Some(leaf.edge()) }
    }

    #[track_caller]
    fn result<const N: usize>(
        name: &'static str,
        value: f64,
        inputs: [&Scalar; N],
        rule: impl Fn(Scalar, &mut Pullback<'_, Scalar>) + Send + Sync + 'static,
    ) -> Self {
        let edges = inputs.map(|input| input.edge.clone());
        if !is_recording() || edges.iter().all(Option::is_none) {
            return Self::constant(value);
        }
        let edge = record(name, edges, move |call| {
            if let Some(g) = call.cotangent(0) {
                rule(g, call);
            }
        });
        let result = Self { value, edge: Some(edge) };
        observed(&Recorded::new(result.edge(), &result));
        result
    }

    pub(crate) fn tanh(&self) -> Self {
        let value = self.value.tanh();
        Scalar::result("tanh", value, [self], move |g, call| {
            let edge = Some(call.output(0));
            let y = Scalar { value, edge };
            let slope = &Scalar::constant(1.0) + &(&Scalar::constant(-1.0) * &(&y * &y));
            call.give(0, &g * &slope);
        })
    }

    /// The edge of a value that is known to be recorded.
    pub(crate) fn edge(&self) -> &Edge<Scalar> {
        self.edge.as_ref().expect("this value is recorded")
    }

    /// d(self)/d(x), recorded.
    pub(crate) fn derivative(&self, x: &Leaf<Scalar>) -> Scalar {
        let seed = Scalar::constant(1.0);
        differentiable_grad([(self.edge(), seed)], &[&x.edge()])
            .expect("the graph is kept")
            .swap_remove(0)
            .expect("a path leads to x")
    }
}

impl Add for &Scalar {
    type Output = Scalar;

    #[track_caller]
    fn add(self, other: &Scalar) -> Scalar {
        Scalar::result("add", self.value + other.value, [self, other], |g, call| {
            call.give(0, g.clone());
            call.give(1, g);
        })
    }
}

impl Mul for &Scalar {
    type Output = Scalar;

    #[track_caller]
    fn mul(self, other: &Scalar) -> Scalar {
        let (a, b) = (self.clone(), other.clone());
        Scalar::result("mul", a.value * b.value, [self, other], move |g, call| {
            call.give(0, &g * &b);
            call.give(1, &g * &a);
        })
    }
}
