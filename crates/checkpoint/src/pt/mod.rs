//! PyTorch's `.pt` and `.pth`: a zip archive with a pickle, which says what the tensors are, and a
//! file of bytes for each storage.
//!
//! A pickle is a program. Here an interpreter of our own runs the few operations that tensors need
//! ([`pickle`]), and of the functions that a pickle may call it knows the few that make tensors
//! ([`rebuild`]); it builds values of its own and executes nothing. Everything else is an error that
//! names the function. What comes out is laid flat ([`flatten`]) and filled from the archive
//! ([`archive`], [`view`]).

mod archive;
mod bytes;
mod flatten;
mod pickle;
mod rebuild;
mod value;
mod view;

use std::path::Path;

use data::DataError;
use tensor::StateDict;

use archive::Archive;

/// The tensors of a file that PyTorch's `torch.save` wrote: a state dict, a checkpoint of several
/// dictionaries, a tensor.
///
/// Dictionaries and lists within others are laid flat, their keys joined by dots:
/// `load_pt(path)?.under("model_state_dict")` is the model's part of a checkpoint. Numbers and flags
/// become tensors without axes, texts and `None` are left out, and a tensor that stands alone is
/// called `tensor`. Tensors that share a storage share memory here too, if their elements lie in
/// order.
///
/// Nothing in the file is executed. It takes at most three times the file's size, twelve times that
/// of the archive's list of files, and 1 GiB for the pickle, while it is read.
///
/// # Errors
///
/// If the file cannot be read, is truncated or malformed; if it holds something that is no tensor,
/// list, dictionary, number or text, the error names the class; if it was written on a big-endian
/// machine, by PyTorch before 1.6, or compressed; and if a tensor has an element type that tensors
/// here do not have.
///
/// # Examples
///
/// ```no_run
/// use checkpoint::load_pt;
/// use nn::{Linear, Module};
/// use tensor::Generator;
///
/// let model = Linear::new(2, 3, &mut Generator::new(0));
/// model.load_state_dict(&load_pt("model.pt")?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn load_pt(path: impl AsRef<Path>) -> Result<StateDict, DataError> {
    let path = path.as_ref();
    let mut archive = Archive::open(path)?;
    let pickle = archive.pickle()?;
    let place = |byte: usize| archive.place("data.pkl", byte as u64);
    let error = |(problem, byte)| DataError::new(path, place(byte), problem);
    let machine = pickle::run(&pickle).map_err(error)?;
    let leaves = flatten::flatten(&machine).map_err(|problem| error((problem, pickle.len())))?;
    let mut state = StateDict::new();
    for (name, leaf) in leaves {
        if state.get(&name).is_some() {
            let what = "two entries have one name once dictionaries are laid flat";
            return Err(DataError::malformed(path, data::Place::Entry(name), what));
        }
        let value = archive.tensor(&name, &leaf)?;
        state.insert(&name, value);
    }
    Ok(state)
}
