//! `Adamax`: Adam under the maximum norm.

use tensor::{Float, Parameter, Update};

use crate::method::averages::{Common, common};
use crate::method::{Objective, State, hyperparameters, lerp};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`Adamax`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamaxConfig {
    /// The learning rate η.
    pub lr: f64,
    /// β₁ and β₂: how much of the averages is kept.
    pub betas: (f64, f64),
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for AdamaxConfig {
    fn default() -> Self {
        Self { lr: 2e-3, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0, maximize: false }
    }
}

/// Adam with the largest recent gradient in place of the average of squares (Kingma and Ba 2015, section 7).
///
/// ```text
/// g = ∇ + λw                   (−∇ if the objective is maximised)
/// m = β₁m + (1 − β₁)g
/// u = max(β₂u, |g| + ε)
/// w = w − η/(1 − β₁ᵗ) · m/u
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, Adamax};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = Adamax::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type Adamax = Descent<AdamaxConfig>;

impl Method for AdamaxConfig {
    const NAME: &'static str = "adamax";

    hyperparameters!(lr, betas, eps, weight_decay, maximize);

    fn check(&self) -> Result<(), String> {
        common!(self).check(Self::NAME)
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["exp_avg", "exp_inf"], shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0; 2]);
        let objective = Objective { maximize: self.maximize, weight_decay: self.weight_decay };
        let step_size = self.lr / (1.0 - self.betas.0.powf(state.t()));
        state.apply(parameter, &Pass { objective, betas: self.betas, eps: self.eps, step_size });
    }
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass {
    objective: Objective,
    betas: (f64, f64),
    eps: f64,
    step_size: f64,
}

impl Update for Pass {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [m, u] = state else { unreachable!("made in `step`") };
        let (b1, b2) = self.betas;
        for ((w, &g), (m, u)) in w.iter_mut().zip(g).zip(m.iter_mut().zip(u.iter_mut())) {
            let g = self.objective.gradient(g, *w);
            *m = lerp(*m, g, 1.0 - b1);
            let (before, now) = (u.scale(b2), g.magnitude().shift(self.eps));
            *u = if before > now { before } else { now };
            *w = *w - (*m / *u).scale(self.step_size);
        }
    }
}
