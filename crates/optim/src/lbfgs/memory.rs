//! What is remembered of the objective's curvature.

use std::collections::VecDeque;

use tensor::Tensor;

use super::dot;

/// The last changes of gradient y and position s: an approximation of the inverse Hessian.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    pub(super) changes: VecDeque<Change>,
    /// The scale of the inverse Hessian that the changes modify: s·y / y·y of the last one.
    pub(super) scale: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) y: Tensor,
    pub(super) s: Tensor,
    /// 1 / s·y.
    pub(super) rho: f64,
}

impl Default for Memory {
    fn default() -> Self {
        Self { changes: VecDeque::new(), scale: 1.0 }
    }
}

impl Memory {
    /// Takes in a change along which the objective curves upwards; another would spoil the
    /// approximation.
    pub(super) fn remember(&mut self, y: Tensor, s: Tensor, most: usize) {
        const LEAST_CURVATURE: f64 = 1e-10;
        let curvature = dot(&y, &s);
        if curvature > LEAST_CURVATURE {
            self.scale = curvature / dot(&y, &y);
            self.changes.push_back(Change { y, s, rho: 1.0 / curvature });
            if self.changes.len() > most {
                self.changes.pop_front();
            }
        }
    }

    /// -H g, by the two loops over the changes (Nocedal 1980).
    pub(super) fn direction(&self, g: &Tensor) -> Tensor {
        let mut direction = -g;
        let mut weights = Vec::with_capacity(self.changes.len());
        for Change { y, s, rho } in self.changes.iter().rev() {
            let weight = dot(s, &direction) * rho;
            direction -= y * weight;
            weights.push(weight);
        }
        direction *= self.scale;
        for (Change { y, s, rho }, weight) in self.changes.iter().zip(weights.into_iter().rev()) {
            direction = &direction + s * (weight - dot(y, &direction) * rho);
        }
        direction
    }
}
