//! The service: HTTP in, an answer of a deed out. DOOR to `axum`, `hyper` and `tokio`.
//!
//! A runtime of its own thread reads requests and writes answers; deeds run one after another on the thread that called, so
//! nothing below knows that there is a network. Bounds: 64 connections, 10 seconds for the head of a request, a minute for a
//! connection, 64 KiB of body.

mod witness;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

pub use self::witness::witness;

/// An address that is listened at; nothing is answered before the service runs.
#[derive(Debug)]
pub struct Listening {
    socket: std::net::TcpListener,
}

impl Listening {
    /// Binds an address; port 0 takes a free one.
    pub fn at(address: SocketAddr) -> io::Result<Self> {
        let socket = std::net::TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket })
    }

    /// The address, with the port that was taken.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Reads requests and writes answers until the process ends. Blocks.
    fn run(self, router: &Router) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.socket)?;
            accept(&listener, router).await;
            Ok(())
        })
    }
}

async fn accept(listener: &TcpListener, router: &Router) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely: the connections that are open will give some back.
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(HEAD_BYTES_MAX);
        let service = TowerToHyperService::new(router.clone());
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // Who breaks off or is too slow is not answered; there is nobody to tell.
            let _ = timeout(CONNECTION_TIME, connection).await;
            drop(permit);
        });
    }
}

const CONNECTIONS_MAX: usize = 64;
const HEAD_TIME: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: usize = 16 << 10;
const CONNECTION_TIME: Duration = Duration::from_mins(1);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
