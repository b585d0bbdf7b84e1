//! `RMSprop`: steps of a size that does not depend on the gradient's.

use tensor::{Float, Parameter, Update};

use crate::method::{Objective, State, check_not_negative, ensure, hyperparameters, lerp};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`RMSprop`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct RMSpropConfig {
    /// The learning rate η.
    pub lr: f64,
    /// α: how much of the averages is kept.
    pub alpha: f64,
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// The momentum μ.
    pub momentum: f64,
    /// Whether the square is taken about the mean: a variance.
    pub centered: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for RMSpropConfig {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            alpha: 0.99,
            eps: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            maximize: false,
        }
    }
}

/// Steps divided by a running root mean square of the gradient (Hinton 2012, lecture 6; centred: Graves 2013).
///
/// ```text
/// g = ∇ + λw                   (−∇ if the objective is maximised)
/// v = αv + (1 − α)g²
/// a = αa + (1 − α)g            (only if centred, else a = 0)
/// b = μb + g/(√(v − a²) + ε)   (μ = 0 without momentum)
/// w = w − ηb
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, RMSprop};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = RMSprop::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type RMSprop = Descent<RMSpropConfig>;

impl Method for RMSpropConfig {
    const NAME: &'static str = "rmsprop";

    hyperparameters!(lr, alpha, eps, weight_decay, momentum, centered, maximize);

    fn check(&self) -> Result<(), String> {
        check_not_negative(
            Self::NAME,
            &[
                ("learning rate", self.lr),
                ("alpha", self.alpha),
                ("epsilon", self.eps),
                ("weight decay", self.weight_decay),
                ("momentum", self.momentum),
            ],
        )
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(self.names(), shape)
    }

    fn check_state(&self, state: &State) -> Result<(), String> {
        ensure!(
            state.names.is_empty() || state.names == self.names(),
            "rmsprop: momentum and centring cannot be switched on or off after the first step: a \
             parameter's state is {:?}, not {:?}",
            state.names,
            self.names()
        );
        Ok(())
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0; 3][..self.names().len()]);
        state.apply(parameter, self);
    }
}

impl RMSpropConfig {
    fn names(&self) -> &'static [&'static str] {
        match (self.momentum > 0.0, self.centered) {
            (false, false) => &["square_avg"],
            (true, false) => &["square_avg", "momentum_buffer"],
            (false, true) => &["square_avg", "grad_avg"],
            (true, true) => &["square_avg", "momentum_buffer", "grad_avg"],
        }
    }
}

impl Update for RMSpropConfig {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let objective = Objective { maximize: self.maximize, weight_decay: self.weight_decay };
        let Some((v, rest)) = state.split_first_mut() else { unreachable!("made in `step`") };
        let (mut average, mut buffer) = (None, None);
        let mut rest = rest.iter_mut();
        if self.momentum > 0.0 {
            buffer = rest.next();
        }
        if self.centered {
            average = rest.next();
        }
        for (i, (w, &g)) in w.iter_mut().zip(g).enumerate() {
            let g = objective.gradient(g, *w);
            v[i] = v[i].scale(self.alpha) + (g * g).scale(1.0 - self.alpha);
            let variance = match &mut average {
                Some(a) => {
                    a[i] = lerp(a[i], g, 1.0 - self.alpha);
                    v[i] - a[i] * a[i]
                }
                None => v[i],
            };
            let scaled = g / variance.square_root().shift(self.eps);
            let direction = match &mut buffer {
                Some(b) => {
                    b[i] = b[i].scale(self.momentum) + scaled;
                    b[i]
                }
                None => scaled,
            };
            *w = *w - direction.scale(self.lr);
        }
    }
}
