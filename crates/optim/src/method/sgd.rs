//! Stochastic gradient descent.

use tensor::{Float, Parameter, Update};

use crate::method::{Objective, State, check_not_negative, ensure, hyperparameters};
use crate::{Descent, Method, StateLayout};

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
pub type SGD = Descent<SgdConfig>;

impl Method for SgdConfig {
    const NAME: &'static str = "sgd";

    hyperparameters!(lr, momentum, dampening, weight_decay, nesterov, maximize);

    fn check(&self) -> Result<(), String> {
        let Self { lr, momentum, dampening, weight_decay, nesterov, maximize: _ } = *self;
        let values =
            [("learning rate", lr), ("momentum", momentum), ("weight decay", weight_decay)];
        check_not_negative(Self::NAME, &values)?;
        ensure!(!dampening.is_nan(), "sgd: the dampening is NaN");
        ensure!(
            !nesterov || (momentum > 0.0 && dampening == 0.0),
            "sgd: Nesterov's method needs momentum and no dampening: momentum {momentum}, \
             dampening {dampening}"
        );
        Ok(())
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["momentum_buffer"], shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        if self.momentum == 0.0 {
            parameter.apply(&mut [], &Pass { config: self, is_first: false });
            return;
        }
        // The first velocity is the gradient, also if momentum was switched on late.
        let is_first = state.tensors.is_empty();
        state.advance(parameter, &[0.0]);
        state.apply(parameter, &Pass { config: self, is_first });
    }
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass<'a> {
    config: &'a SgdConfig,
    is_first: bool,
}

impl Update for Pass<'_> {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let SgdConfig { lr, momentum, dampening, weight_decay, nesterov, maximize } = *self.config;
        let objective = Objective { maximize, weight_decay };
        match state {
            [velocity] => {
                for ((w, &g), v) in w.iter_mut().zip(g).zip(velocity.iter_mut()) {
                    let g = objective.gradient(g, *w);
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
                    *w = *w - objective.gradient(g, *w).scale(lr);
                }
            }
        }
    }
}
