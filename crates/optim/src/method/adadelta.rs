//! `Adadelta`: no learning rate to speak of.

use tensor::{Float, Parameter, Update};

use crate::method::{Objective, State, check_fractions, check_not_negative, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`Adadelta`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct AdadeltaConfig {
    /// The learning rate η.
    pub lr: f64,
    /// ρ: how much of the averages is kept.
    pub rho: f64,
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for AdadeltaConfig {
    fn default() -> Self {
        Self { lr: 1.0, rho: 0.9, eps: 1e-6, weight_decay: 0.0, maximize: false }
    }
}

/// Steps in the units of the weights (Zeiler 2012).
///
/// ```text
/// g = ∇ + λw                   (−∇ if the objective is maximised)
/// v = ρv + (1 − ρ)g²
/// δ = √(u + ε)/√(v + ε) · g
/// u = ρu + (1 − ρ)δ²
/// w = w − ηδ
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, Adadelta};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = Adadelta::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type Adadelta = Descent<AdadeltaConfig>;

impl Method for AdadeltaConfig {
    const NAME: &'static str = "adadelta";

    hyperparameters!(lr, rho, eps, weight_decay, maximize);

    fn check(&self) -> Result<(), String> {
        check_fractions(Self::NAME, &[("rho", self.rho)])?;
        check_not_negative(
            Self::NAME,
            &[
                ("learning rate", self.lr),
                ("epsilon", self.eps),
                ("weight decay", self.weight_decay),
            ],
        )
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["square_avg", "acc_delta"], shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0; 2]);
        state.apply(parameter, self);
    }
}

impl Update for AdadeltaConfig {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [v, u] = state else { unreachable!("made in `step`") };
        let objective = Objective { maximize: self.maximize, weight_decay: self.weight_decay };
        for ((w, &g), (v, u)) in w.iter_mut().zip(g).zip(v.iter_mut().zip(u.iter_mut())) {
            let g = objective.gradient(g, *w);
            *v = v.scale(self.rho) + (g * g).scale(1.0 - self.rho);
            let root = |x: T| x.shift(self.eps).square_root();
            let delta = root(*u) / root(*v) * g;
            *u = u.scale(self.rho) + (delta * delta).scale(1.0 - self.rho);
            *w = *w - delta.scale(self.lr);
        }
    }
}
