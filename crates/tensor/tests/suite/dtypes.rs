//! Storage formats: halves are computed on in `f32` and rounded once, short integers wrap.

use std::panic::catch_unwind;

use tensor::{DType, Element, Generator, Parameter, Tensor, bf16, f16, grad};

const HALVES: [DType; 2] = [DType::F16, DType::BF16];

fn random(shape: &[usize], dtype: DType) -> Tensor {
    Generator::new(3).normal(shape, 0.0, 2.0, DType::F32).to_dtype(dtype)
}

/// Bit for bit, NaN included.
fn same(a: &Tensor, b: &Tensor) -> bool {
    let bits = |x: &Tensor| x.to_dtype(DType::F32).to_vec::<f32>();
    let equal = bits(a).iter().zip(bits(b)).all(|(a, b)| a.to_bits() == b.to_bits());
    a.dtype() == b.dtype() && a.shape() == b.shape() && equal
}

type Operation = fn(&Tensor, &Tensor) -> Tensor;

const OPERATIONS: [(&str, Operation); 20] = [
    ("add", |x, y| x + y),
    ("sub", |x, y| x - y),
    ("mul", |x, y| x * y),
    ("div", |x, y| x / y),
    ("neg", |x, _| -x),
    ("scalar", |x, _| x * 1.7 + 0.3),
    ("exp", |x, _| x.exp()),
    ("tanh", |x, _| x.tanh()),
    ("relu", |x, _| x.relu()),
    ("pow", |x, y| x.abs().pow(y)),
    ("maximum", |x, y| x.maximum(y)),
    ("matmul", |x, y| x.matmul(&y.mt())),
    ("sum", |x, _| x.sum()),
    ("sum_dim", |x, _| x.sum_dim(0)),
    ("mean_dim", |x, _| x.mean_dim(1)),
    ("amax", |x, _| x.amax(1)),
    ("gt", |x, y| x.gt(y).to_dtype(x.dtype())),
    ("where", |x, y| Tensor::where_(&x.gt_scalar(0.0), x, y)),
    ("select", |x, _| x.select(1, 2)),
    ("cat", |x, y| Tensor::cat(&[x.clone(), y.clone()], 1)),
];

#[test]
fn an_operation_on_halves_is_the_operation_on_f32_rounded() {
    for dtype in HALVES {
        let (x, y) = (random(&[6, 40], dtype), random(&[6, 40], dtype).sin());
        let layouts: [fn(&Tensor) -> Tensor; 4] = [
            Tensor::clone,
            |x| x.reshape(&[40, 6]).t(),
            |x| x.slice(1, 1..40, 5),
            |x| x.narrow(0, 2, 1).expand(&[6, 40]),
        ];
        for layout in layouts {
            let (x, y) = (layout(&x), layout(&y));
            let wide = |x: &Tensor| x.to_dtype(DType::F32);
            for (name, operation) in OPERATIONS {
                // `abs` inside rounds nothing, so each of these rounds once, but for two.
                if name != "scalar" {
                    let expected = operation(&wide(&x), &wide(&y)).to_dtype(dtype);
                    assert!(same(&operation(&x, &y), &expected), "{name} {dtype}");
                }
                assert_eq!(operation(&x, &y).dtype(), dtype, "{name}");
            }
        }
    }
}

#[test]
fn a_gradient_has_the_dtype_of_its_input() {
    for dtype in HALVES {
        let x = random(&[4, 3], dtype).requires_grad();
        let w = random(&[3, 2], dtype).requires_grad();
        let y = x.matmul(&w).tanh().sum();
        let [dx, dw] = grad(&y, [&x, &w]);
        assert_eq!((dx.dtype(), dw.dtype()), (dtype, dtype));
        // A product's own rule rounds once.
        let loss = (&x * &x).sum();
        let [dx] = grad(&loss, [&x]);
        assert!(same(&dx, &(2.0 * x.detach())));
    }
}

#[test]
fn gradients_pass_between_all_floats() {
    for from in [DType::F16, DType::BF16, DType::F32, DType::F64] {
        for to in [DType::F16, DType::BF16, DType::F32, DType::F64] {
            let x = Tensor::from([0.5_f32, -1.5, 2.0]).to_dtype(from).requires_grad();
            let y = x.to_dtype(to).square().sum();
            let [dx] = grad(&y, [&x]);
            assert_eq!((y.dtype(), dx.dtype()), (to, from));
            assert_eq!(dx.to_dtype(DType::F64).to_vec::<f64>(), [1.0, -3.0, 4.0]);
        }
    }
}

#[test]
fn sums_of_halves_do_not_stall() {
    let ones = |n: usize, dtype| Tensor::ones(&[n], dtype);
    assert_eq!(ones(5_000, DType::F16).sum().item(), 5_000.0);
    assert_eq!(ones(5_000, DType::BF16).sum().item(), 4_992.0); // 5,000 rounded to 8 bits
    assert_eq!(ones(70_000, DType::F16).mean().item(), 1.0);
    let infinite = ones(70_000, DType::F16).sum();
    assert_eq!(infinite.item(), f64::INFINITY);
    assert_eq!(infinite.nan_to_num().item(), 65_504.0);
    let ones = Tensor::ones(&[5_000, 2], DType::F16);
    assert_eq!(ones.sum_dim(0).to_dtype(DType::F64).to_vec::<f64>(), [5_000.0; 2]);
    let product = ones.t().matmul(&ones);
    assert_eq!(product.to_dtype(DType::F64).to_vec::<f64>(), [5_000.0; 4]);
}

#[test]
fn a_half_parameter_trains() {
    for dtype in HALVES {
        let w = Parameter::new(Tensor::from([1.0_f32, -2.0]).to_dtype(dtype));
        for _ in 0..3 {
            w.zero_grad();
            w.tensor().square().sum().backward();
            let g = w.grad().expect("backward reached w");
            assert_eq!(g.dtype(), dtype);
            w.update(|value| value - 0.25 * &g);
        }
        assert_eq!(w.tensor().to_dtype(DType::F32).to_vec::<f32>(), [0.125, -0.25]);
        assert_eq!(w.dtype(), dtype);
    }
}

#[test]
fn short_integers_wrap_and_their_sums_do_not() {
    let x = Tensor::from([255_u8, 1, 128]);
    assert_eq!((&x + 1).to_vec::<u8>(), [0, 2, 129]);
    assert_eq!((&x * &x).to_vec::<u8>(), [1, 1, 0]);
    assert_eq!((-&x).to_vec::<u8>(), [1, 255, 128]);
    assert_eq!(x.maximum(&Tensor::from([7_u8, 7, 7])).to_vec::<u8>(), [255, 7, 128]);
    assert_eq!(x.sum().to_vec::<i64>(), [384]);
    assert_eq!(x.amax(0).to_vec::<u8>(), [255]);
    let y = Tensor::from([i32::MAX, i32::MIN]);
    assert_eq!((&y + 1).to_vec::<i32>(), [i32::MIN, i32::MIN + 1]);
    assert_eq!((-&y).to_vec::<i32>(), [-i32::MAX, i32::MIN]);
    assert_eq!(y.sum_dim(0).to_vec::<i64>(), [-1]);
    assert_eq!(y.gt_scalar(0).to_vec::<bool>(), [true, false]);
    assert_eq!(x.eq(&x).to_vec::<bool>(), [true; 3]);
    assert_eq!(x.cumsum(0).to_vec::<i64>(), [255, 256, 384]);
    assert_eq!(x.prod().to_vec::<i64>(), [255 * 128]);
    let mut bytes = vec![0_u8; 400];
    bytes[300] = 1;
    let positions = Tensor::from(bytes).argmax_dim(0);
    assert_eq!(positions.to_vec::<i64>(), [300]);
    assert_eq!(Tensor::arange(4, DType::U8).to_vec::<u8>(), [0, 1, 2, 3]);
    assert_eq!(Tensor::full(&[2], 7_i32).to_vec::<i32>(), [7, 7]);
}

/// Every pair of dtypes, on numbers around all the limits.
#[test]
fn a_conversion_is_that_of_each_element() {
    fn converted<T: Element, U: Element>(data: &[T]) {
        let x = Tensor::from(data).to_dtype(U::DTYPE).to_vec::<U>();
        for (&x, &ours) in data.iter().zip(&x) {
            let both = (ours, U::cast(x));
            let nan = both.0.to_f64().is_nan() && both.1.to_f64().is_nan();
            assert!(both.0 == both.1 || nan, "{x:?}, {} to {}: {both:?}", T::DTYPE, U::DTYPE);
        }
    }
    fn from<T: Element>() {
        let data: Vec<T> = [0.0, 1.0, -1.0, 0.3, 255.5, 256.0, -129.0, 65_519.9, 65_520.0, 3e9]
            .into_iter()
            .chain([2_049.000_01, -1e19, 1e39, 1e-8, f64::NAN, f64::INFINITY])
            .map(T::from_f64)
            .collect();
        converted::<T, f16>(&data);
        converted::<T, bf16>(&data);
        converted::<T, f32>(&data);
        converted::<T, f64>(&data);
        converted::<T, i64>(&data);
        converted::<T, i32>(&data);
        converted::<T, u8>(&data);
        converted::<T, bool>(&data);
    }
    from::<f16>();
    from::<bf16>();
    from::<f32>();
    from::<f64>();
    from::<i64>();
    from::<i32>();
    from::<u8>();
    from::<bool>();
    let large = (1_i64 << 62) + (1 << 54) + 1; // a tie in `bf16` but for its last bit
    assert_eq!(bf16::cast(large).to_f64(), (1_i64 << 62) as f64 * (1.0 + 1.0 / 128.0));
}

#[test]
fn elements_are_stored_narrow_and_read_as_what_they_are() {
    let x = Tensor::from(vec![1.0_f32; 64]).to_dtype(DType::F16);
    let expected = [f16::from_f32(1.0); 64];
    assert_eq!(x.as_slice::<f16>().expect("contiguous"), expected);
    assert!(x.select(0, 3).shares_memory(&x) && x.clone().shares_memory(&x));
    let y = &x + 1.0; // reads x widened
    assert_eq!(x.as_slice::<f16>().expect("contiguous"), expected);
    assert_eq!(y.to_vec::<f16>(), [f16::from_f32(2.0); 64]);
    assert_eq!(x.select(0, -1).item(), 1.0);
}

#[test]
fn short_integers_are_indices() {
    let x = Tensor::from([10.0_f32, 20.0, 30.0]);
    let index = Tensor::from([2_i32, 0, 2]);
    assert_eq!(x.index_select(0, &index).to_vec::<f32>(), [30.0, 10.0, 30.0]);
    assert_eq!(x.gather(0, &index).to_vec::<f32>(), [30.0, 10.0, 30.0]);
    let x = x.requires_grad();
    let [dx] = grad(&x.index_select(0, &index).sum(), [&x]);
    assert_eq!(dx.to_vec::<f32>(), [1.0, 0.0, 2.0]);
}

#[test]
fn nothing_is_promoted() {
    let half = Tensor::from([1.0_f32]).to_dtype(DType::F16);
    let pairs = [
        (half.clone(), Tensor::from([1.0_f32])),
        (half.clone(), half.to_dtype(DType::BF16)),
        (Tensor::from([1_u8]), Tensor::from([1_i32])),
        (Tensor::from([1_i32]), Tensor::from([1_i64])),
    ];
    for (a, b) in pairs {
        let message = *catch_unwind(|| &a + &b).unwrap_err().downcast::<String>().unwrap();
        assert!(message.contains("dtypes differ"), "{message}");
    }
}

#[test]
fn dtypes_print_as_in_pytorch() {
    let x = Tensor::from([1.5_f32, -2.0]);
    assert_eq!(
        x.to_dtype(DType::F16).to_string(),
        "tensor([ 1.5000, -2.0000], dtype=torch.float16)"
    );
    assert_eq!(
        x.to_dtype(DType::BF16).to_string(),
        "tensor([ 1.5000, -2.0000], dtype=torch.bfloat16)"
    );
    assert_eq!(Tensor::from([1_u8, 2]).to_string(), "tensor([1, 2], dtype=torch.uint8)");
    assert_eq!(Tensor::from([1_i32, -2]).to_string(), "tensor([ 1, -2], dtype=torch.int32)");
}

#[test]
fn a_number_that_is_stored_fits_the_dtype() {
    type Store = fn(&Tensor, i64) -> Tensor;
    let store: [(&str, Store); 6] = [
        ("clamp", |x, c| x.clamp_min(c)),
        ("clamp", |x, c| x.clamp_max(c)),
        ("clamp", |x, c| x.clamp(c, c)),
        ("masked_fill", |x, c| x.masked_fill(&Tensor::scalar(true), c)),
        ("pad", |x, c| x.pad(&[1, 1], c)),
        ("index_fill", |x, c| x.index_fill(0, &Tensor::from([0_i64]), c)),
    ];
    let short =
        [(DType::U8, [0, 255], [-1, 300]), (DType::I32, [-1 << 31, 7], [1 << 31, -1 << 40])];
    for (dtype, fit, do_not) in short {
        let x = Tensor::from([5_i64]).to_dtype(dtype);
        for (name, store) in store {
            for c in fit {
                assert_eq!(store(&x, c).dtype(), dtype);
            }
            for c in do_not {
                let error = catch_unwind(|| store(&x, c)).unwrap_err();
                let text = format!("{name}: the number does not fit the dtype: {c} for {dtype}");
                assert_eq!(error.downcast_ref::<String>(), Some(&text));
            }
        }
        let error = catch_unwind(|| x.masked_fill(&Tensor::scalar(true), 0.5)).unwrap_err();
        let text =
            format!("masked_fill: a floating-point number does not fit the dtype: 0.5 for {dtype}");
        assert_eq!(error.downcast_ref::<String>(), Some(&text));
    }
}

/// PyTorch compares 0.7 in f16, 0.70019531, and in bf16, 0.69921875, with a 0.7 that is rounded too.
#[test]
fn halves_are_compared_with_numbers_of_their_own_dtype() {
    for dtype in HALVES {
        let x = Tensor::from([0.5_f64, 0.7, 0.75]).to_dtype(dtype);
        let truth = |mask: Tensor| mask.to_vec::<bool>();
        assert_eq!(truth(x.eq_scalar(0.7)), [false, true, false], "{dtype}");
        assert_eq!(truth(x.ne_scalar(0.7)), [true, false, true], "{dtype}");
        assert_eq!(truth(x.lt_scalar(0.7)), [true, false, false], "{dtype}");
        assert_eq!(truth(x.le_scalar(0.7)), [true, true, false], "{dtype}");
        assert_eq!(truth(x.gt_scalar(0.7)), [false, false, true], "{dtype}");
        assert_eq!(truth(x.ge_scalar(0.7)), [false, true, true], "{dtype}");
    }
    let big = Tensor::from([2048.0_f32]).to_dtype(DType::F16);
    assert_eq!(big.eq_scalar(2049).to_vec::<bool>(), [true], "2049 rounds to 2048");
    let bytes = Tensor::from([44_i64]).to_dtype(DType::U8);
    assert_eq!(bytes.eq_scalar(300).to_vec::<bool>(), [false], "integers are compared as they are");
}
