//! CPU time and memory of a process, from `/proc`.

use std::fs;
use std::io;
use std::time::Duration;

/// The resources of a process.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Usage {
    /// The user and system time of all threads so far.
    pub(super) cpu: Duration,
    pub(super) resident_bytes: u64,
}

/// Reads the resources of a process.
///
/// # Errors
/// Fails if the process does not exist, or the system has no `/proc`.
pub(super) fn usage(pid: u32) -> io::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse(&stat, rustix::param::clock_ticks_per_second(), rustix::param::page_size() as u64)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the format of `stat` is not valid"))
}

/// Parses fields of proc_pid_stat(5): 14 and 15 are the times in ticks, 24 the resident pages. Field 2 is a name in
/// parentheses with any content.
fn parse(stat: &str, ticks_per_s: u64, page_bytes: u64) -> Option<Usage> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let ticks = field(14)? + field(15)?;
    let cpu = Duration::from_secs_f64(ticks as f64 / ticks_per_s as f64);
    Some(Usage { cpu, resident_bytes: field(24)? * page_bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_name_with_parentheses_reads_times_and_pages() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 300 1000000 2048 18446744073709551615 1 1";
        let usage = parse(stat, 100, 4096).unwrap();
        assert_eq!(usage, Usage { cpu: Duration::from_secs(3), resident_bytes: 2048 * 4096 });
        assert_eq!(parse("42 (a) S 1", 100, 4096), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn usage_of_this_process_has_memory() {
        assert!(usage(std::process::id()).unwrap().resident_bytes > 0);
        assert!(usage(u32::MAX).is_err());
    }
}
