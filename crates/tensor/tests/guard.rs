//! Kernels touch no memory but their own: every buffer of elements here, operands, results and scratch
//! memory, ends, or begins, at a page that nobody may touch, with each set of instructions that the
//! machine has. (Valgrind does not run AVX-512.)
//!
//! Blocks of the pool are rounded up to a size class, behind which an overrun would not be seen: they are
//! replaced by memory of exactly the size that was asked for. Only elements of 16 bytes or fewer, which lie
//! inline, have no page beside them.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tensor::{
    AttentionOptions, DType, Generator, Instructions, Tensor, force_exact_buffers,
    force_instructions, grad, release_cached_memory,
};

const PAGE: usize = 4096;

/// What happens to new buffers: 0 nothing, 1 they end at a protected page, 2 they begin behind one.
static FENCE: AtomicUsize = AtomicUsize::new(0);
/// Protected buffers so far.
static FENCED: AtomicUsize = AtomicUsize::new(0);

/// Protected blocks of the pool, which would be rounded up: only they are aligned to 16 bytes.
static POOLED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" {
    fn mmap(at: *mut c_void, len: usize, access: i32, flags: i32, file: i32, from: i64) -> *mut u8;
    fn mprotect(at: *mut u8, len: usize, access: i32) -> i32;
    fn munmap(at: *mut u8, len: usize) -> i32;
}

struct Fenced;

/// Where each mapping begins and how long it is, so that its buffer is known again; zeros in a free
/// place.
static RANGES: [[AtomicUsize; 2]; 4096] = [const { [const { AtomicUsize::new(0) }; 2] }; 4096];

/// Maps room for the buffer, with a protected page behind and before it.
///
/// # Safety
///
/// As of [`GlobalAlloc::alloc`]: the size is not zero.
unsafe fn map(layout: Layout, fence: usize) -> *mut u8 {
    let pages = layout.size().div_ceil(PAGE);
    let total = (pages + 2) * PAGE;
    // SAFETY: fresh anonymous private memory (flags of Linux); what is protected is part of it.
    let base = unsafe {
        let base = mmap(std::ptr::null_mut(), total, 3, 0x22, -1, 0);
        assert!(base as isize != -1);
        mprotect(base, PAGE, 0);
        mprotect(base.add((pages + 1) * PAGE), PAGE, 0);
        base
    };
    // Kernels' threads allocate at the same time: a slot is taken by one of them.
    let is_taken = |slot: &&[AtomicUsize; 2]| {
        slot[0].compare_exchange(0, base as usize, SeqCst, SeqCst).is_ok()
    };
    let Some(slot) = RANGES.iter().find(is_taken) else {
        // SAFETY: the mapping that was just made, which nobody uses; and the caller's promise.
        return unsafe {
            munmap(base, total);
            System.alloc_zeroed(layout)
        };
    };
    slot[1].store(total, SeqCst);
    FENCED.fetch_add(1, SeqCst);
    POOLED.fetch_add((layout.size() >= PAGE && layout.align() == 16).into(), SeqCst);
    let padding = if fence == 1 {
        (pages * PAGE - layout.size()) / layout.align() * layout.align()
    } else {
        0
    };
    // SAFETY: inside the mapping.
    unsafe { base.add(PAGE + padding) }
}

// SAFETY: memory comes from the system's allocator or from mappings of its own, and goes back to
// where it came from.
unsafe impl GlobalAlloc for Fenced {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match FENCE.load(SeqCst) {
            // Buffers of elements, and not what a test prints or collects.
            fence @ 1..=2 if layout.size() >= 24 && layout.align() <= 16 => {
                // SAFETY: the caller's promise.
                unsafe { map(layout, fence) }
            }
            // SAFETY: the caller's promise.
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let address = at as usize;
        let slot = RANGES.iter().find(|slot| {
            let base = slot[0].load(SeqCst);
            base != 0 && (base..base + slot[1].load(SeqCst)).contains(&address)
        });
        match slot {
            Some(slot) => {
                let (base, total) = (slot[0].load(SeqCst), slot[1].load(SeqCst));
                slot[1].store(0, SeqCst); // before another buffer takes the slot
                slot[0].store(0, SeqCst);
                // SAFETY: a mapping of `map`, whose only buffer the caller gives back.
                unsafe { munmap(base as *mut u8, total) };
            }
            // SAFETY: the caller's promise; what lies in no mapping came from the system.
            None => unsafe { System.dealloc(at, layout) },
        }
    }
}

#[global_allocator]
static ALLOCATOR: Fenced = Fenced;

/// Runs `f` with fences around every buffer that it makes, with each set of instructions, and
/// compares what it returns with the first one's.
fn with_fences(name: &str, tolerance: f64, f: impl Fn() -> Tensor) {
    let mut expected: Option<Tensor> = None;
    for instructions in [Instructions::Baseline, Instructions::Avx2, Instructions::Avx512] {
        if !force_instructions(Some(instructions)) {
            continue;
        }
        for fence in [1, 2] {
            release_cached_memory();
            force_exact_buffers(true);
            FENCE.store(fence, SeqCst);
            let result = f();
            FENCE.store(0, SeqCst);
            force_exact_buffers(false);
            let result = result.to_dtype(DType::F64);
            let expected = expected.get_or_insert_with(|| result.clone());
            let error = (&result - &*expected).abs().sum().item();
            assert!(error <= tolerance, "{name}, {instructions:?}: differs by {error}");
        }
    }
    force_instructions(None);
}

/// A copy of a tensor in a `Vec` of exactly its size, made inside the fences.
fn copy(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::F32 => Tensor::from_vec(x.to_vec::<f32>(), x.shape()),
        _ => Tensor::from_vec(x.to_vec::<f64>(), x.shape()),
    }
}

/// One test, for the allocator serves the whole process.
#[test]
fn kernels_stay_inside_their_buffers() {
    let mut rng = Generator::new(0);
    for dtype in [DType::F32, DType::F64] {
        for len in [5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 100, 129, 511] {
            let (x, y) =
                (rng.uniform(&[len], 0.1, 2.0, dtype), rng.uniform(&[len], 0.1, 2.0, dtype));
            with_fences("elementwise", 0.0, || {
                let (x, y) = (copy(&x), copy(&y));
                (&x * &y + &x).tanh() + y.exp() + x.log() + y.sin() + x.pow(&y) + y.sqrt()
            });
            with_fences("sum", 0.0, || copy(&x).sum());
            with_fences("rows", 0.0, || copy(&x).reshape(&[1, -1]).expand(&[3, len]).sum_dim(0));
        }
        for [m, k, n] in
            [[1, 9, 70], [70, 9, 1], [3, 5, 7], [9, 17, 20], [8, 3, 49], [5, 130, 11], [19, 4, 33]]
        {
            for transposed in 0..4 {
                let a = rng.normal(&[m, k], 0.0, 1.0, dtype);
                let b = rng.normal(&[k, n], 0.0, 1.0, dtype);
                let bias = rng.normal(&[n], 0.0, 1.0, dtype);
                with_fences("product", 1e-2, || {
                    let a = if transposed & 1 == 1 { copy(&a.t()).t() } else { copy(&a) };
                    let b = if transposed & 2 == 2 { copy(&b.t()).t() } else { copy(&b) };
                    a.linear(&b.t(), Some(&copy(&bias))) + a.matmul(&b)
                });
            }
        }
    }
    for [queries, keys, depth, width] in [[5, 7, 3, 2], [49, 33, 5, 17], [17, 600, 3, 4]] {
        let [q, k, v] = [[queries, depth], [keys, depth], [keys, width]]
            .map(|shape| rng.normal(&shape, 0.0, 1.0, DType::F32));
        with_fences("attention", 1e-2, || {
            let [q, k, v] = [&q, &k, &v].map(|x| copy(x).requires_grad());
            let y = q.scaled_dot_product_attention(&k, &v, &AttentionOptions::default());
            Tensor::cat(&grad(&y.square().sum(), [&q, &k, &v]).map(|x| x.reshape(&[-1])), 0)
        });
    }
    assert!(FENCED.load(SeqCst) > 1_000, "buffers were protected");
    assert_eq!(POOLED.load(SeqCst), 0, "buffers that are longer than their elements");
}
