//! `ASGD`: averaged stochastic gradient descent.

use tensor::{Float, Parameter, Update};

use crate::method::{Objective, State, check_not_negative, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`ASGD`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct ASGDConfig {
    /// The learning rate η.
    pub lr: f64,
    /// The decay κ of weights and step size.
    pub lambd: f64,
    /// The power α of the step size's decay.
    pub alpha: f64,
    /// The step t₀ at which averaging starts.
    pub t0: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for ASGDConfig {
    fn default() -> Self {
        Self { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weight_decay: 0.0, maximize: false }
    }
}

/// Gradient descent whose weights are averaged (Polyak and Juditsky 1992).
///
/// ```text
/// g = ∇ + λw                   (−∇ if the objective is maximised)
/// w = w(1 − κηₜ) − ηₜg
/// a = a + μₜ(w − a)
/// ηₜ₊₁ = η/(1 + κηt)^α,  μₜ₊₁ = 1/max(1, t − t₀)
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, ASGD};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = ASGD::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type ASGD = Descent<ASGDConfig>;

impl Method for ASGDConfig {
    const NAME: &'static str = "asgd";

    hyperparameters!(lr, lambd, alpha, t0, weight_decay, maximize);

    fn check(&self) -> Result<(), String> {
        check_not_negative(
            Self::NAME,
            &[("learning rate", self.lr), ("weight decay", self.weight_decay)],
        )
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["ax"], shape).with_numbers(&["eta", "mu"])
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0]);
        if state.numbers.is_empty() {
            state.numbers.extend([self.lr, 1.0]); // the step size, and the weight in the average
        }
        let (step_size, weight) = (state.numbers[0], state.numbers[1]);
        state.apply(parameter, &Pass { config: self, step_size, weight });
        let t = state.t();
        state.numbers[0] = self.lr / (1.0 + self.lambd * self.lr * t).powf(self.alpha);
        state.numbers[1] = 1.0 / (t - self.t0).max(1.0);
    }
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass<'a> {
    config: &'a ASGDConfig,
    step_size: f64,
    weight: f64,
}

impl Update for Pass<'_> {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [average] = state else { unreachable!("made in `step`") };
        let ASGDConfig { lambd, weight_decay, maximize, .. } = *self.config;
        let objective = Objective { maximize, weight_decay };
        for ((w, &g), a) in w.iter_mut().zip(g).zip(average.iter_mut()) {
            let g = objective.gradient(g, *w);
            *w = w.scale(1.0 - lambd * self.step_size) - g.scale(self.step_size);
            *a = if self.weight == 1.0 { *w } else { *a + (*w - *a).scale(self.weight) };
        }
    }
}
