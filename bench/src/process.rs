//! Child processes on a core of their own, and the processor time they take.

use crate::Failure;
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The core of everything that serves; the generator runs on another.
const SERVER_CORE: &str = "0";
/// That of the generator, as `scripts/bench` begins it; and both.
pub const GENERATOR_CORE: &str = "1";
pub const BOTH_CORES: &str = "0,1";
/// What is asked to stop has this long.
const STOPS_WITHIN: Duration = Duration::from_secs(10);
/// What follows from a rush is written within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process, ended when dropped. Once waited for, its id may be another's and is never signalled again.
pub struct Process {
    child: Child,
    ended: bool,
}

impl Process {
    /// Starts a program on the servers' core.
    pub fn start(program: &Path, arguments: &[&str]) -> Result<Process, Failure> {
        Process::start_with(program, arguments, &[])
    }

    /// The same of a command, of which program and arguments count.
    pub fn start_command(command: &Command) -> Result<Process, Failure> {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        Process::start(Path::new(command.get_program()), &arguments)
    }

    /// The same with variables of its environment besides.
    pub fn start_with(program: &Path, arguments: &[&str], environment: &[(&str, PathBuf)]) -> Result<Process, Failure> {
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CORE]).arg(program).args(arguments).env("RUST_LOG", "error");
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::null()).stderr(Stdio::inherit());
        Ok(Process { child: command.spawn()?, ended: false })
    }

    /// Ends it without warning, as a power cut does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.ended = self.child.wait().is_ok();
    }

    /// Asks it to stop, and waits; whoever does not in time is killed.
    pub fn stop(&mut self) {
        if !self.ended {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let until = Instant::now() + STOPS_WITHIN;
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            self.kill();
        }
    }

    /// Memory that it wrote to, in bytes: what it only looks at of files is the system's to take back.
    pub fn written_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) * 1024.0
    }

    /// Processor time of the process and of its children, in seconds.
    pub fn cpu(&self) -> f64 {
        let pid = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let pids = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        pids.chain([pid]).map(own_cpu).sum()
    }
}

/// Processor time of this process, in seconds.
pub fn of_this_process() -> f64 {
    own_cpu(std::process::id())
}

fn own_cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // utime, stime and those of children already waited for, behind the name in brackets.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = (11..15).filter_map(|i| fields.get(i)?.parse::<f64>().ok()).sum();
    ticks / 100.0
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Has this process run on these cores from now on, all of its threads.
pub fn run_on(cores: &str) -> Result<(), Failure> {
    let own = std::process::id().to_string();
    // Again, when a thread ended just as it was to be moved.
    for _ in 0..3 {
        if Command::new("taskset").args(["-a", "-c", "-p", cores, &own]).stdout(Stdio::null()).status()?.success() {
            return Ok(());
        }
    }
    Err(format!("it cannot run on cores {cores}").into())
}

/// A free address on loopback.
pub fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits until somebody listens there.
pub async fn listening(address: SocketAddr) -> Result<(), Failure> {
    let until = Instant::now() + Duration::from_secs(30);
    while tokio::net::TcpStream::connect(address).await.is_err() {
        if Instant::now() > until {
            return Err(format!("nobody listens at {address}").into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Waits until servers that took so much processor time do nothing any more: what follows from a rush (where members find
/// their entries, claims) is written when it is over, and would be charged to the next.
pub async fn quiet(cpu: impl Fn() -> f64) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    let (mut before, mut quiet_for) = (cpu(), 0);
    while quiet_for < 3 {
        if Instant::now() > until {
            return Err("the servers are not done with what followed from the run before".into());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = cpu();
        quiet_for = if now - before < 0.05 { quiet_for + 1 } else { 0 };
        before = now;
    }
    Ok(())
}
