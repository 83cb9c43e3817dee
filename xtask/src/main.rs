//! Sets up, builds, serves, bundles and tests Auditglass: `cargo xtask <command>`.

mod bench;
mod build;
mod bundle;
mod debian;
mod html;
mod paths;
mod rivals;
mod serve;
mod server;
mod setup;
mod shell;
mod stations;
mod test;
mod tidy;
mod toolchain;
mod tools;
mod wasm;

use std::process::ExitCode;

use shell::{Failure, Result};

/// One command: its name, one line about it, its full help, and what it does with its arguments.
struct Task {
    name: &'static str,
    about: &'static str,
    help: &'static str,
    run: fn(lexopt::Parser) -> Result<()>,
}

const TASKS: [Task; 7] = [
    Task {
        name: "setup",
        about: "install what builds need; silent where everything is there",
        help: setup::HELP,
        run: setup::main,
    },
    Task {
        name: "serve",
        about: "build the page and serve it on 127.0.0.1",
        help: serve::HELP,
        run: serve::main,
    },
    Task {
        name: "build",
        about: "build dist/ for any static host",
        help: build::HELP,
        run: build::main,
    },
    Task {
        name: "bundle",
        about: "build dist/auditglass.html: one file with everything inside",
        help: bundle::HELP,
        run: bundle::main,
    },
    Task {
        name: "test",
        about: "run every check and every test",
        help: test::HELP,
        run: test::main,
    },
    Task {
        name: "bench",
        about: "measure the command and the page beside the Python oracle",
        help: bench::HELP,
        run: bench::main,
    },
    Task {
        name: "tidy",
        about: "check the house rules",
        help: tidy::HELP,
        run: tidy::main,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(first) = arguments.next() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    let first = first.to_string_lossy().into_owned();
    if matches!(first.as_str(), "-h" | "--help" | "help") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == first) else {
        eprintln!("error: there is no command `{first}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    let rest: Vec<_> = arguments.collect();
    if rest
        .iter()
        .any(|argument| argument == "-h" || argument == "--help")
    {
        print!("{}", task.help);
        return ExitCode::SUCCESS;
    }
    match (task.run)(lexopt::Parser::from_args(rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure, task);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn report(failure: &Failure, task: &Task) {
    eprintln!("\nerror: {}", failure.message());
    if failure.is_usage() {
        eprint!("\n{}", task.help);
    } else if let Some(remedy) = failure.remedy() {
        eprintln!("try:   {remedy}");
    }
}

fn usage() -> String {
    let mut text = String::from("Usage: cargo xtask <command> [options]\n\nCommands:\n");
    for task in &TASKS {
        text.push_str(&format!("  {:<8} {}\n", task.name, task.about));
    }
    text.push_str("\n`cargo xtask <command> --help` tells more.\n");
    text
}
