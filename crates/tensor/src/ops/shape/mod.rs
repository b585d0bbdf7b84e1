//! Shapes: the same elements seen through another layout, repeated, reordered or padded.
//!
//! - `reshape`, `squeeze`, `permute`, `expand`, `diagonal`: views where the layout allows it.
//! - `repeat`, `order`, `triangle`, `pad`, `unfold`: new elements.

mod diagonal;
mod expand;
mod order;
mod pad;
mod permute;
mod repeat;
mod reshape;
mod squeeze;
mod triangle;
mod unfold;

pub use expand::Indexing;
pub use pad::PadMode;
pub use unfold::Unfold;

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let x = [random(&[2, 3, 2])];
        let curved = |x: &Tensor| x.sin(); // so that the second order is not zero
        check(|x| curved(&x[0].reshape(&[3, -1])), &x);
        check(|x| curved(&x[0].flatten(0, 1)), &x);
        check(|x| curved(&x[0].unflatten(1, &[-1, 3])), &x);
        check(|x| curved(&x[0].permute(&[2, 0, 1])), &x);
        check(|x| curved(&x[0].movedim(&[0, 1], &[-1, 0])), &x);
        check(|x| curved(&x[0].transpose(0, -1)), &x);
        check(|x| curved(&x[0].transpose(0, -1).reshape(&[4, 3])), &x);
        check(|x| curved(&x[0].mt().contiguous()), &x);
        check(|x| curved(&x[0].select(0, 1).t()), &x);
        check(|x| curved(&x[0].unsqueeze(1).squeeze(1)), &x);
        check(|x| curved(&x[0].narrow(2, 0, 1).unsqueeze(1).squeeze(..)), &x);
        check(|x| curved(&x[0].expand(&[2, 2, 3, 2])), &x);
        check(|x| curved(&x[0].sum_to(&[3, 1])), &x);
        check(|x| curved(&x[0].expand(&[2])), &[random(&[])]);
        check(|x| curved(&x[0].sum_to(&[])), &[random(&[2])]);
    }

    #[test]
    fn what_changes_nothing_records_nothing() {
        let x = random(&[2, 3]).requires_grad();
        let same = [x.reshape(&[2, 3]), x.contiguous(), x.expand(&[2, 3]), x.sum_to(&[2, 3])];
        assert!(same.iter().all(Tensor::is_leaf));
        let same = [x.squeeze(..), x.flip(&[][..]), x.repeat(&[1, 1]), x.pad(&[0, 0], 0)];
        assert!(same.iter().all(Tensor::is_leaf));
    }
}
