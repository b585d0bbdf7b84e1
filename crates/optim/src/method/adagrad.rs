//! `Adagrad`: a learning rate for each weight, from all of its gradients.

use tensor::{Float, Parameter, Update};

use crate::method::{Objective, State, check_not_negative, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`Adagrad`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct AdagradConfig {
    /// The learning rate η.
    pub lr: f64,
    /// The decay κ of the learning rate.
    pub lr_decay: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// What the sum of squares starts from.
    pub initial_accumulator_value: f64,
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for AdagradConfig {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            lr_decay: 0.0,
            weight_decay: 0.0,
            initial_accumulator_value: 0.0,
            eps: 1e-10,
            maximize: false,
        }
    }
}

/// Steps that shrink with the sum of all squares so far (Duchi, Hazan and Singer 2011).
///
/// ```text
/// g = ∇ + λw                   (−∇ if the objective is maximised)
/// s = s + g²
/// w = w − η/(1 + (t − 1)κ) · g/(√s + ε)
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, Adagrad};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = Adagrad::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type Adagrad = Descent<AdagradConfig>;

impl Method for AdagradConfig {
    const NAME: &'static str = "adagrad";

    hyperparameters!(lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize);

    fn check(&self) -> Result<(), String> {
        check_not_negative(
            Self::NAME,
            &[
                ("learning rate", self.lr),
                ("lr decay", self.lr_decay),
                ("weight decay", self.weight_decay),
                ("initial accumulator value", self.initial_accumulator_value),
                ("epsilon", self.eps),
            ],
        )
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["sum"], shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[self.initial_accumulator_value]);
        let objective = Objective { maximize: self.maximize, weight_decay: self.weight_decay };
        let step_size = self.lr / (1.0 + (state.t() - 1.0) * self.lr_decay);
        state.apply(parameter, &Pass { objective, eps: self.eps, step_size });
    }
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass {
    objective: Objective,
    eps: f64,
    step_size: f64,
}

impl Update for Pass {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [sum] = state else { unreachable!("made in `step`") };
        for ((w, &g), s) in w.iter_mut().zip(g).zip(sum.iter_mut()) {
            let g = self.objective.gradient(g, *w);
            *s = *s + g * g;
            *w = *w - (g / s.square_root().shift(self.eps)).scale(self.step_size);
        }
    }
}
