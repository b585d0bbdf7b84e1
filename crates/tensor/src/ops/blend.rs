//! Three operands at once: interpolation, and products and quotients that are added.

use crate::Tensor;
use crate::ops::arithmetic::same_shape;
use crate::ops::wide::{widened, zip_wide, zip3_wide};
use crate::shape::broadcast;
use crate::tensor::Rule;

/// Exact at both ends, and where they are equal.
fn interpolate(start: f64, end: f64, weight: f64) -> f64 {
    let difference = end - start;
    if weight.abs() < 0.5 { start + weight * difference } else { end - difference * (1.0 - weight) }
}

impl Tensor {
    /// self + `weight` · (end - self): from self at weight 0 to `end` at weight 1.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let y = Tensor::from([0.0_f32, 10.0]).lerp(&Tensor::scalar(20.0_f32), 0.25);
    /// assert_eq!(y.to_vec::<f32>(), [5.0, 12.5]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn lerp(&self, end: &Tensor, weight: f64) -> Tensor {
        let [start, end] = same_shape("lerp", self, end);
        let value = zip_wide("lerp", &start, &end, &|start, end| interpolate(start, end, weight));
        value.record("lerp", [&start, &end], || {
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(0) {
                    call.give(0, &g * (1.0 - weight));
                }
                if call.needs(1) {
                    call.give(1, g * weight);
                }
            }
        })
    }

    /// As [`lerp`](Tensor::lerp), with a weight for each element.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let weight = Tensor::from([0.0_f32, 0.5, 1.0]);
    /// let y = Tensor::scalar(1.0_f32).lerp_tensor(&Tensor::scalar(3.0_f32), &weight);
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn lerp_tensor(&self, end: &Tensor, weight: &Tensor) -> Tensor {
        if let Some([start, end, weight]) = widened([self, end, weight]) {
            return start.lerp_tensor(&end, &weight).to_dtype(self.dtype());
        }
        let [start, end] = same_shape("lerp", self, end);
        let [_, weight] = same_shape("lerp", &start, weight);
        let shape = broadcast("lerp", start.shape(), weight.shape());
        let [start, end, weight] = [&*start, &*end, &*weight].map(|x| x.expand(&shape));
        let value = zip3_wide("lerp", [&start, &end, &weight], &interpolate);
        value.record("lerp", [&start, &end, &weight], || {
            let (start, end, weight) = (start.clone(), end.clone(), weight.clone());
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(0) {
                    call.give(0, &g * &(1.0 - &weight));
                }
                if call.needs(1) {
                    call.give(1, &g * &weight);
                }
                if call.needs(2) {
                    call.give(2, g * (&end - &start));
                }
            }
        })
    }

    /// self + `value` · a · b.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32]).addcmul(&Tensor::from([2.0_f32]), &Tensor::from([3.0_f32]), 0.5);
    /// assert_eq!(x.to_vec::<f32>(), [4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn addcmul(&self, a: &Tensor, b: &Tensor, value: f64) -> Tensor {
        let product = a * b;
        if value == 1.0 { self + product } else { self + product * value }
    }

    /// self + `value` · a / b.
    ///
    /// # Panics
    ///
    /// If the dtypes differ or are not floating-point, or the shapes do not broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32]).addcdiv(&Tensor::from([3.0_f32]), &Tensor::from([2.0_f32]), 2.0);
    /// assert_eq!(x.to_vec::<f32>(), [4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn addcdiv(&self, a: &Tensor, b: &Tensor, value: f64) -> Tensor {
        let quotient = a / b;
        if value == 1.0 { self + quotient } else { self + quotient * value }
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{BROADCASTS, check, partials, positive, random};

    const INF: f64 = f64::INFINITY;

    #[test]
    fn gradients() {
        for [a, b] in BROADCASTS {
            check(|x| x[0].lerp(&x[1], 0.4), &[random(a), random(b)]);
            check(|x| x[0].lerp(&x[1], 1.7), &[random(a), random(b)]);
            check(|x| x[0].lerp_tensor(&x[1], &x[2]), &[random(a), random(b), random(a)]);
            check(|x| x[0].lerp_tensor(&x[1], &x[2]), &[random(b), random(b), random(a)]);
            check(|x| x[0].addcmul(&x[1], &x[2], 2.75), &[random(b), random(a), random(b)]);
            check(|x| x[0].addcdiv(&x[1], &x[2], 2.75), &[random(b), random(a), positive(b)]);
        }
        check(|x| x[0].lerp_tensor(&x[0], &x[0]), &[random(&[3])]);
        check(|x| x[0].addcmul(&x[0], &x[0], 1.0), &[random(&[3])]);
    }

    #[test]
    fn interpolation_is_exact_at_the_ends() {
        let (a, b) = (Tensor::from([1e8_f32, -3.0]), Tensor::from([1.1_f32, 0.1]));
        assert!(a.lerp(&b, 0.0).equal(&a));
        assert!(a.lerp(&b, 1.0).equal(&b));
        assert!(b.lerp(&b, 0.3).equal(&b));
        partials(|a, b| a.lerp(b, 0.4), &[([1.0, INF], INF, [0.6, 0.4])]);
    }
}
