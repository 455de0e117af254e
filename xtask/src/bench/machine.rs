//! What the machine does beside us, and what a process costs, from /proc.
use std::{
    fs, thread,
    time::{Duration, Instant},
};

/// How long is looked at what others do.
const LOOK: Duration = Duration::from_secs(1);
/// Clock ticks a second in /proc; fixed by the kernel's interface.
const TICKS_A_SECOND: f64 = 100.0;

/// Processors that may be used.
pub(super) fn cores() -> f64 {
    let count = thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(count).map_or(1.0, f64::from)
}

/// Mean of runnable processes over the last minute.
pub(super) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg")
        .ok()?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// Cores that are busy now; we sleep meanwhile.
pub(super) fn busy_cores() -> f64 {
    let (before, began) = (busy_ticks(), Instant::now());
    thread::sleep(LOOK);
    (busy_ticks() - before) / TICKS_A_SECOND / began.elapsed().as_secs_f64()
}

/// Ticks of all cores in which something ran: user, nice, system, irq, softirq.
fn busy_ticks() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    [0, 1, 2, 5, 6]
        .iter()
        .filter_map(|place| fields.get(*place))
        .sum()
}

/// Seconds on a processor of all threads of a process; `None` when it has ended.
pub(super) fn cpu_seconds(pid: u32) -> Option<f64> {
    let mut nanoseconds = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
        let text = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        nanoseconds += text
            .split_whitespace()
            .next()
            .and_then(|first| first.parse::<f64>().ok())
            .unwrap_or(0.0);
    }
    Some(nanoseconds / 1e9)
}

/// A line of /proc/PID/status, in megabytes.
pub(super) fn memory_mb(pid: u32, name: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
