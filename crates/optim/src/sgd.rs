//! Stochastic gradient descent.

use tensor::{Float, Parameter, Update};

use crate::{Groups, Optimizer};

/// The hyperparameters of [`SGD`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct SgdConfig {
    /// The learning rate η.
    pub lr: f64,
    /// The momentum μ: how much of the last direction is kept.
    pub momentum: f64,
    /// The dampening τ of a new gradient in the direction.
    pub dampening: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// Whether the direction is looked ahead (Nesterov 1983).
    pub nesterov: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for SgdConfig {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            momentum: 0.0,
            dampening: 0.0,
            weight_decay: 0.0,
            nesterov: false,
            maximize: false,
        }
    }
}

impl SgdConfig {
    #[track_caller]
    fn check(&self) {
        let Self { lr, momentum, dampening, weight_decay, nesterov, maximize: _ } = *self;
        for (name, value) in
            [("learning rate", lr), ("momentum", momentum), ("weight decay", weight_decay)]
        {
            assert!(value >= 0.0, "sgd: the {name} is negative or NaN: {value}");
        }
        assert!(!dampening.is_nan(), "sgd: the dampening is NaN");
        assert!(
            !nesterov || (momentum > 0.0 && dampening == 0.0),
            "sgd: Nesterov's method needs momentum and no dampening: momentum {momentum}, \
             dampening {dampening}"
        );
    }
}

/// Stochastic gradient descent, with momentum if asked.
///
/// ```text
/// g = ∇ + λw                    (−∇ if the objective is maximised)
/// v = μv + (1 − τ)g             (v = g in the first step)
/// w = w − ηv                    (w − η(g + μv) with Nesterov; w − ηg without momentum)
/// ```
///
/// These are the formulas of PyTorch, whose velocity does not contain the learning rate
/// (Sutskever et al. 2013 write it the other way).
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, SGD, SgdConfig};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([1.0_f32, -1.0]));
/// let config = SgdConfig { lr: 0.1, momentum: 0.9, ..SgdConfig::default() };
/// let mut optimizer = SGD::with([w.clone()], config);
/// w.tensor().square().sum().backward();
/// optimizer.step();
/// assert_eq!(w.tensor().to_vec::<f32>(), [0.8, -0.8]);
/// ```
#[derive(Debug)]
pub struct SGD {
    groups: Groups<SgdConfig>,
}

impl SGD {
    /// Plain gradient descent: w = w − η∇.
    ///
    /// # Panics
    ///
    /// If there are no parameters, one is given twice, or the learning rate is negative or NaN.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = Parameter>, lr: f64) -> Self {
        Self::with(parameters, SgdConfig { lr, ..SgdConfig::default() })
    }

    /// With these hyperparameters.
    ///
    /// # Panics
    ///
    /// If there are no parameters, one is given twice, or a hyperparameter is out of its range.
    #[track_caller]
    pub fn with(parameters: impl IntoIterator<Item = Parameter>, config: SgdConfig) -> Self {
        let mut optimizer = Self { groups: Groups::new("sgd") };
        optimizer.add_group(parameters, config);
        optimizer
    }

    /// Adds parameters with hyperparameters of their own.
    ///
    /// # Panics
    ///
    /// As [`with`](SGD::with), and if a parameter is in another group already; nothing is added
    /// then.
    #[track_caller]
    pub fn add_group(
        &mut self,
        parameters: impl IntoIterator<Item = Parameter>,
        config: SgdConfig,
    ) {
        config.check();
        self.groups.add(parameters.into_iter().collect(), config);
    }

    /// The parameter groups.
    pub fn groups(&self) -> &Groups<SgdConfig> {
        &self.groups
    }

    /// The parameter groups, so that hyperparameters can be changed between steps.
    pub fn groups_mut(&mut self) -> &mut Groups<SgdConfig> {
        &mut self.groups
    }
}

impl Optimizer for SGD {
    #[track_caller]
    fn step(&mut self) {
        for group in &self.groups {
            group.config.check();
        }
        for group in &mut self.groups {
            let (parameters, config) = group.with_state();
            for (parameter, velocity) in parameters {
                step(parameter, velocity, config);
            }
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.groups.parameters()
    }
}

#[track_caller]
fn step(parameter: &Parameter, velocity: &mut Vec<tensor::Tensor>, config: &SgdConfig) {
    let is_first = velocity.is_empty();
    if config.momentum != 0.0 && is_first && parameter.grad().is_some() {
        velocity.push(parameter.tensor().detach().zeros_like());
    }
    let descent = Descent { config, is_first };
    let state = if config.momentum == 0.0 { &mut [][..] } else { &mut velocity[..] };
    if !parameter.apply(state, &descent) && is_first {
        velocity.clear(); // the next step is the first
    }
}

/// One step's arithmetic.
struct Descent<'a> {
    config: &'a SgdConfig,
    is_first: bool,
}

impl Update for Descent<'_> {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let SgdConfig { lr, momentum, dampening, weight_decay, nesterov, maximize } = *self.config;
        let sign = if maximize { -1.0 } else { 1.0 };
        let gradient = |g: T, w: T| {
            let g = g.scale(sign);
            if weight_decay == 0.0 { g } else { g + w.scale(weight_decay) }
        };
        match state {
            [velocity] => {
                for ((w, &g), v) in w.iter_mut().zip(g).zip(velocity.iter_mut()) {
                    let g = gradient(g, *w);
                    *v = if self.is_first {
                        g
                    } else {
                        v.scale(momentum) + g.scale(1.0 - dampening)
                    };
                    let direction = if nesterov { g + v.scale(momentum) } else { *v };
                    *w = *w - direction.scale(lr);
                }
            }
            _ => {
                for (w, &g) in w.iter_mut().zip(g) {
                    *w = *w - gradient(g, *w).scale(lr);
                }
            }
        }
    }
}
