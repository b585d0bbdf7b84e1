//! Pickles that were written by hand: what is executed of them is nothing, and everything is bounded.

use std::io::{Cursor, Write};

use checkpoint::{DataError, Place, Problem, StateDict, load_pt};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::hostile::peak;
use crate::scratch::Scratch;

/// An archive as PyTorch writes it.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(format!("test/{name}"), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn load(name: &str, pickle: &[u8], storage: &[u8]) -> Result<StateDict, DataError> {
    let scratch = Scratch::new(name);
    load_pt(scratch.with("x.pt", &archive(&[("data.pkl", pickle), ("data/0", storage)])))
}

/// What is wrong, and at which byte of the pickle.
#[track_caller]
fn refused(name: &str, pickle: &[u8]) -> (u64, String) {
    let error = load(name, pickle, &[]).map(|state| state.len()).unwrap_err();
    let Place::EntryByte { entry, byte } = error.place else { panic!("{error}") };
    assert_eq!(entry, "test/data.pkl");
    (byte, error.problem.to_string())
}

/// The pickle of `{"x": tensor}` with these four numbers as one-byte integers.
pub(crate) fn of_tensor(len: u8, offset: u8, size: u8, stride: u8) -> Vec<u8> {
    [
        b"\x80\x02}X\x01\0\0\0xctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\n"
            .as_slice(),
        b"FloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK",
        &[len],
        b"tQK",
        &[offset, b'K', size, 0x85, b'K', stride, 0x85],
        b"\x89ccollections\nOrderedDict\n)RtRs.",
    ]
    .concat()
}

#[test]
fn a_pickle_by_hand_is_read() {
    let storage: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let read = load("by-hand", &of_tensor(4, 1, 2, 2), &storage).unwrap();
    assert_eq!(read["x"].to_vec::<f32>(), [2.0, 4.0]);
}

#[test]
fn no_function_is_called() {
    for (module, name) in [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("nt", "")] {
        let global = format!("\x02c{module}\n{name}\n");
        let pickle = [&[0x80], global.as_bytes(), b"X\x04\0\0\0true\x85R."].concat();
        let what = format!("a global that tensors do not need: {module}.{name}");
        assert_eq!(refused("system", &pickle), (2, what));
    }
    let stacked = b"\x80\x04\x8c\x02os\x8c\x06system\x93.";
    assert_eq!(refused("stacked", stacked).1, "a global that tensors do not need: os.system");
    for operation in [b'i', b'o', 0x81, 0x92, 0x82, b'P', b'I', 0x97, 0x98] {
        let what = format!("an operation that tensors do not need: {operation:#04x}");
        assert_eq!(refused("operation", &[0x80, 2, b')', operation, b'.']), (3, what));
    }
    let bare = refused("bare", b"\x80\x02ctorch\nSize\n.").1;
    assert_eq!(bare, "a function or class in the place of a value: Size");
    let call = refused("call", b"\x80\x02ccollections\nOrderedDict\nK\x01K\x02\x86R.").1;
    assert_eq!(call, "a call of OrderedDict with 2 arguments");
}

#[test]
fn a_tensor_outside_of_its_storage() {
    let error = |pickle: &[u8], storage: &[u8]| load("outside", pickle, storage).unwrap_err();
    for (offset, size, stride) in [(3, 2, 1), (4, 1, 1), (0, 2, 4), (255, 255, 255)] {
        let error = error(&of_tensor(4, offset, size, stride), &[0; 16]);
        assert_eq!(error.place, Place::Entry("x".into()));
        let what = format!(
            "a tensor outside of its storage of 4 elements: from {offset}, sizes [{size}], \
             strides [{stride}]"
        );
        assert_eq!(error.problem.to_string(), what);
    }
    let short = error(&of_tensor(4, 0, 1, 1), &[0; 15]);
    assert_eq!(short.place, Place::Entry("test/data/0".into()));
    assert!(short.to_string().ends_with("3 elements do not fill the shape [4]"), "{short}");
    let huge = [b"\x8a\x08".as_slice(), &i64::MAX.to_le_bytes()].concat();
    let pickle = of_tensor(4, 0, 1, 1);
    let replaced = |from: &[u8]| {
        let at = pickle.windows(from.len()).position(|window| window == from).unwrap();
        [&pickle[..at], &huge, &pickle[at + 2..]].concat()
    };
    // The length, the offset and the size; the stride of a single element does not matter.
    for place in [&b"K\x04tQ"[..], b"K\0K\x01\x85", b"K\x01\x85K"] {
        _ = error(&replaced(place), &[0; 16]);
    }
    let read = load("stride", &replaced(b"K\x01\x85\x89"), &[0; 16]).unwrap();
    assert_eq!(read["x"].shape(), [1]);
}

#[test]
fn a_million_levels_are_refused_on_a_small_stack() {
    let million = 1_000_000;
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let thread = small.spawn(move || {
        let marks = [b"\x80\x02".as_slice(), &vec![b'('; million], &vec![b'l'; million], b"."];
        assert_eq!(refused("marks", &marks.concat()).1, "dictionaries that lie deeper than 64");
        let tuples = [b"\x80\x02)".as_slice(), &vec![0x85; million], b"."];
        assert_eq!(refused("tuples", &tuples.concat()).1, "dictionaries that lie deeper than 64");
        let open = [b"\x80\x02".as_slice(), &vec![b'('; million], b"."];
        assert_eq!(refused("open", &open.concat()).1, "the stack is empty");
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn what_contains_itself_or_shares_too_much_is_refused() {
    let itself = b"\x80\x02}q\0X\x01\0\0\0ah\0s.";
    assert_eq!(refused("itself", itself).1, "dictionaries that lie deeper than 64");
    // Each level has the one before twice: two to the power of forty entries.
    let mut laughs = b"\x80\x02K\x01".to_vec();
    for _ in 0..40 {
        laughs.extend(b"q\0h\0\x86");
    }
    laughs.push(b'.');
    assert!(refused("laughs", &laughs).1.starts_with("it is too large: "));
    let long = [b"\x80\x02".as_slice(), &vec![b'N'; 5_000_000], b"."].concat();
    assert_eq!(refused("long", &long), ((1 << 22) + 1, "more than 4194304 operations".into()));
}

/// A list of a million references to one pair, of which thirty dictionaries are made.
fn copied_pairs() -> Vec<u8> {
    let pair = b"K\x01K\x02\x86\x94".as_slice();
    let list = [b"](".as_slice(), &b"h\0".repeat(1_000_000), b"e\x85\x94"].concat();
    let function = b"ccollections\nOrderedDict\n\x94";
    [pair, &list, function, &b"h\x02h\x01R".repeat(30)].concat()
}

/// A tuple of 64 sizes, of which a million tensors are made.
fn copied_sizes() -> Vec<u8> {
    let one = of_tensor(4, 0, 1, 1);
    let function = b"ctorch._utils\n_rebuild_tensor_v2\n\x94".as_slice();
    let start = one.iter().position(|&byte| byte == b'(').unwrap();
    let storage = one.iter().position(|&byte| byte == b'Q').unwrap();
    let sizes = [b"(".as_slice(), &b"K\x01".repeat(64), b"t\x94"].concat();
    let arguments = [&one[start..=storage], b"K\0", &sizes, b"h\x01\x89N"].concat();
    [function, &arguments, b"t\x94", &b"h\0h\x02R".repeat(1_000_000)].concat()
}

/// A text of many bytes in the place of a size, each of which a message writes as five.
fn long_message() -> Vec<u8> {
    let mut one = of_tensor(4, 0, 1, 1);
    one.pop();
    let at = one.windows(3).position(|window| window == b"K\x01\x85").unwrap();
    let text = [b"X".as_slice(), &60_000_000_u32.to_le_bytes(), &vec![1; 60_000_000]].concat();
    one.splice(at..at + 2, text);
    one
}

#[test]
fn the_longest_pickles_take_less_than_a_gibibyte() {
    // Lists that are remembered; tuples; and a dictionary with a million names of 250 bytes.
    let lists = b"]\x94".repeat(2_090_000);
    let tuples = b")".repeat(4_190_000);
    let name = [b"X\xfa\0\0\0".as_slice(), &[b'x'; 250], b"\x94"].concat();
    let names = [&name, b"}(".as_slice(), &b"h\0K\x01".repeat(1_000_000), b"u"].concat();
    for pickle in [lists, tuples, names, copied_pairs(), copied_sizes(), long_message()] {
        let pickle = [b"\x80\x04".as_slice(), &pickle, b"."].concat();
        let scratch = Scratch::new("longest");
        let path = scratch.with("x.pt", &archive(&[("data.pkl", &pickle)]));
        let (read, bytes) = peak(|| load_pt(&path).map(|state| state.len()));
        assert!(bytes < 1 << 30, "{bytes} bytes for {} of pickle: {read:?}", pickle.len());
        assert!(!matches!(read, Ok(1..)), "there are no tensors");
    }
}

#[test]
fn pickles_that_are_wrong_say_where() {
    let cases: [(&[u8], u64, &str); 13] = [
        (b"", 0, "it ends too early: 1 bytes are announced, 0 are there"),
        (b"\x80\x01.", 0, "a pickle of protocol 1"),
        (b"\x80\x02}", 3, "it ends too early: 4 bytes are announced, 3 are there"),
        (b"\x80\x02.", 2, "the stack is empty"),
        (
            b"\x80\x02X\xff\xff\xff\xffa",
            2,
            "it ends too early: 4294967302 bytes are announced, 8 are there",
        ),
        (b"\x80\x02X\x01\0\0\0\xff.", 2, "a text that is not UTF-8"),
        (
            b"\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
            2,
            "it ends too early: 18446744073709551615 bytes are announced, 12 are there",
        ),
        (b"\x80\x02\x8a\x09\0\0\0\0\0\0\0\0\x01.", 2, "an integer of 9 bytes"),
        (b"\x80\x02h\x07.", 2, "nothing is remembered as 7"),
        (b"\x80\x02}K\x01a.", 5, "items of a list for a dictionary, or the other way round"),
        (b"\x80\x02}(K\x01u.", 6, "a key without a value"),
        (b"\x80\x02}Ne.", 4, "there is no mark"),
        (b"\x80\x02(u.", 3, "items for something that has none"),
    ];
    for (pickle, byte, what) in cases {
        assert_eq!(refused("wrong", pickle), (byte, what.into()));
    }
    let key = b"\x80\x02}NNs.";
    assert_eq!(refused("key", key).1, "a key that is neither a text nor an integer: None");
}

#[test]
fn two_entries_with_one_name_are_refused() {
    let pickle = b"\x80\x02}(X\x03\0\0\0a.bK\x01X\x01\0\0\0a}X\x01\0\0\0bK\x02su.";
    let error = load("names", pickle, &[]).unwrap_err();
    assert_eq!(error.place, Place::Entry("a.b".into()));
    assert!(matches!(error.problem, Problem::Malformed(_)));
}
