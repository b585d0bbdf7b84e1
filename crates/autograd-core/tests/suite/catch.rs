//! Catching a panic with its message and the place that it reports, without printing it.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A panic as the user sees it.
#[derive(Debug, Default)]
pub(crate) struct Caught {
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

thread_local! {
    /// The latest panic on this thread, while somebody is catching.
    static LATEST: RefCell<Option<Caught>> = const { RefCell::new(None) };
}

/// Runs `f`, which must panic.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Caught {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |info| {
            let catching = LATEST.with_borrow_mut(|latest| {
                let place = info.location().expect("a panic has a location");
                latest.as_mut().map(|caught| {
                    place.file().clone_into(&mut caught.file);
                    caught.line = place.line();
                })
            });
            if catching.is_none() {
                print(info);
            }
        }));
    });
    LATEST.set(Some(Caught::default()));
    let result = catch_unwind(AssertUnwindSafe(f));
    let mut caught = LATEST.take().expect("it was set above");
    let payload = result.err().expect("this must panic");
    caught.message = match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => {
            payload.downcast_ref::<&str>().map_or_else(String::new, ToString::to_string)
        }
    };
    caught
}
