//! Event files, read by TensorBoard's own reader.

use std::cell::Cell;
use std::process::Command;
use std::sync::Once;

use serde_json::{Value as Json, json};
use tensor::{DType, Tensor};
use watch::EventWriter;

use super::{Scratch, tools};

/// Prints what TensorBoard's reader finds in a folder, as JSON; exits with 3 if it is not there.
const READ: &str = r"
import io, json, sys
try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from PIL import Image
except ImportError as error:
    print(error); sys.exit(3)
reader = EventAccumulator(sys.argv[1], size_guidance={'images': 0, 'histograms': 0, 'scalars': 0, 'tensors': 0})
reader.Reload()
tags = reader.Tags()
def pixels(png):
    image = Image.open(io.BytesIO(png)); image.load()
    return [image.size[0], image.size[1], image.mode, list(image.tobytes())]
def histogram(h):
    return {'min': h.min, 'max': h.max, 'num': h.num, 'sum': h.sum, 'sum_squares': h.sum_squares,
            'limits': list(h.bucket_limit), 'counts': list(h.bucket)}
print(json.dumps({
    'scalars': {t: [[e.step, repr(e.value)] for e in reader.Scalars(t)] for t in tags['scalars']},
    'histograms': {t: [[e.step, histogram(e.histogram_value)] for e in reader.Histograms(t)] for t in tags['histograms']},
    'images': {t: [[e.step, e.width, e.height, pixels(e.encoded_image_string)] for e in reader.Images(t)] for t in tags['images']},
    'texts': {t: [[e.step, e.tensor_proto.string_val[0].decode(), list(reader.SummaryMetadata(t).plugin_data.plugin_name)]
              for e in reader.Tensors(t)] for t in tags['tensors']},
    'times': [e.wall_time for t in tags['scalars'] for e in reader.Scalars(t)],
}))
";

/// What is in a folder, or nothing if Python or TensorBoard is missing.
fn read(folder: &Scratch) -> Option<Json> {
    let python = Command::new("python3").args(["-c", READ]).arg(folder.as_ref()).output();
    let Ok(output) = python else {
        tools::skipped("there is no python3");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(3) {
        tools::skipped(text);
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_str(text.lines().last().unwrap()).unwrap())
}

/// Of -1, 0.5, 0.5 and 3, at step 7.
fn check_histogram(histogram: &Json) {
    assert_eq!(histogram[0], 7);
    let moments =
        ["min", "max", "num", "sum", "sum_squares"].map(|name| histogram[1][name].as_f64());
    assert_eq!(moments, [-1.0, 3.0, 4.0, 3.0, 10.5].map(Some));
    let numbers = |name: &str| -> Vec<f64> {
        histogram[1][name].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let (limits, counts) = (numbers("limits"), numbers("counts"));
    assert_eq!((limits.len(), counts.iter().sum::<f64>()), (64, 4.0));
    let half = limits.iter().position(|&limit| limit >= 0.5).unwrap();
    assert_eq!((counts[0], counts[half], counts[63]), (1.0, 2.0, 1.0));
}

#[test]
fn tensorboard_reads_what_was_written() {
    let folder = Scratch::new("events");
    let mut events = EventWriter::create(&folder).unwrap();
    for (step, loss) in [(0, 0.25), (1, f64::NAN), (300, f64::INFINITY), (1 << 40, -1e-3)] {
        events.scalar("loss/train", step, loss).unwrap();
    }
    let weights = Tensor::from([-1.0, 0.5, 0.5, 3.0, f64::NAN]);
    events.histogram("weights", 7, &weights).unwrap();
    let colours = Tensor::from_vec(vec![255_u8, 0, 10, 20, 30, 40], &[3, 1, 2]);
    events.image("colours", 8, &colours).unwrap();
    events.image("grey", 8, &Tensor::from([[0.0, 1.0], [0.2, 0.4]])).unwrap();
    let long = "ünicode ".repeat(100);
    events.text("sample", 9, &long).unwrap();
    let Some(read) = read(&folder) else { return };

    let scalars =
        json!([[0, "0.25"], [1, "nan"], [300, "inf"], [1_u64 << 40, "-0.0010000000474974513"]]);
    assert_eq!(read["scalars"], json!({ "loss/train": scalars }));
    check_histogram(&read["histograms"]["weights"][0]);
    assert_eq!(
        read["images"]["colours"],
        json!([[8, 2, 1, [2, 1, "RGB", [255, 10, 30, 0, 20, 40]]]])
    );
    let grey =
        json!([[8, 2, 2, [2, 2, "RGB", [0, 0, 0, 255, 255, 255, 51, 51, 51, 102, 102, 102]]]]);
    assert_eq!(read["images"]["grey"], grey);
    let plugin: Vec<_> = "text".chars().map(String::from).collect();
    assert_eq!(read["texts"], json!({ "sample": [[9, long, plugin]] }));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    for time in read["times"].as_array().unwrap() {
        assert!((now.as_secs_f64() - time.as_f64().unwrap()).abs() < 600.0);
    }
}

#[test]
fn a_resumed_run_has_no_step_twice() {
    let folder = Scratch::new("resumed events");
    let mut events = EventWriter::create(&folder).unwrap();
    for step in 1..=6 {
        events.scalar("loss", step, 1.0).unwrap();
    }
    drop(events); // killed; the checkpoint is of step 4
    let mut events = EventWriter::resume(&folder, 4).unwrap();
    for step in 5..=7 {
        events.scalar("loss", step, 2.0).unwrap();
    }
    let Some(read) = read(&folder) else { return };
    let expected: Vec<_> =
        (1..=7).map(|step| json!([step, if step < 5 { "1.0" } else { "2.0" }])).collect();
    assert_eq!(read["scalars"]["loss"], json!(expected));
}

/// Without Python: the frames are as they should be.
#[test]
fn records_follow_each_other() {
    let folder = Scratch::new("records");
    let mut events = EventWriter::create(&folder).unwrap();
    events.scalar("loss", 3, 1.0).unwrap();
    let bytes = std::fs::read(events.path()).unwrap();
    let (mut at, mut lengths) = (0, Vec::new());
    while at < bytes.len() {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
        lengths.push(length);
        at += 8 + 4 + length + 4;
    }
    assert_eq!((at, lengths.len()), (bytes.len(), 2));
    let start = 16 + lengths[0] + 12;
    // step 3; a summary with a value of 11 bytes: its tag and the float 1
    let event =
        [&[0x10, 3, 0x2a, 13, 0x0a, 11, 0x0a, 4][..], b"loss", &[0x15, 0, 0, 0x80, 0x3f]].concat();
    assert_eq!(bytes[start..start + event.len()], event);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = Scratch::new("no folder");
    let file = folder.file("file");
    std::fs::write(&file, "").unwrap();
    let error = EventWriter::create(file.join("run")).unwrap_err();
    assert!(error.to_string().contains("file/run: "), "{error}");
}

#[test]
#[should_panic(expected = "image: images are [N, H, W], [N, 1, H, W] or [N, 3, H, W]: got [1, 2]")]
fn a_vector_is_no_image() {
    let folder = Scratch::new("vector");
    _ = EventWriter::create(&folder).unwrap().image("x", 1, &Tensor::zeros(&[2], DType::F32));
}

#[test]
fn an_image_without_pixels_is_refused_at_the_callers_line() {
    let folder = Scratch::new("no pixels");
    let mut events = EventWriter::create(&folder).unwrap();
    for shape in [&[0, 5][..], &[5, 0], &[3, 0, 0]] {
        let image = Tensor::zeros(shape, DType::F32);
        let (what, file) = panic_of(|| _ = events.image("x", 1, &image));
        assert_eq!(what, format!("image: it has no pixels: got {shape:?}"));
        assert!(file.ends_with("suite/events.rs"), "{file}");
    }
}

/// The message of a panic, and the file that it names.
fn panic_of(f: impl FnOnce()) -> (String, String) {
    thread_local!(static FILE: Cell<String> = const { Cell::new(String::new()) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            FILE.set(info.location().map_or(String::new(), |place| place.file().to_owned()));
            others(info);
        }));
    });
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err();
    (*panic.downcast::<String>().unwrap(), FILE.take())
}
