//! Many readers at once over real HTTP: each its own connection, one page after the other.
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::fault::Fault;

const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Longest page that is read; the heaviest chart is far below.
const BODY_BYTES_MAX: usize = 4 << 20;

/// What is read, by how many, for how long.
pub(super) struct Reading<'a> {
    pub(super) port: u16,
    pub(super) path: &'a str,
    pub(super) cookie: &'a str,
    pub(super) readers: usize,
    pub(super) warm_up: Duration,
    pub(super) window: Duration,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Read {
    /// Pages answered with 200 to their last byte, with those of the warm-up.
    pub(super) answered: usize,
    /// Milliseconds from the request to the last byte, for those that ended in the window.
    pub(super) ms: Vec<f64>,
    /// Bytes of one page's body.
    pub(super) body: usize,
}

impl Reading<'_> {
    /// Reads, and lets every reader finish its last page, so that nothing is asked and not counted.
    ///
    /// # Errors
    ///
    /// An answer other than 200, or a connection that ended.
    pub(super) fn run(&self) -> Result<Read, Fault> {
        let (stop, began) = (AtomicBool::new(false), Instant::now());
        let shares = thread::scope(|scope| {
            let readers: Vec<_> = (0..self.readers)
                .map(|_| scope.spawn(|| self.read(&stop, began)))
                .collect();
            thread::sleep(self.warm_up + self.window);
            stop.store(true, Ordering::Relaxed);
            readers
                .into_iter()
                .map(|reader| {
                    reader
                        .join()
                        .map_err(|_| Fault::new("a reader ended badly"))?
                })
                .collect::<Result<Vec<Read>, Fault>>()
        })?;
        let mut all = Read::default();
        for share in shares {
            all.answered += share.answered;
            all.ms.extend(share.ms);
            all.body = share.body;
        }
        Ok(all)
    }

    fn read(&self, stop: &AtomicBool, began: Instant) -> Result<Read, Fault> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        let mut answers = BufReader::with_capacity(1 << 16, stream.try_clone()?);
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: localhost:{}\r\nAccept: text/html\r\nCookie: {}\r\n\r\n",
            self.path, self.port, self.cookie
        );
        let mut read = Read::default();
        let mut body = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let asked = Instant::now();
            stream.write_all(request.as_bytes())?;
            take(&mut answers, &mut body)?;
            read.answered += 1;
            let ended = began.elapsed();
            if ended >= self.warm_up && ended < self.warm_up + self.window {
                read.ms.push(asked.elapsed().as_secs_f64() * 1000.0);
            }
        }
        read.body = body.len();
        Ok(read)
    }
}

/// Takes one answer with a length from the connection.
fn take(answers: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut line, mut first, mut length) = (String::new(), String::new(), None);
    loop {
        line.clear();
        if answers.read_line(&mut line)? == 0 {
            return Err(Fault::new("the server ended a connection"));
        }
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if first.is_empty() {
            text.clone_into(&mut first);
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    if !first.contains(" 200") {
        return Err(Fault::new(format!("an answer was {first}")));
    }
    let length = length
        .filter(|length| *length <= BODY_BYTES_MAX)
        .ok_or_else(|| Fault::new("an answer had no length"))?;
    body.resize(length, 0);
    answers.read_exact(body)?;
    Ok(())
}
