//! What many layers and losses implement alike.

/// Modules that hold numbers alone. They are `Copy`, which nothing with parameters or buffers is.
macro_rules! without_parts {
    ($($({$($generics:tt)*})? $module:ty),* $(,)?) => {$(
        impl $(<$($generics)*>)? crate::Module for $module {
            fn visit(&self, _: &mut crate::Parts<'_>) {
                fn no_part_is_copied<T: Copy>(_: &T) {}
                no_part_is_copied(self);
            }
        }
    )*};
}

/// Layers that are the same in every pass: their inherent `forward` is all.
macro_rules! indifferent {
    ($($({$($generics:tt)*})? $layer:ty),* $(,)?) => {$(
        impl $(<$($generics)*>)? crate::Layer for $layer {
            #[track_caller]
            fn forward(&self, x: &tensor::Tensor, _: &mut crate::Pass<'_>) -> tensor::Tensor {
                <$layer>::forward(self, x)
            }
        }
    )*};
}
