//! The widest instructions that the machine has, chosen when the program runs.
//!
//! A loop is compiled for the baseline, for AVX2 with FMA, and for AVX-512 if it asks for that; the
//! compiler vectorises each. The same source gives the same numbers in all of them: nothing is
//! contracted or reassociated. Other processors have the baseline alone, which on ARM is NEON.
#![allow(unsafe_code, reason = "calling code compiled for detected instructions")]

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

/// A loop to be compiled for several instruction sets. `run` should be `#[inline(always)]`.
pub(crate) trait Loop {
    type Output;

    /// Whether to compile it for AVX-512 as well. Where memory is what a loop waits for, as in a
    /// sum of two tensors, AVX2 is as fast, and a third copy costs time to build.
    const WIDE: bool = false;

    fn run(self) -> Self::Output;
}

/// A set of instructions that kernels are compiled for. Each includes those before it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Instructions {
    /// What every processor of the target has.
    Baseline = 1,
    /// AVX2 and FMA.
    Avx2 = 2,
    /// AVX-512 with its byte, word, double word and vector length extensions.
    Avx512 = 3,
}

use Instructions::{Avx2, Avx512, Baseline};

/// Zero until somebody asks.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// For tests: kernels use these instructions; `None` for the widest. `false`, and nothing changes,
/// if the machine does not have them.
#[doc(hidden)]
pub fn force_instructions(instructions: Option<Instructions>) -> bool {
    let widest = detect();
    let chosen = instructions.unwrap_or(widest);
    if chosen <= widest {
        CHOSEN.store(chosen as u8, Relaxed);
    }
    chosen <= widest
}

/// The instructions that kernels use.
#[inline]
pub(crate) fn instructions() -> Instructions {
    match CHOSEN.load(Relaxed) {
        1 => Baseline,
        2 => Avx2,
        3 => Avx512,
        _ => detect_once(),
    }
}

#[cold]
fn detect_once() -> Instructions {
    let widest = detect();
    CHOSEN.store(widest as u8, Relaxed);
    widest
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Instructions {
    use std::arch::is_x86_feature_detected as has;

    if !(has!("avx2") && has!("fma")) {
        Baseline
    } else if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        Avx512
    } else {
        Avx2
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Instructions {
    Baseline
}

/// The sum of partial sums, as many as a power of two, by halves. A loop with two sums returns their
/// parts, and leaves the elements beside its chunks to others: else the compiler pairs the two sums
/// up instead of filling vectors with either.
pub(crate) fn total<const N: usize>(mut lanes: [f64; N]) -> f64 {
    const { assert!(N.is_power_of_two()) };
    let mut half = N / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// Runs the loop with the widest instructions that the machine has.
#[inline]
pub(crate) fn vectorised<L: Loop>(work: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    match instructions() {
        // SAFETY: the instructions were detected.
        Avx512 if L::WIDE => return unsafe { with_avx512(work) },
        // SAFETY: as above.
        Avx512 | Avx2 => return unsafe { with_avx2(work) },
        Baseline => {}
    }
    baseline(work)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
fn with_avx512<L: Loop>(work: L) -> L::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<L: Loop>(work: L) -> L::Output {
    work.run()
}

/// Out of line, so that it is compiled once and not wherever the choice is made.
#[inline(never)]
fn baseline<L: Loop>(work: L) -> L::Output {
    work.run()
}
