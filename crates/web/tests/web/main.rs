//! The three surfaces over HTTP, in process: one binary, one module for each subject.

mod notice;
mod signin;
mod support;
mod surfaces;
mod texts;
