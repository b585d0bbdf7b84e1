//! Comparisons, which have no gradient, and choosing by a mask, which has.

use crate::dtype::dispatch;
use crate::kernels::map::{map, zip, zip3};
use crate::number::Number;
use crate::ops::arithmetic::same_shape;
use crate::ops::rounding::has_integers;
use crate::scalar::Scalar;
use crate::shape::broadcast;
use crate::shown::kept;
use crate::tensor::{Rule, Value};
use crate::{DType, Tensor};

/// Methods that compare element by element, with a tensor or with a number.
macro_rules! comparisons {
    ($($name:ident, $with_scalar:ident, $op:tt, $doc:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!("Where ", $doc, ", as a boolean tensor; never where either is NaN, except for `ne`.")]
            ///
            /// # Panics
            ///
            /// If the dtypes differ or the shapes do not broadcast.
            #[must_use]
            #[track_caller]
            pub fn $name(&self, other: &Tensor) -> Tensor {
                let [a, b] = same_shape(stringify!($name), self, other);
                let storage = dispatch!(a.dtype(), any, |T| {
                    zip(a.view::<T>(), b.view::<T>(), |a, b| a $op b)
                });
                Value::contiguous(storage, a.shape()).untracked()
            }

            #[doc = concat!("As `", stringify!($name), "`, with a number, which is rounded to the dtype.")]
            ///
            /// # Panics
            ///
            /// If a floating-point number is compared with an integer tensor, or with a boolean one.
            #[must_use]
            #[track_caller]
            pub fn $with_scalar(&self, other: impl Into<Scalar>) -> Tensor {
                let storage = dispatch!(self.dtype(), number stringify!($name), |T| {
                    let c: T = other.into().rounded(self.dtype()).to(stringify!($name));
                    map(self.view::<T>(), move |x| x $op c)
                });
                Value::contiguous(storage, self.shape()).untracked()
            }
        )*}
    };
}

comparisons! {
    eq, eq_scalar, ==, "self = other";
    ne, ne_scalar, !=, "self ≠ other";
    lt, lt_scalar, <, "self < other";
    le, le_scalar, <=, "self ≤ other";
    gt, gt_scalar, >, "self > other";
    ge, ge_scalar, >=, "self ≥ other";
}

#[track_caller]
pub(crate) fn check_mask(operation: &str, mask: &Tensor) {
    assert!(
        mask.dtype() == DType::Bool,
        "{operation}: the mask is not boolean: got {}",
        mask.dtype()
    );
}

impl Tensor {
    /// Where both are true.
    ///
    /// # Panics
    ///
    /// If either is not boolean, or the shapes do not broadcast.
    #[must_use]
    #[track_caller]
    pub fn and(&self, other: &Tensor) -> Tensor {
        check_mask("and", self);
        let [a, b] = same_shape("and", self, other);
        let storage = zip(a.view::<bool>(), b.view::<bool>(), |a, b| a && b);
        Value::contiguous(storage, a.shape()).untracked()
    }

    /// Where either is true.
    ///
    /// # Panics
    ///
    /// If either is not boolean, or the shapes do not broadcast.
    #[must_use]
    #[track_caller]
    pub fn or(&self, other: &Tensor) -> Tensor {
        check_mask("or", self);
        let [a, b] = same_shape("or", self, other);
        let storage = zip(a.view::<bool>(), b.view::<bool>(), |a, b| a || b);
        Value::contiguous(storage, a.shape()).untracked()
    }

    /// Where the other is false, and the reverse.
    ///
    /// # Panics
    ///
    /// If self is not boolean.
    #[must_use]
    #[track_caller]
    pub fn not(&self) -> Tensor {
        check_mask("not", self);
        Value::contiguous(map(self.view::<bool>(), |x| !x), self.shape()).untracked()
    }

    /// Whether shape, dtype and every element are equal; NaN equals nothing.
    pub fn equal(&self, other: &Tensor) -> bool {
        self.shape() == other.shape()
            && self.dtype() == other.dtype()
            && dispatch!(self.dtype(), any, |T| self.to_vec::<T>() == other.to_vec::<T>())
    }

    /// `a` where the mask is true, else `b`. The branch that was not chosen gets a zero gradient.
    ///
    /// # Panics
    ///
    /// If the mask is not boolean, the dtypes of `a` and `b` differ, or the shapes do not
    /// broadcast.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([-4.0_f32, 9.0]);
    /// let positive = x.gt_scalar(0.0);
    /// // The square root sees no negative number, so that no NaN arises in the gradient either.
    /// let safe = Tensor::where_(&positive, &x, &x.ones_like());
    /// let root = Tensor::where_(&positive, &safe.sqrt(), &x.zeros_like());
    /// assert_eq!(root.to_vec::<f32>(), [0.0, 3.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn where_(mask: &Tensor, a: &Tensor, b: &Tensor) -> Tensor {
        check_mask("where", mask);
        let [a, b] = same_shape("where", a, b);
        let shape = broadcast("where", mask.shape(), a.shape());
        let (mask, a, b) = (mask.expand(&shape), a.expand(&shape), b.expand(&shape));
        let storage = dispatch!(a.dtype(), any, |T| {
            zip3(mask.view::<bool>(), a.view::<T>(), b.view::<T>(), |m, a, b| if m { a } else { b })
        });
        Value::contiguous(storage, &shape).record("where", [&a, &b], || {
            let mask = kept(mask.clone());
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(0) {
                    call.give(0, g.masked_fill(&mask.not(), 0.0));
                }
                if call.needs(1) {
                    call.give(1, g.masked_fill(&mask, 0.0));
                }
            }
        })
    }

    /// `x` where the mask is true, else self; both expand to one shape. For a tensor in the place of
    /// the number use [`where_`](Tensor::where_).
    ///
    /// # Panics
    ///
    /// If the mask is not boolean, the shapes do not broadcast, or the number does not fit the
    /// dtype.
    #[must_use]
    #[track_caller]
    pub fn masked_fill(&self, mask: &Tensor, x: impl Into<Scalar>) -> Tensor {
        check_mask("masked_fill", mask);
        let shape = broadcast("masked_fill", self.shape(), mask.shape());
        if self.shape() != &shape[..] {
            return self.expand(&shape).masked_fill(mask, x);
        }
        let mask = mask.expand(&shape);
        let storage = dispatch!(self.dtype(), number "masked_fill", |T| {
            let c: T = x.into().held("masked_fill", self.dtype());
            zip(self.view::<T>(), mask.view::<bool>(), move |x, m| if m { c } else { x })
        });
        Value::contiguous(storage, self.shape()).record("masked_fill", [self], || {
            let mask = kept(mask);
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.masked_fill(&mask, 0.0))
        })
    }

    /// Where the value is NaN.
    ///
    /// # Panics
    ///
    /// If the dtype has no numbers.
    #[must_use]
    #[track_caller]
    pub fn is_nan(&self) -> Tensor {
        let storage = dispatch!(self.dtype(), number "is_nan", |T| {
            map(self.view::<T>(), Number::is_nan)
        });
        Value::contiguous(storage, self.shape()).untracked()
    }

    /// Where the value is neither NaN nor infinite.
    ///
    /// # Panics
    ///
    /// If the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, f32::NAN, f32::INFINITY]);
    /// assert_eq!(x.is_finite().to_vec::<bool>(), [true, false, false]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn is_finite(&self) -> Tensor {
        self.is_nan().or(&self.is_inf()).not()
    }

    /// Where the value is infinite, of either sign.
    ///
    /// # Panics
    ///
    /// If the dtype has no numbers.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, f32::NAN, f32::NEG_INFINITY]);
    /// assert_eq!(x.is_inf().to_vec::<bool>(), [false, false, true]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn is_inf(&self) -> Tensor {
        if has_integers(self) {
            return self.ne(self);
        }
        let storage = dispatch!(self.dtype(), float "is_inf", |T| {
            map(self.view::<T>(), T::is_infinite)
        });
        Value::contiguous(storage, self.shape()).untracked()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor, grad};

    #[test]
    fn gradients() {
        let mask = Tensor::from([[true, false, true], [false, false, true]]);
        for [a, b] in [[&[2, 3][..], &[2, 3]], [&[3], &[2, 1]], [&[], &[]]] {
            check(|x| Tensor::where_(&mask, &x[0], &x[1]), &[random(a), random(b)]);
        }
        check(|x| x[0].masked_fill(&mask, 2.5), &[random(&[2, 3])]);
        check(|x| x[0].masked_fill(&mask.select(0, 0), 2.5), &[random(&[2, 3])]);
    }

    #[test]
    fn comparisons_are_those_of_numbers() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let points = [0.0, -0.0, 1.0, -1.0, inf, -inf, nan];
        let x = Tensor::from(points).unsqueeze(1);
        let holds = |ours: Tensor, theirs: fn(&f64, &f64) -> bool| {
            let all = points.iter().flat_map(|a| points.iter().map(move |b| theirs(a, b)));
            assert_eq!(ours.to_vec::<bool>(), all.collect::<Vec<_>>());
        };
        let y = x.t();
        holds(x.eq(&y), f64::eq);
        holds(x.ne(&y), f64::ne);
        holds(x.lt(&y), f64::lt);
        holds(x.le(&y), f64::le);
        holds(x.gt(&y), f64::gt);
        holds(x.ge(&y), f64::ge);
        for (i, &c) in points.iter().enumerate() {
            let column = |mask: Tensor| mask.select(1, i as isize).to_vec::<bool>();
            let alone = |mask: Tensor| mask.flatten(0, -1).to_vec::<bool>();
            assert_eq!(alone(x.eq_scalar(c)), column(x.eq(&y)));
            assert_eq!(alone(x.ne_scalar(c)), column(x.ne(&y)));
            assert_eq!(alone(x.lt_scalar(c)), column(x.lt(&y)));
            assert_eq!(alone(x.le_scalar(c)), column(x.le(&y)));
            assert_eq!(alone(x.gt_scalar(c)), column(x.gt(&y)));
            assert_eq!(alone(x.ge_scalar(c)), column(x.ge(&y)));
        }
    }

    #[test]
    fn masks() {
        let (a, b) = (Tensor::from([true, true, false]), Tensor::from([true, false, false]));
        assert_eq!(a.and(&b).to_vec::<bool>(), [true, false, false]);
        assert_eq!(a.not().to_vec::<bool>(), [false, false, true]);
        assert_eq!(a.eq(&b).to_vec::<bool>(), [true, false, true]);
        let x = Tensor::from([f32::NAN, 1.0, f32::INFINITY]);
        assert_eq!(x.is_nan().to_vec::<bool>(), [true, false, false]);
        assert_eq!(Tensor::from([1_i64]).is_nan().to_vec::<bool>(), [false]);
        assert_eq!(x.is_inf().to_vec::<bool>(), [false, false, true]);
        assert_eq!(x.is_finite().to_vec::<bool>(), [false, true, false]);
        assert_eq!(Tensor::from([1_i64]).is_inf().to_vec::<bool>(), [false]);
    }

    #[test]
    fn equal_compares_shape_dtype_and_elements() {
        let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
        assert!(x.equal(&x.t().contiguous().t()));
        assert!(!x.equal(&x.t()));
        assert!(!x.equal(&x.flatten(0, 1)));
        assert!(!x.equal(&x.to_dtype(DType::F64)));
        assert!(!Tensor::scalar(f32::NAN).equal(&Tensor::scalar(f32::NAN)));
    }

    #[test]
    fn the_branch_that_was_not_chosen_gets_zero_even_from_nan() {
        let (a, b) =
            (Tensor::from([1.0_f32]).requires_grad(), Tensor::from([2.0_f32]).requires_grad());
        let y = Tensor::where_(&Tensor::from([true]), &a, &b) * f32::NAN;
        let [da, db] = grad(&y.sum(), [&a, &b]);
        assert!(da.item().is_nan());
        assert_eq!(db.item(), 0.0);
    }

    #[test]
    fn comparisons_are_not_tracked() {
        let x = Tensor::from([1.0_f32]).requires_grad();
        assert!(!x.gt(&x).is_tracked() && !x.eq_scalar(1).is_tracked() && !x.is_nan().is_tracked());
    }
}
