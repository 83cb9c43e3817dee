//! The command `auditglass`: what the page does, in a terminal and in a pipeline.

mod args;
mod diff;
mod drill;
mod explore;
mod facets;
mod file;
mod folder;
mod inputs;
mod query;
mod report;
mod sql;
mod verify;

use std::process::ExitCode;

fn main() -> ExitCode {
    match args::parse() {
        Ok(args::Command::Help(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Ok(args::Command::Verify(options)) => verify::run(&options),
        Ok(args::Command::Query(options)) => query::run(&options),
        Ok(args::Command::Facets(options)) => facets::run(&options),
        Ok(args::Command::Report(args)) => report::run(&args),
        Ok(args::Command::Diff(args)) => diff::run(&args),
        Ok(args::Command::Drill(args)) => drill::run(&args),
        Err(message) => {
            eprintln!("auditglass: {message}\nTry `auditglass --help`.");
            ExitCode::from(2)
        }
    }
}
