//! The program `fiftynine`.

use clap::{Parser, Subcommand};
use engine::background;
use server::{
    administration,
    config::{self, Config},
    demo,
};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 59초: limited things, released at one instant, in the open.
#[derive(Parser)]
#[command(name = "fiftynine", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the website (the default).
    Serve,
    /// Rebuild every projection from the log and compare; fails when anything differs.
    Check,
    /// Make the member who signed up with an email an admin.
    Admin(administration::Admin),
    /// List who looks after the site.
    Admins,
    /// Print a link that makes an admin of the first who opens it within an hour, signed in.
    AdminLink,
    /// Make a link by which a member sets another password, once and within half an hour.
    PasswordLink(administration::PasswordLink),
    /// Suspend a member: they only read what is theirs from then on.
    Suspend(administration::Suspension),
    /// Let a suspended member act again.
    Restore(administration::Member),
    /// Call an event off; everybody who entered is told.
    CallOff(administration::Event),
    /// Take the items of the public catalogue that is configured, or else those that come with the program; goes on where it was cut
    /// short.
    ImportItems,
    /// Note that a seller was paid what is left of a month that is over.
    PayOut(administration::Payout),
    /// Carry the data of the data folder over into the empty PostgreSQL database that DATABASE_URL names.
    MigrateData,
    /// Send a bounded crowd of simulated people into the next event of a running demonstration server.
    Demo(demo::DemoArguments),
}

fn main() -> ExitCode {
    if config::has_secret(std::env::args()) {
        eprintln!(
            "fiftynine: a secret stands on the command line, where others read it: set it by its variable, or name the file that it \
             stands in behind @"
        );
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::parse();
    server::logs::start(arguments.config.log_json);
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().thread_stack_size(background::stack()).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                eprintln!("fiftynine: {error}");
                return ExitCode::FAILURE;
            }
        };
    let done = runtime.block_on(async {
        match arguments.command.unwrap_or(Command::Serve) {
            Command::Serve => server::serve(arguments.config).await,
            Command::Check => server::check(&arguments.config).await,
            Command::Admin(who) => administration::admin(&arguments.config, who).await,
            Command::Admins => administration::admins(&arguments.config).await,
            Command::AdminLink => administration::admin_link(&arguments.config).await,
            Command::PasswordLink(who) => administration::password_link(&arguments.config, who).await,
            Command::Suspend(who) => administration::suspend(&arguments.config, who).await,
            Command::Restore(who) => administration::restore(&arguments.config, who).await,
            Command::CallOff(event) => administration::call_off(&arguments.config, event).await,
            Command::ImportItems => server::import_items(&arguments.config).await,
            Command::PayOut(payout) => administration::pay_out(&arguments.config, payout).await,
            Command::MigrateData => server::migrate_data(&arguments.config).await,
            Command::Demo(demo) => demo::run(&arguments.config, &demo).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fiftynine: {error}");
            ExitCode::FAILURE
        }
    }
}
