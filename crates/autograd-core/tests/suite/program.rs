//! Random programs on numbers, evaluated twice: recorded, and with dual numbers.
//!
//! A dual number carries the derivative with respect to *every* value of the program, so that it
//! also says what the gradient at an interior edge is. The recorded rules use partial derivatives
//! that were written down by hand; the dual numbers use the chain rule of their own operations.

use std::ops::{Add, Mul, Range};
use std::sync::Arc;

use autograd_core::{Edge, Leaf, Node, record_many};
use proptest::prelude::*;

use crate::Count;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// sin a
    Sin,
    /// a b
    Product,
    /// (a b + c) / 2
    Blend,
    /// 0.6 a - 0.7 b, and an output that does not depend on a: cos b
    Turn,
    /// sin(a + b), a b, cos a
    Spread,
}

/// What a program computes. Numbers of values are taken modulo how many there are.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    constants: Vec<f64>,
    leaves: Vec<f64>,
    steps: Vec<(Kind, [usize; 3])>,
    /// Values that are differentiated, with their seeds.
    roots: Vec<(usize, f64)>,
    /// Values with respect to which they are differentiated.
    wanted: Vec<usize>,
}

pub(crate) fn programs() -> impl Strategy<Value = Program> {
    let number = || -1.0..1.0_f64;
    let kind = prop_oneof![
        Just(Kind::Sin),
        Just(Kind::Product),
        Just(Kind::Blend),
        Just(Kind::Turn),
        Just(Kind::Spread),
    ];
    let any_value = || 0..1_000_usize;
    let inputs = proptest::array::uniform3(any_value());
    (
        proptest::collection::vec(number(), 1..3),
        proptest::collection::vec(number(), 1..5),
        proptest::collection::vec((kind, inputs), 0..30),
        proptest::collection::vec((any_value(), number()), 1..4),
        proptest::collection::vec(any_value(), 1..6),
    )
        .prop_map(|(constants, leaves, steps, roots, wanted)| Program {
            constants,
            leaves,
            steps,
            roots,
            wanted,
        })
}

/// A recorded operation of a program.
pub(crate) struct Step {
    pub(crate) node: Arc<Node<f64>>,
    /// Numbers of values.
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Range<usize>,
    /// For each output, the derivative by each input; `None` where it does not depend on it.
    pub(crate) partials: Vec<Vec<Option<f64>>>,
    pub(crate) calls: Count,
}

/// A program that was evaluated.
pub(crate) struct Evaluated {
    pub(crate) duals: Vec<Dual>,
    /// `None` for constants.
    pub(crate) edges: Vec<Option<Edge<f64>>>,
    pub(crate) leaves: Vec<(usize, Leaf<f64>)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) roots: Vec<(usize, f64)>,
    pub(crate) wanted: Vec<usize>,
}

impl Program {
    pub(crate) fn evaluate(&self) -> Evaluated {
        let mut this = Evaluated {
            duals: Vec::new(),
            edges: Vec::new(),
            leaves: Vec::new(),
            steps: Vec::new(),
            roots: Vec::new(),
            wanted: Vec::new(),
        };
        for &value in &self.constants {
            this.push(Dual::of(value), None);
        }
        for &value in &self.leaves {
            let leaf = Leaf::new("leaf");
            this.leaves.push((this.duals.len(), leaf.clone()));
            this.push(Dual::of(value), Some(leaf.edge()));
        }
        for &(kind, inputs) in &self.steps {
            this.step(kind, inputs);
        }
        // Only what is recorded can be differentiated.
        let tracked: Vec<usize> =
            (0..this.edges.len()).filter(|&value| this.edges[value].is_some()).collect();
        let recorded = |value: usize| tracked[value % tracked.len()];
        // From the end, so that most roots have a graph behind them.
        let root = |value: usize| tracked[tracked.len() - 1 - value % tracked.len().min(6)];
        this.roots = self.roots.iter().map(|&(v, seed)| (root(v), seed)).collect();
        this.wanted = self.wanted.iter().map(|&value| recorded(value)).collect();
        this
    }
}

impl Evaluated {
    /// Adds a value, of which a change is also a change by itself.
    fn push(&mut self, mut dual: Dual, edge: Option<Edge<f64>>) {
        dual.tangent.resize(self.duals.len(), 0.0);
        dual.tangent.push(1.0);
        self.duals.push(dual);
        self.edges.push(edge);
    }

    fn step(&mut self, kind: Kind, inputs: [usize; 3]) {
        let arity = match kind {
            Kind::Sin => 1,
            Kind::Product | Kind::Turn | Kind::Spread => 2,
            Kind::Blend => 3,
        };
        let inputs = inputs.map(|value| value % self.duals.len());
        let duals = kind.duals(inputs.map(|value| &self.duals[value]));
        let [a, b, c] = inputs.map(|value| self.duals[value].value);
        let (values, partials): (Vec<_>, Vec<_>) = kind.partials(a, b, c).into_iter().unzip();
        for (dual, &value) in duals.iter().zip(&values) {
            assert!((dual.value - value).abs() < 1e-14, "{kind:?}: two values");
        }
        let inputs = inputs[..arity].to_vec();
        let edges: Vec<_> = inputs.iter().map(|&v| self.edges[v].clone()).collect();
        if edges.iter().all(Option::is_none) {
            for dual in duals {
                self.push(dual, None);
            }
            return;
        }
        let calls = Count::default();
        let node = record(edges, partials.clone(), calls.clone());
        let first = self.duals.len();
        for (slot, dual) in duals.into_iter().enumerate() {
            self.push(dual, Some(Edge::new(Arc::clone(&node), slot)));
        }
        self.steps.push(Step { node, inputs, outputs: first..self.duals.len(), partials, calls });
    }

    /// d(roots)/d(value), by the dual numbers.
    pub(crate) fn derivative(&self, value: usize) -> f64 {
        let by_value = |root: usize| self.duals[root].tangent.get(value).copied();
        let terms = self.roots.iter();
        terms.map(|&(root, seed)| seed * by_value(root).unwrap_or(0.0)).sum()
    }
}

/// An operation whose rule multiplies by its partial derivatives, and counts its calls.
fn record(
    inputs: Vec<Option<Edge<f64>>>,
    partials: Vec<Vec<Option<f64>>>,
    calls: Count,
) -> Arc<Node<f64>> {
    record_many("step", partials.len(), inputs, move |rule| {
        calls.add();
        for (output, by_input) in partials.iter().enumerate() {
            let Some(g) = rule.cotangent(output) else {
                continue;
            };
            for (input, partial) in by_input.iter().enumerate() {
                if let Some(partial) = partial {
                    rule.give(input, partial * g);
                }
            }
        }
    })
}

impl Kind {
    /// Values and partial derivatives of the outputs, written down by hand.
    fn partials(self, a: f64, b: f64, c: f64) -> Vec<(f64, Vec<Option<f64>>)> {
        match self {
            Self::Sin => vec![(a.sin(), vec![Some(a.cos())])],
            Self::Product => vec![(a * b, vec![Some(b), Some(a)])],
            Self::Blend => {
                let by_all = vec![Some(0.5 * b), Some(0.5 * a), Some(0.5)];
                vec![(0.5 * (a * b + c), by_all)]
            }
            Self::Turn => vec![
                (0.6 * a - 0.7 * b, vec![Some(0.6), Some(-0.7)]),
                (b.cos(), vec![None, Some(-b.sin())]),
            ],
            Self::Spread => {
                let slope = (a + b).cos();
                vec![
                    ((a + b).sin(), vec![Some(slope), Some(slope)]),
                    (a * b, vec![Some(b), Some(a)]),
                    (a.cos(), vec![Some(-a.sin()), None]),
                ]
            }
        }
    }

    fn duals(self, [a, b, c]: [&Dual; 3]) -> Vec<Dual> {
        let times = |x: &Dual, factor: f64| x * &Dual::of(factor);
        match self {
            Self::Sin => vec![a.sin()],
            Self::Product => vec![a * b],
            Self::Blend => vec![times(&(&(a * b) + c), 0.5)],
            Self::Turn => vec![&times(a, 0.6) + &times(b, -0.7), b.cos()],
            Self::Spread => vec![(a + b).sin(), a * b, a.cos()],
        }
    }
}

/// A number and its derivatives with respect to the first values of the program.
#[derive(Clone, Debug)]
pub(crate) struct Dual {
    value: f64,
    tangent: Vec<f64>,
}

impl Dual {
    fn of(value: f64) -> Self {
        let tangent = Vec::new();
        Self { value, tangent }
    }

    /// x ẏ + y ẋ with these factors in place of x and y.
    fn combine(value: f64, x: &Dual, by_x: f64, y: &Dual, by_y: f64) -> Self {
        let at = |dual: &Dual, i: usize| dual.tangent.get(i).copied().unwrap_or(0.0);
        let length = x.tangent.len().max(y.tangent.len());
        let tangent = (0..length).map(|i| by_x * at(x, i) + by_y * at(y, i));
        let tangent = tangent.collect();
        Self { value, tangent }
    }

    fn sin(&self) -> Self {
        let zero = Self::of(0.0);
        Self::combine(self.value.sin(), self, self.value.cos(), &zero, 0.0)
    }

    fn cos(&self) -> Self {
        let zero = Self::of(0.0);
        Self::combine(self.value.cos(), self, -self.value.sin(), &zero, 0.0)
    }
}

impl Add for &Dual {
    type Output = Dual;

    fn add(self, other: &Dual) -> Dual {
        Dual::combine(self.value + other.value, self, 1.0, other, 1.0)
    }
}

impl Mul for &Dual {
    type Output = Dual;

    fn mul(self, other: &Dual) -> Dual {
        Dual::combine(self.value * other.value, self, other.value, other, self.value)
    }
}
