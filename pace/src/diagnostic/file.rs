//! Reading of users' files.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// The largest file.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads the text of a file of at most 64 MiB.
///
/// # Errors
/// Fails if the file cannot be read, is larger, or is not UTF-8.
pub fn read_text_file(path: &Path) -> io::Result<String> {
    read_at_most(File::open(path)?, FILE_BYTES_MAX)
}

/// The limit also applies to a device, which has no size.
fn read_at_most(file: File, bytes_max: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("the file is too large; expected at most {bytes_max} bytes"),
        ));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn this_file() -> File {
        File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostic/file.rs")).unwrap()
    }

    #[test]
    fn read_file_beyond_limit_fails() {
        let bytes = this_file().metadata().unwrap().len();
        assert_eq!(read_at_most(this_file(), bytes).unwrap().len() as u64, bytes);
        let error = read_at_most(this_file(), bytes - 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn read_device_without_end_fails() {
        let zeros = Path::new("/dev/zero");
        if zeros.exists() {
            let error = read_at_most(File::open(zeros).unwrap(), 1 << 10).unwrap_err();
            assert_eq!(error.to_string(), "the file is too large; expected at most 1024 bytes");
        }
    }
}
