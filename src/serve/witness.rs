//! A witness over HTTP (c2sp.org/tlog-witness): `POST add-checkpoint`, `GET <origin hash>/checkpoint`.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::oneshot;

use super::Listening;
use crate::app::witness::{WitnessAnswer, WitnessService};

/// Largest request body, bytes: the longest proof and the longest checkpoint fit.
const BODY_BYTES_MAX: usize = 64 << 10;
/// Requests that wait for their turn.
const WAITING_MAX: usize = 64;

/// Serves a witness until the process ends. Blocks: requests are judged on this thread, one after another.
pub fn witness(service: &WitnessService<'_>, listening: Listening) -> io::Result<()> {
    let (desk, waiting) = sync_channel::<Job>(WAITING_MAX);
    std::thread::scope(|scope| {
        let server = scope.spawn(|| {
            let router = router(desk);
            listening.run(&router)
        });
        for job in waiting {
            let answer = match job.question {
                Question::AddCheckpoint(body) => service.add_checkpoint(&body),
                Question::Checkpoint(origin_hash) => service.checkpoint(&origin_hash),
            };
            // Who has gone meanwhile does not hear it; the checkpoint is kept all the same.
            let _ = job.reply.send(answer);
        }
        server
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A request and who waits for its answer.
struct Job {
    question: Question,
    reply: oneshot::Sender<WitnessAnswer>,
}

enum Question {
    AddCheckpoint(Bytes),
    Checkpoint(String),
}

fn router(desk: SyncSender<Job>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(desk)
}

async fn add_checkpoint(State(desk): State<SyncSender<Job>>, body: Bytes) -> Response {
    ask(&desk, Question::AddCheckpoint(body)).await
}

async fn checkpoint(State(desk): State<SyncSender<Job>>, Path(origin_hash): Path<String>) -> Response {
    ask(&desk, Question::Checkpoint(origin_hash)).await
}

async fn ask(desk: &SyncSender<Job>, question: Question) -> Response {
    let (reply, answer) = oneshot::channel();
    match desk.try_send(Job { question, reply }) {
        Ok(()) => {}
        Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let Ok(answer) = answer.await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, answer.media_type)], answer.body).into_response()
}
