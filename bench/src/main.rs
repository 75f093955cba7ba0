//! `make bench`: the figures of README, against baselines that this program starts itself.
//!
//! Servers (and the databases behind baselines) run on one core, this generator on the other. Everything is on loopback,
//! bounded, and ends by itself.

mod anonymous;
mod baselines;
mod broadcast;
mod cluster;
mod databases;
mod disk;
mod exports;
mod figures;
mod followers;
mod line;
mod live;
mod load;
mod mixed;
mod neighbours;
mod orders;
mod pages;
mod payments;
mod process;
mod queueing;
mod readers;
mod searching;
mod site;
mod sockets;
mod streams;
mod template;

use clap::{Parser, Subcommand};
use std::net::SocketAddr;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures 59초 against its baselines.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// One round instead of five.
    #[arg(long, global = true)]
    quick: bool,
    /// Only these figures, by number.
    #[arg(long, value_delimiter = ',', global = true)]
    only: Vec<u32>,
}

#[derive(Subcommand)]
enum Command {
    /// A baseline server, started by the bench itself.
    #[command(hide = true)]
    Baseline {
        #[arg(value_enum)]
        which: baselines::Which,
        #[arg(long)]
        addr: SocketAddr,
        /// Address of the database behind it.
        #[arg(long, default_value = "")]
        database: String,
        /// How many sessions it knows.
        #[arg(long, default_value_t = 0)]
        sessions: usize,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let mut runtime = match arguments.command {
        // Servers as in production: all the threads that their cores allow.
        Some(_) => tokio::runtime::Builder::new_multi_thread(),
        None => tokio::runtime::Builder::new_current_thread(),
    };
    runtime.enable_all().build()?.block_on(async {
        match arguments.command {
            Some(Command::Baseline { which, addr, database, sessions }) => {
                baselines::serve(which, addr, &database, sessions).await
            }
            None => figures::run(arguments.quick, &arguments.only).await,
        }
    })
}
