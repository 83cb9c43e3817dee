//! Running other programs, and telling what went wrong together with the command that repairs it.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The result of everything here.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// What went wrong, and what to try.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    remedy: Option<String>,
    usage: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: None,
            usage: false,
        }
    }

    /// Names the command that repeats or repairs it. The innermost one wins: it knows most.
    pub(crate) fn or_try(mut self, remedy: impl Into<String>) -> Self {
        self.remedy.get_or_insert_with(|| remedy.into());
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    pub(crate) fn is_usage(&self) -> bool {
        self.usage
    }

    pub(crate) fn exit_code(&self) -> u8 {
        if self.usage { 2 } else { 1 }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self {
            message: error.to_string(),
            remedy: None,
            usage: true,
        }
    }
}

/// Says what the file or directory was wanted for when it could not be had.
pub(crate) fn io_failure(what: &str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Failure {
    move |error| Failure::new(format!("cannot {what} {}: {error}", path.display()))
}

/// Announces a step that may take a while.
pub(crate) fn announce(what: &str) {
    println!("==> {what}");
    // Nothing depends on it; programs that run next must not overtake the line.
    io::stdout().flush().ok();
}

/// Runs a program, its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command
        .status()
        .map_err(|error| Failure::new(format!("cannot start `{shown}`: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{shown}` ended with {status}")).or_try(shown))
}

/// Like [`run`], but ends the program after `limit`.
pub(crate) fn run_limited(command: &mut Command, limit: Duration) -> Result<()> {
    let shown = shown(command);
    let mut child = command
        .spawn()
        .map_err(|error| Failure::new(format!("cannot start `{shown}`: {error}")))?;
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(Failure::new(format!("`{shown}` ended with {status}"))),
            Ok(None) if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(100)),
            Ok(None) => {
                // It may have ended in the meantime; either way it is gone afterwards.
                child.kill().ok();
                child.wait().ok();
                return Err(Failure::new(format!(
                    "`{shown}` was not done after {} s",
                    limit.as_secs()
                )));
            }
            Err(error) => return Err(Failure::new(format!("cannot wait for `{shown}`: {error}"))),
        }
    }
}

/// The standard output of a program that succeeds; `None` if it fails or is not there.
pub(crate) fn capture(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program, passes its output on line by line and lets `watch` see each line.
pub(crate) fn run_watched(command: &mut Command, watch: &(dyn Fn(&str) + Sync)) -> Result<()> {
    let shown = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::new(format!("cannot start `{shown}`: {error}")))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let status = std::thread::scope(|scope| {
        if let Some(err) = err {
            scope.spawn(|| pass_on(err, &mut io::stderr(), watch));
        }
        if let Some(out) = out {
            pass_on(out, &mut io::stdout(), watch);
        }
        child.wait()
    });
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`{shown}` ended with {status}")).or_try(shown)),
        Err(error) => Err(Failure::new(format!("cannot wait for `{shown}`: {error}"))),
    }
}

fn pass_on(from: impl Read, to: &mut impl Write, watch: &(dyn Fn(&str) + Sync)) {
    let mut line = Vec::new();
    let mut from = BufReader::new(from);
    while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        // A closed terminal is no reason to stop the tests.
        to.write_all(&line).ok();
        to.flush().ok();
        watch(&String::from_utf8_lossy(&line));
        line.clear();
    }
}

/// The command as one would type it, with the variables that were set for it.
pub(crate) fn shown(command: &Command) -> String {
    let mut text = String::new();
    for (name, value) in command.get_envs() {
        let name = name.to_string_lossy();
        if let Some(value) = value.filter(|_| name != "PATH") {
            let _ = write!(text, "{name}={} ", quoted(&value.to_string_lossy()));
        }
    }
    text.push_str(&quoted(&command.get_program().to_string_lossy()));
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&quoted(&argument.to_string_lossy()));
    }
    text
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A duration as people say it.
pub(crate) fn spoken(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_one_types_them() {
        let mut command = Command::new("cargo");
        command
            .args(["install", "a b", "it's"])
            .env("RUSTFLAGS", "-C x")
            .env_remove("CARGO");
        assert_eq!(
            shown(&command),
            r"RUSTFLAGS='-C x' cargo install 'a b' 'it'\''s'"
        );
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let start = Instant::now();
        let failure =
            run_limited(Command::new("sleep").arg("60"), Duration::from_millis(200)).unwrap_err();
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{}",
            failure.message()
        );
    }

    #[test]
    fn the_innermost_remedy_wins() {
        let failure = Failure::new("x").or_try("inner").or_try("outer");
        assert_eq!(failure.remedy(), Some("inner"));
    }
}
