//! Scans along an axis: running sums, products and extrema; and differences, which undo sums.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::lines;
use crate::kernels::scan::{self, Start};
use crate::ops::along::{Restored, along};
use crate::shape::resolve_axis;
use crate::tensor::{Rule, Value};

impl Tensor {
    #[track_caller]
    fn running_sum(&self, axis: usize, start: Start) -> Tensor {
        let n = self.shape()[axis];
        let x = self.with_room();
        let storage = dispatch!(x.dtype(), number "cumsum", |T| {
            lines::map([x.view::<T>()], axis, (n, 4), &|[line], out: &mut [T]| {
                scan::sums(line, out, start);
            })
        });
        Value::contiguous(storage, self.shape()).record("cumsum", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| {
                call.give(0, g.running_sum(axis, start.other_end()));
            }
        })
    }

    #[track_caller]
    pub(crate) fn running_product(&self, axis: usize, start: Start) -> Tensor {
        let n = self.shape()[axis];
        let x = self.with_room();
        let storage = dispatch!(x.dtype(), number "cumprod", |T| {
            lines::map([x.view::<T>()], axis, (n, 4), &|[line], out: &mut [T]| {
                scan::products(line, out, start);
            })
        });
        let value = Value::contiguous(storage, self.shape());
        let saved = value.clone();
        value.record("cumprod", [self], || {
            let x = self.clone();
            move |g: Tensor, call: &mut Rule<'_>| {
                // x[k] is a factor of every product from y[k] on: the product of those before it
                // times s[k] = g[k] + x[k+1] s[k+1].
                let forward = start == Start::First;
                let y = saved.clone().tracked(call.output(0));
                let before = y.shifted(axis, forward, 1.0);
                let next = x.shifted(axis, !forward, 0.0);
                call.give(0, before * next.recurrence(&g, axis, start.other_end()));
            }
        })
    }

    /// y[i] = a[i] · y[i-1] + b[i] along an axis, with a = self. Its derivative is the same
    /// recurrence from the other end.
    #[track_caller]
    fn recurrence(&self, b: &Tensor, axis: usize, start: Start) -> Tensor {
        let n = self.shape()[axis];
        let storage = dispatch!(self.dtype(), float "cumprod", |T| {
            let views = [self.view::<T>(), b.view::<T>()];
            lines::map(views, axis, (n, 8), &|[a, b], out: &mut [T]| {
                scan::recurrence(a, b, out, start);
            })
        });
        let value = Value::contiguous(storage, self.shape());
        let saved = value.clone();
        value.record("recurrence", [self, b], || {
            let a = self.clone();
            move |g: Tensor, call: &mut Rule<'_>| {
                let forward = start == Start::First;
                let next = a.shifted(axis, !forward, 0.0);
                let db = next.recurrence(&g, axis, start.other_end());
                if call.needs(0) {
                    let y = saved.clone().tracked(call.output(0));
                    call.give(0, &db * &y.shifted(axis, forward, 0.0));
                }
                call.give(1, db);
            }
        })
    }

    #[track_caller]
    fn running_best<const LARGEST: bool>(
        &self,
        name: &'static str,
        axis: isize,
    ) -> (Tensor, Tensor) {
        let (x, axis) = along(name, self, axis);
        let n = x.shape()[axis];
        let storage = dispatch!(x.dtype(), wide number name, |T| {
            let better: fn(T, T) -> bool = if LARGEST { |a, b| a > b } else { |a, b| a < b };
            lines::map([x.view::<T>()], axis, (n, 4), &|[line], out: &mut [i64]| {
                scan::best_so_far(line, out, better);
            })
        });
        let index = Value::contiguous(storage, x.shape()).untracked();
        (x.gather(axis as isize, &index), index).restored(self)
    }

    /// Differences, or the transpose of that map.
    #[track_caller]
    fn differenced(&self, n: usize, axis: usize, transposed: bool) -> Tensor {
        let mut shape = self.dims();
        shape[axis] = if transposed { shape[axis] + n } else { shape[axis] - n };
        let storage = dispatch!(self.dtype(), number "diff", |T| {
            lines::map([self.view::<T>()], axis, (shape[axis], 2 * n), &|[x], out: &mut [T]| {
                if transposed {
                    scan::differences_transposed(x, out, n);
                } else {
                    scan::differences(x, out, n);
                }
            })
        });
        Value::contiguous(storage, &shape).record("diff", [self], || {
            move |g: Tensor, call: &mut Rule<'_>| {
                call.give(0, g.differenced(n, axis, !transposed));
            }
        })
    }

    /// `y[i] = x[0] + … + x[i]` along an axis.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.0_f32, 2.0, 3.0]).cumsum(0).to_vec::<f32>(), [1.0, 3.0, 6.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cumsum(&self, axis: isize) -> Tensor {
        let (x, axis) = along("cumsum", self, axis);
        x.running_sum(axis, Start::First).restored(self)
    }

    /// `y[i] = x[0] · … · x[i]` along an axis. No derivative divides: zeros are no special case.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.0_f32, 2.0, 3.0]).cumprod(0).to_vec::<f32>(), [1.0, 2.0, 6.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cumprod(&self, axis: isize) -> Tensor {
        let (x, axis) = along("cumprod", self, axis);
        x.running_product(axis, Start::First).restored(self)
    }

    /// The largest element so far along an axis and its position: the last of those that tie, or
    /// the last NaN, which gets the gradient alone.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let (values, positions) = Tensor::from([1.0_f32, 3.0, 2.0]).cummax(0);
    /// assert_eq!(values.to_vec::<f32>(), [1.0, 3.0, 3.0]);
    /// assert_eq!(positions.to_vec::<i64>(), [0, 1, 1]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn cummax(&self, axis: isize) -> (Tensor, Tensor) {
        self.running_best::<true>("cummax", axis)
    }

    /// The smallest element so far along an axis and its position, as [`cummax`](Tensor::cummax).
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype has no numbers.
    #[must_use]
    #[track_caller]
    pub fn cummin(&self, axis: isize) -> (Tensor, Tensor) {
        self.running_best::<false>("cummin", axis)
    }

    /// Differences between neighbours along an axis, `y[i] = x[i+1] - x[i]`, taken `n` times. To
    /// prepend or append values, [`cat`](Tensor::cat) them first.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1_i64, 4, 9, 16]);
    /// assert_eq!(x.diff(1, 0).to_vec::<i64>(), [3, 5, 7]);
    /// assert_eq!(x.diff(2, 0).to_vec::<i64>(), [2, 2]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn diff(&self, n: usize, axis: isize) -> Tensor {
        let axis = resolve_axis("diff", axis, self.rank());
        let n = n.min(self.shape()[axis]); // then nothing is left
        if n == 0 { self.clone() } else { self.differenced(n, axis, false) }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, grad};

    #[test]
    fn gradients() {
        for shape in [&[][..], &[1], &[0], &[5], &[2, 3, 2]] {
            for axis in [0, -1] {
                check(|x| x[0].cumsum(axis).sin(), &[random(shape)]);
                check(|x| x[0].cumprod(axis), &[random(shape)]);
                check(|x| x[0].cummax(axis).0.sin(), &[random(shape)]);
                check(|x| x[0].cummin(axis).0.sin(), &[random(shape)]);
            }
        }
        check(|x| x[0].transpose(0, 1).cumprod(1), &[random(&[2, 3, 2])]);
        for n in 0..5 {
            check(|x| x[0].diff(n, 1).sin(), &[random(&[2, 4])]);
        }
    }

    #[test]
    fn zeros_are_no_special_case_to_second_order() {
        for zeros in [1, 2, 3] {
            let mut x = random(&[5]).to_vec::<f64>();
            x[1..=zeros].fill(0.0);
            check(|x| x[0].cumprod(0), &[Tensor::from(x)]);
        }
    }

    /// A third derivative goes through the recurrence's own rule.
    #[test]
    fn third_order() {
        let square_of_gradient = |x: &[Tensor]| {
            let _guard = crate::enable_grad();
            let leaf = if x[0].is_tracked() { x[0].clone() } else { x[0].requires_grad() };
            let [dx] = crate::differentiable_grad(&leaf.cumprod(0).sum(), [&leaf]);
            dx.square()
        };
        check(square_of_gradient, &[random(&[4])]);
    }

    #[test]
    fn every_layout_gives_the_same() {
        let x = random(&[3, 40, 5]);
        let by_hand = x.permute(&[0, 2, 1]).contiguous().cumsum(2).permute(&[0, 2, 1]);
        assert!(x.cumsum(1).equal(&by_hand));
        let first = x.permute(&[1, 2, 0]).contiguous().permute(&[2, 0, 1]);
        assert!(first.cumsum(1).equal(&by_hand) && x.cumsum(1).is_contiguous());
    }

    #[test]
    fn special_values() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let (best, at) = Tensor::from([1.0, 1.0, nan, 2.0]).cummax(0);
        assert!(best.to_vec::<f32>()[3].is_nan());
        assert_eq!(at.to_vec::<i64>(), [0, 1, 2, 2]);
        assert_eq!(Tensor::from([3_i64, 5, 2]).cummin(0).0.to_vec::<i64>(), [3, 3, 2]);
        assert_eq!(Tensor::from([i64::MAX, 1]).cumsum(0).to_vec::<i64>(), [i64::MAX, i64::MIN]);
        assert_eq!(Tensor::from([2_i64, 3]).cumprod(0).to_vec::<i64>(), [2, 6]);
        let sums = Tensor::from([1.0, inf, -inf]).cumsum(0).to_vec::<f32>();
        assert!(sums[1] == inf && sums[2].is_nan());
        let ones = Tensor::ones(&[1 << 25], DType::F32).cumsum(0);
        assert_eq!(ones.select(0, -1).item(), f64::from(1 << 25));
    }

    #[test]
    fn a_derivative_next_to_infinity_is_finite() {
        let x = Tensor::from([f64::INFINITY, 2.0]).requires_grad();
        let [dx] = grad(&x.cumprod(0).select(0, 0), [&x]);
        assert_eq!(dx.to_vec::<f64>()[0], 1.0);
    }
}
