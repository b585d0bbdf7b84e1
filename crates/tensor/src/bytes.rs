//! Elements as bytes, as files have them: little-endian, in row-major order.

use crate::dtype::dispatch;
use crate::shape::checked_numel;
use crate::{DType, Element, Tensor, TensorError, bf16, f16};

/// An element as `N` bytes, the lowest first.
trait Bytes: Element {
    const SIZE: usize;

    fn write(self, out: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! bytes {
    ($($t:ty: $bits:ty, |$x:ident| $to:expr, |$b:ident| $from:expr;)*) => {$(
        impl Bytes for $t {
            const SIZE: usize = size_of::<$bits>();

            #[inline(always)]
            fn write(self, out: &mut Vec<u8>) {
                let $x = self;
                out.extend_from_slice(&<$bits>::to_le_bytes($to));
            }
            #[inline(always)]
            fn read(bytes: &[u8]) -> Self {
                let $b = <$bits>::from_le_bytes(bytes.try_into().expect("of this length"));
                $from
            }
        }
    )*};
}

bytes! {
    f32: f32, |x| x, |b| b;
    f64: f64, |x| x, |b| b;
    f16: u16, |x| x.to_bits(), |b| f16::from_bits(b);
    bf16: u16, |x| x.to_bits(), |b| bf16::from_bits(b);
    i64: i64, |x| x, |b| b;
    i32: i32, |x| x, |b| b;
    u8: u8, |x| x, |b| b;
    bool: u8, |x| u8::from(x), |b| b == 1;
}

impl Tensor {
    /// The elements in row-major order, each with its lowest byte first; `true` is 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1_i32, 258]).to_le_bytes(), [1, 0, 0, 0, 2, 1, 0, 0]);
    /// ```
    pub fn to_le_bytes(&self) -> Vec<u8> {
        dispatch!(self.dtype(), any, |T| {
            let mut bytes = Vec::with_capacity(self.numel() * T::SIZE);
            match self.as_slice::<T>() {
                Some(elements) => elements.iter().for_each(|x| x.write(&mut bytes)),
                None => self.to_vec::<T>().into_iter().for_each(|x| x.write(&mut bytes)),
            }
            bytes
        })
    }

    /// The tensor whose [`to_le_bytes`](Tensor::to_le_bytes) these are, from outside.
    ///
    /// # Errors
    ///
    /// If there are too few bytes for the shape, or too many; if the shape is too large; and if a
    /// truth value is neither 0 nor 1.
    pub fn try_from_le_bytes(
        bytes: &[u8],
        shape: &[usize],
        dtype: DType,
    ) -> Result<Tensor, TensorError> {
        const OPERATION: &str = "from_le_bytes";
        let numel = checked_numel(OPERATION, shape, dtype.size())?;
        if bytes.len() != numel * dtype.size() {
            let len = bytes.len() / dtype.size();
            let shape = shape.to_vec();
            return Err(TensorError::LengthMismatch { operation: OPERATION, len, shape });
        }
        if dtype == DType::Bool
            && let Some(&byte) = bytes.iter().find(|&&byte| byte > 1)
        {
            return Err(TensorError::NotBool { operation: OPERATION, byte });
        }
        dispatch!(dtype, any, |T| {
            Tensor::try_from_vec(bytes.chunks_exact(T::SIZE).map(T::read).collect(), shape)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{DType, Tensor, TensorError, bf16, f16};

    fn comes_back(x: &Tensor) {
        let back = Tensor::try_from_le_bytes(&x.to_le_bytes(), x.shape(), x.dtype()).unwrap();
        assert_eq!((back.dtype(), back.shape()), (x.dtype(), x.shape()));
        assert_eq!(back.to_le_bytes(), x.to_le_bytes());
    }

    #[test]
    fn elements_of_every_dtype_and_layout_come_back() {
        let x = Tensor::from([[1.5_f32, -0.0, f32::NAN], [f32::INFINITY, 1e-40, 7.0]]);
        let samples = [DType::F32, DType::F64, DType::F16, DType::BF16].map(|d| x.to_dtype(d));
        let x = Tensor::from([[1_i64, 0], [-5, 300]]);
        let whole = [DType::I64, DType::I32, DType::U8, DType::Bool].map(|d| x.to_dtype(d));
        for x in samples.iter().chain(&whole) {
            comes_back(x);
            comes_back(&x.t());
            comes_back(&x.select(0, 1));
            comes_back(&x.select(0, 1).select(0, 0));
            comes_back(&x.narrow(1, 0, 0));
        }
        assert_eq!(Tensor::from([f16::from_f32(1.0)]).to_le_bytes(), [0x00, 0x3c]);
        assert_eq!(Tensor::from([bf16::from_f32(1.0)]).to_le_bytes(), [0x80, 0x3f]);
        assert_eq!(Tensor::from([[1_i32, 2], [3, 4]]).t().to_le_bytes()[4..8], [3, 0, 0, 0]);
    }

    #[test]
    fn bytes_that_are_no_tensor() {
        let read = |bytes: &[u8], shape: &[usize], dtype| {
            Tensor::try_from_le_bytes(bytes, shape, dtype).unwrap_err()
        };
        assert!(matches!(read(&[0; 7], &[2], DType::F32), TensorError::LengthMismatch { .. }));
        assert!(matches!(read(&[0; 12], &[2], DType::F32), TensorError::LengthMismatch { .. }));
        let huge = [0, usize::MAX, 2];
        assert!(matches!(read(&[], &huge, DType::F32), TensorError::ShapeOverflow { .. }));
        let error = read(&[1, 2], &[2], DType::Bool);
        assert_eq!(error.to_string(), "from_le_bytes: a truth value is neither 0 nor 1: 2");
    }
}
