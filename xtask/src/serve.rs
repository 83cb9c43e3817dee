//! `cargo xtask serve`: the page on this machine, for this machine.

use crate::setup::{self, Need};
use crate::shell::{self, Failure, Result, announce};
use crate::{build, paths, server};

pub(crate) const HELP: &str = "\
Usage: cargo xtask serve [--port N] [--dev]

Installs what is missing, builds the page as it is shipped, serves it on 127.0.0.1 and
prints the address. Ctrl-C ends it.

Options:
  --port N   the port, 8080 unless told; 0 takes a free one
  --dev      quick, unoptimised builds, made again whenever a source file changes
";

pub(crate) fn main(mut arguments: lexopt::Parser) -> Result<()> {
    let (mut port, mut dev) = (8080_u16, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("port") => port = lexopt::ValueExt::parse(&arguments.value()?)?,
            lexopt::Arg::Long("dev") => dev = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let env = setup::ensure(Need::Page)?;
    if dev {
        announce("Building the page; it is built again after each change");
        let mut trunk = env.command("trunk");
        trunk.env_remove("NO_COLOR").args([
            "--skip-version-check",
            "serve",
            "--no-autoreload",
            "true",
        ]);
        trunk
            .args(["--address", "127.0.0.1", "--port"])
            .arg(port.to_string());
        return shell::run(&mut trunk);
    }
    // A port that is taken should be told now and not after four minutes.
    let listener = server::listen(port).map_err(|error| {
        Failure::new(format!("cannot listen on 127.0.0.1:{port}: {error}"))
            .or_try("cargo xtask serve --port 0")
    })?;
    build::build(&env)?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(format!("cannot tell the address: {error}")))?;
    println!("\nAuditglass is at http://{address}/ (Ctrl-C ends it)");
    server::serve(&listener, &paths::dist());
    Ok(())
}
