//! The widest instructions that the machine has, chosen when the program runs.
//!
//! A loop is compiled twice, for the baseline and for AVX2 with FMA; the compiler vectorises both.
//! The same source gives the same numbers in both: nothing is contracted or reassociated.
#![allow(unsafe_code, reason = "calling code compiled for detected instructions")]

/// A loop to be compiled for several instruction sets. `run` should be `#[inline(always)]`.
pub(crate) trait Loop {
    type Output;

    fn run(self) -> Self::Output;
}

/// Runs the loop with the widest instructions that the machine has.
#[inline]
pub(crate) fn vectorised<L: Loop>(work: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the instructions were just detected.
        return unsafe { with_avx2(work) };
    }
    baseline(work)
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
