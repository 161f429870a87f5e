// SPDX-License-Identifier: Apache-2.0
// Names what is on a photo, in Rust, by graft's C interface:
//   classify MODEL PHOTO              MODEL: a model file, or the folder that `graft train` wrote
//   classify NETWORK WEIGHTS PHOTO    e.g. mobilenet_v2 mobilenet_v2_weights.h5 cat.jpg
// rustc -L FOLDER_OF_LIBGRAFT classify.rs
use std::ffi::{c_char, CStr, CString};
use std::mem::size_of;
use std::ptr::{null, null_mut};

// What this program uses of graft.h. The opaque types are never looked into.
#[repr(C)]
struct OpenOptions {
    size: usize,
    threads: i64,
    precision: *const c_char,
    class_names: *const c_char,
    pixels: *const c_char,
    weights: *const c_char,
    alpha: f64,
}
#[repr(C)]
struct Prediction {
    size: usize,
    index: i64,
    name: *const c_char,
    id: *const c_char,
    probability: f64,
    is_label: i64,
}
enum Classifier {}
enum Answer {}
enum Error {}
enum ClassifyOptions {}

#[link(name = "graft")]
extern "C" {
    fn graft_classifier_open(path: *const c_char, options: *const OpenOptions, classifier: *mut *mut Classifier,
                             error: *mut *mut Error) -> i32;
    fn graft_classifier_imagenet(network: *const c_char, options: *const OpenOptions,
                                 classifier: *mut *mut Classifier, error: *mut *mut Error) -> i32;
    fn graft_classifier_free(classifier: *mut Classifier);
    fn graft_classify_file(classifier: *const Classifier, path: *const c_char, options: *const ClassifyOptions,
                           answer: *mut *mut Answer, error: *mut *mut Error) -> i32;
    fn graft_answer_count(answer: *const Answer) -> usize;
    fn graft_answer_prediction(answer: *const Answer, rank: usize, prediction: *mut Prediction,
                               error: *mut *mut Error) -> i32;
    fn graft_answer_free(answer: *mut Answer);
    fn graft_error_message(error: *const Error) -> *const c_char;
    fn graft_error_free(error: *mut Error);
}

/// Turns a status and an error object into a Result.
fn checked(status: i32, error: *mut Error) -> Result<(), String> {
    if status == 0 {
        return Ok(());
    }
    let message = unsafe { CStr::from_ptr(graft_error_message(error)) }.to_string_lossy().into_owned();
    unsafe { graft_error_free(error) };
    Err(message)
}

fn open(words: &[CString]) -> Result<*mut Classifier, String> {
    let mut classifier = null_mut();
    let mut error = null_mut();
    let status = if words.len() == 3 {
        let options = OpenOptions { size: size_of::<OpenOptions>(), threads: 0, precision: null(), class_names: null(),
                                    pixels: null(), weights: words[1].as_ptr(), alpha: 0.0 };
        unsafe { graft_classifier_imagenet(words[0].as_ptr(), &options, &mut classifier, &mut error) }
    } else {
        unsafe { graft_classifier_open(words[0].as_ptr(), null(), &mut classifier, &mut error) }
    };
    checked(status, error).map(|()| classifier)
}

fn run(words: &[CString]) -> Result<(), String> {
    let classifier = open(words)?;
    let mut answer = null_mut();
    let mut error = null_mut();
    let photo = words[words.len() - 1].as_ptr();
    let status = unsafe { graft_classify_file(classifier, photo, null(), &mut answer, &mut error) };
    unsafe { graft_classifier_free(classifier) }; // an answer does not need it
    checked(status, error)?;
    for rank in 0..unsafe { graft_answer_count(answer) }.min(3) {
        let mut one = Prediction { size: size_of::<Prediction>(), index: 0, name: null(), id: null(), probability: 0.0,
                                   is_label: 0 };
        let status = unsafe { graft_answer_prediction(answer, rank, &mut one, &mut error) };
        checked(status, error)?;
        println!("{:7.1} %  {}", 100.0 * one.probability, unsafe { CStr::from_ptr(one.name) }.to_string_lossy());
    }
    unsafe { graft_answer_free(answer) };
    Ok(())
}

fn main() {
    let words: Vec<CString> = std::env::args().skip(1).map(|word| CString::new(word).unwrap()).collect();
    if words.len() != 2 && words.len() != 3 {
        eprintln!("usage: classify MODEL PHOTO\n       classify NETWORK WEIGHTS PHOTO");
        std::process::exit(2);
    }
    if let Err(message) = run(&words) {
        eprintln!("{message}");
        std::process::exit(1);
    }
}
