//! What Adam, `NAdam` and `RAdam` share: averages of the gradient and of its square, and weight decay
//! that is part of the gradient or not.

use tensor::Float;

use crate::method::{Objective, lerp};

/// The averages' arithmetic.
#[derive(Clone, Copy)]
pub(crate) struct Averages {
    objective: Objective,
    betas: (f64, f64),
    /// What decoupled weight decay leaves of the weights.
    shrink: f64,
}

impl Averages {
    /// With weight decay as a part of the gradient.
    pub(crate) fn coupled(maximize: bool, betas: (f64, f64), weight_decay: f64) -> Self {
        Self { objective: Objective { maximize, weight_decay }, betas, shrink: 1.0 }
    }

    /// With weight decay that shrinks the weights by this part of themselves.
    pub(crate) fn decoupled(maximize: bool, betas: (f64, f64), part: f64) -> Self {
        Self { shrink: 1.0 - part, ..Self::coupled(maximize, betas, 0.0) }
    }

    /// Moves one element's averages and shrinks its weight; returns the gradient.
    #[allow(clippy::inline_always, reason = "the loop is compiled for the widest instructions")]
    #[inline(always)]
    pub(crate) fn advance<T: Float>(&self, w: &mut T, g: T, m: &mut T, v: &mut T) -> T {
        let (b1, b2) = self.betas;
        let g = self.objective.gradient(g, *w);
        *w = w.scale(self.shrink);
        *m = lerp(*m, g, 1.0 - b1);
        *v = v.scale(b2) + (g * g).scale(1.0 - b2);
        g
    }
}
