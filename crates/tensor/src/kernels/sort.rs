//! Sorting lines: stable, and with NaN as the largest of all numbers.

use std::cmp::Ordering;

use crate::Element;

/// The order of elements: NaN is equal to itself and larger than any number, and zeros are equal.
fn compare<T: Element>(a: T, b: T) -> Ordering {
    let is_nan = |x: T| x.partial_cmp(&x).is_none();
    a.partial_cmp(&b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
}

/// The positions of a line's elements in sorted order; equal ones stay in their order.
pub(crate) fn positions<T: Element>(x: &[T], out: &mut [i64], descending: bool) {
    out.iter_mut().zip(0..).for_each(|(out, i)| *out = i);
    let at = |i: i64| x[i as usize];
    if descending {
        out.sort_by(|&i, &j| compare(at(j), at(i)));
    } else {
        out.sort_by(|&i, &j| compare(at(i), at(j)));
    }
}

/// The positions of the first `out.len()` elements in sorted order.
pub(crate) fn first_positions<T: Element>(x: &[T], out: &mut [i64], descending: bool) {
    let mut all: Vec<i64> = (0..x.len() as i64).collect();
    let order = |&i: &i64, &j: &i64| {
        let (a, b) = (x[i as usize], x[j as usize]);
        let by_value = if descending { compare(b, a) } else { compare(a, b) };
        by_value.then(i.cmp(&j))
    };
    let k = out.len();
    if k > 0 && k < all.len() {
        all.select_nth_unstable_by(k - 1, order);
    }
    all.truncate(k);
    all.sort_unstable_by(order);
    out.copy_from_slice(&all);
}

/// The position of the lower middle element, or that of the first NaN. The line is not empty.
pub(crate) fn median<T: Element>(x: &[T]) -> usize {
    if let Some(nan) = x.iter().position(|x| x.partial_cmp(x).is_none()) {
        return nan;
    }
    let mut all: Vec<usize> = (0..x.len()).collect();
    let middle = (x.len() - 1) / 2;
    *all.select_nth_unstable_by(middle, |&i, &j| compare(x[i], x[j]).then(i.cmp(&j))).1
}
