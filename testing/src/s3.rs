//! An S3-compatible store over a folder, in this process.

use crate::eventually_some;
use hyper_util::rt::TokioIo;
use s3s::{
    S3Result,
    access::{S3Access, S3AccessContext},
    auth::SimpleAuth,
    s3_error,
    service::S3ServiceBuilder,
};
use std::{net::SocketAddr, path::Path};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

/// The bucket that it has.
pub const BUCKET: &str = "pictures";
/// Its keys.
pub const KEYS: (&str, &str) = ("fiftynine", "a-secret-of-s3");

/// A store that listens until it is stopped or dropped.
pub struct S3 {
    folder: TempDir,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

impl S3 {
    /// One with an empty bucket, on a free port.
    pub async fn start() -> S3 {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut store = S3 { folder, address: listener.local_addr().unwrap(), listening: None };
        store.listen(listener);
        store
    }

    fn listen(&mut self, listener: TcpListener) {
        let files = s3s_fs::FileSystem::new(self.folder.path()).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEYS.0, KEYS.1));
        service.set_access(OneBucket);
        let service = service.build();
        self.listening = Some(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                let http = hyper::server::conn::http1::Builder::new();
                connections.spawn(async move { drop(http.serve_connection(TokioIo::new(socket), service).await) });
            }
        }));
    }

    /// It is away, with every connection.
    pub async fn stop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            let _ = listening.await;
        }
    }

    /// It is back where it was.
    pub async fn resume(&mut self) {
        let bind = async || TcpListener::bind(self.address).await.ok();
        let listener = eventually_some("its port is free again", bind).await;
        self.listen(listener);
    }

    /// What a program finds in its environment that uses it.
    pub fn settings(&self) -> Vec<(String, String)> {
        let settings = [
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEYS.0.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", KEYS.1.to_owned()),
        ];
        settings.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// Names of everything that is kept, in order.
    pub fn names(&self) -> Vec<String> {
        files(&self.folder.path().join(BUCKET))
    }
}

/// Nobody without keys, and no bucket but the one: to the folder any name would be as good.
struct OneBucket;

#[async_trait::async_trait]
impl S3Access for OneBucket {
    async fn check(&self, asked: &mut S3AccessContext<'_>) -> S3Result<()> {
        if asked.credentials().is_none() {
            return Err(s3_error!(AccessDenied));
        }
        if asked.s3_path().get_bucket_name() == Some(BUCKET) { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

/// Names of every file in a folder, in order.
pub fn files(folder: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}
