//! `LBFGS`: a quasi-Newton method for objectives that can be evaluated again and again.

mod line_search;
mod memory;
mod state;
mod undo;

use tensor::{Parameter, Tensor, no_grad};

use crate::groups::refuse_repeated;
use crate::method::{check_not_negative, expect_valid};
use line_search::{Point, strong_wolfe};
use memory::Memory;
use undo::Undo;

/// The options of [`LBFGS`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct LbfgsConfig {
    /// The learning rate η: the length of a step, in units of the quasi-Newton step.
    pub lr: f64,
    /// How many iterations one [`step`](LBFGS::step) takes at most.
    pub max_iterations: usize,
    /// How often it evaluates the objective at most; 5/4 of the iterations if `None`.
    pub max_evaluations: Option<usize>,
    /// It ends when no element of the gradient is larger than this.
    pub tolerance_grad: f64,
    /// It ends when parameters, or the objective, change by less than this.
    pub tolerance_change: f64,
    /// How many changes of the gradient are remembered.
    pub history: usize,
    /// Whether the length of each step is searched for, until it satisfies the strong Wolfe
    /// conditions; else it is η.
    pub line_search: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for LbfgsConfig {
    fn default() -> Self {
        Self {
            lr: 1.0,
            max_iterations: 20,
            max_evaluations: None,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            history: 100,
            line_search: false,
            maximize: false,
        }
    }
}

impl LbfgsConfig {
    fn check(&self) -> Result<(), String> {
        let values = [
            ("learning rate", self.lr),
            ("tolerance of the gradient", self.tolerance_grad),
            ("tolerance of the change", self.tolerance_change),
        ];
        check_not_negative("lbfgs", &values)
    }
}

/// The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Nocedal 1980; Liu and
/// Nocedal 1989), with a line search (Nocedal and Wright 2006, section 3.5) if asked.
///
/// It evaluates the objective several times in a step, so that it takes it as a closure, and has
/// no groups.
///
/// # Examples
///
/// ```
/// use optim::{LBFGS, LbfgsConfig};
/// use tensor::{Parameter, Tensor};
///
/// // Rosenbrock's valley
/// let p = Parameter::new(Tensor::from([-1.5_f64, 2.0]));
/// let config = LbfgsConfig { line_search: true, max_iterations: 100, ..LbfgsConfig::default() };
/// let mut optimizer = LBFGS::with([p.clone()], config);
/// optimizer.step(|| {
///     let (x, y) = (p.tensor().select(0, 0), p.tensor().select(0, 1));
///     (1.0 - &x).square() + 100.0 * (y - x.square()).square()
/// });
/// assert!((p.tensor() - 1.0).abs().amax(..).item() < 1e-4);
/// ```
#[derive(Debug)]
pub struct LBFGS {
    parameters: Vec<Parameter>,
    config: LbfgsConfig,
    memory: Memory,
    last: Option<Last>,
}

/// The last iteration's step.
#[derive(Clone, Debug)]
struct Last {
    direction: Tensor,
    length: f64,
    /// The gradient where it began.
    gradient: Tensor,
}

impl LBFGS {
    /// With the default options and this learning rate.
    ///
    /// # Panics
    ///
    /// As [`with`](LBFGS::with).
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = Parameter>, lr: f64) -> Self {
        Self::with(parameters, LbfgsConfig { lr, ..LbfgsConfig::default() })
    }

    /// With these options.
    ///
    /// # Panics
    ///
    /// If there are no parameters, one is given twice, their dtypes differ, or an option is negative
    /// or NaN.
    #[track_caller]
    pub fn with(parameters: impl IntoIterator<Item = Parameter>, config: LbfgsConfig) -> Self {
        let parameters: Vec<Parameter> = parameters.into_iter().collect();
        let Some(first) = parameters.first() else { panic!("lbfgs: there are no parameters") };
        for parameter in &parameters {
            assert!(
                parameter.dtype() == first.dtype(),
                "lbfgs: dtypes differ: {} and {}",
                first.dtype(),
                parameter.dtype()
            );
        }
        refuse_repeated("lbfgs", &[], &parameters);
        expect_valid(config.check());
        Self { parameters, config, memory: Memory::default(), last: None }
    }

    /// Iterates towards a minimum of `objective`, which computes it from the parameters' present
    /// values, and returns its value from before. The gradients are left as of the last
    /// evaluation.
    ///
    /// # Panics
    ///
    /// If the objective is not a tracked tensor with one element. Then, and if the objective itself
    /// panics, the parameters are back where the step began, and nothing of it is remembered.
    #[track_caller]
    pub fn step(&mut self, mut objective: impl FnMut() -> Tensor) -> f64 {
        let undo = Undo::new(self);
        let initial = undo.optimizer.iterate(&mut objective);
        undo.keep();
        initial
    }

    #[track_caller]
    fn iterate(&mut self, objective: &mut impl FnMut() -> Tensor) -> f64 {
        let (initial, mut gradient) = self.evaluate(objective);
        let (mut loss, mut evaluations) = (initial, 1);
        let most = self.config.max_evaluations.unwrap_or(self.config.max_iterations * 5 / 4);
        if largest(&gradient) > self.config.tolerance_grad {
            for iteration in 1..=self.config.max_iterations {
                let before = loss;
                let Some((direction, mut length)) = self.choose_direction(&gradient) else { break };
                if self.config.line_search {
                    let start = Point { t: 0.0, loss, gradient, slope: 0.0 };
                    let budget = most.saturating_sub(evaluations);
                    let (point, used) = self.search(objective, &start, &direction, length, budget);
                    evaluations += used;
                    (length, loss, gradient) = (point.t, point.loss, point.gradient);
                    self.move_to(&self.position(), &direction, length);
                } else {
                    self.move_to(&self.position(), &direction, length);
                    if iteration < self.config.max_iterations {
                        (loss, gradient) = self.evaluate(objective);
                        evaluations += 1;
                    }
                }
                if let Some(last) = &mut self.last {
                    last.length = length;
                }
                let is_still = largest(&direction) * length.abs() <= self.config.tolerance_change
                    || (loss - before).abs() < self.config.tolerance_change;
                if evaluations >= most
                    || largest(&gradient) <= self.config.tolerance_grad
                    || is_still
                {
                    break;
                }
            }
        }
        self.sign() * initial
    }

    /// The parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The quasi-Newton direction and the first length to try; `None` if it does not descend.
    fn choose_direction(&mut self, gradient: &Tensor) -> Option<(Tensor, f64)> {
        let _guard = no_grad();
        let (direction, length) = match &self.last {
            None => (-gradient, (1.0 / gradient.abs().sum().item()).min(1.0) * self.config.lr),
            Some(last) => {
                let change = gradient - &last.gradient;
                let step = &last.direction * last.length;
                self.memory.remember(change, step, self.config.history);
                (self.memory.direction(gradient), self.config.lr)
            }
        };
        self.last = Some(Last { direction: direction.clone(), length, gradient: gradient.clone() });
        (dot(gradient, &direction) <= -self.config.tolerance_change).then_some((direction, length))
    }

    fn search(
        &self,
        objective: &mut impl FnMut() -> Tensor,
        start: &Point,
        direction: &Tensor,
        length: f64,
        budget: usize,
    ) -> (Point, usize) {
        let position = self.position();
        let start = Point { slope: dot(&start.gradient, direction), ..start.clone() };
        let mut evaluate = |t: f64| {
            self.move_to(&position, direction, t);
            let (loss, gradient) = self.evaluate(objective);
            self.move_to(&position, direction, 0.0);
            let slope = dot(&gradient, direction);
            Point { t, loss, gradient, slope }
        };
        let resolution = self.config.tolerance_change / largest(direction);
        strong_wolfe(&mut evaluate, &start, length, resolution, budget)
    }

    /// The objective, as something to be minimised, and its gradient as one vector.
    #[track_caller]
    fn evaluate(&self, objective: &mut impl FnMut() -> Tensor) -> (f64, Tensor) {
        self.parameters.iter().for_each(Parameter::zero_grad);
        let loss = objective();
        loss.backward();
        let _guard = no_grad();
        let gradient = |p: &Parameter| p.grad().unwrap_or_else(|| p.tensor().detach().zeros_like());
        let gradient = flat(self.parameters.iter().map(gradient));
        (self.sign() * loss.item(), gradient * self.sign())
    }

    fn sign(&self) -> f64 {
        if self.config.maximize { -1.0 } else { 1.0 }
    }

    /// The parameters as one vector, in the dtype that is computed in.
    fn position(&self) -> Tensor {
        flat(self.parameters.iter().map(|p| p.tensor().detach()))
    }

    /// Moves the parameters to position + t direction.
    fn move_to(&self, position: &Tensor, direction: &Tensor, t: f64) {
        let _guard = no_grad();
        let mut start = 0_isize;
        for parameter in &self.parameters {
            let (shape, size) = (parameter.shape(), parameter.numel());
            let part = |x: &Tensor| x.narrow(0, start, size);
            let value = part(position) + part(direction) * t;
            let shape: Vec<isize> = shape.iter().map(|&n| n as isize).collect();
            parameter.set(&value.reshape(&shape).to_dtype(parameter.dtype()));
            start += size as isize;
        }
    }
}

/// Tensors as one vector. Halves become `f32`: their products leave the range.
fn flat(tensors: impl Iterator<Item = Tensor>) -> Tensor {
    let parts: Vec<Tensor> = tensors.map(|x| x.reshape(&[-1]).to_dtype(x.dtype().wide())).collect();
    Tensor::cat(&parts, 0)
}

fn dot(a: &Tensor, b: &Tensor) -> f64 {
    (a * b).sum().item()
}

/// The largest magnitude; zero for an empty vector.
fn largest(x: &Tensor) -> f64 {
    if x.numel() == 0 { 0.0 } else { x.abs().amax(..).item() }
}
