//! One address of the server at the page's port.

use super::dial::{Stream, dial};
use super::visitor::Visitor;
use super::{PATIENCE, Tools, unix_seconds};
use crate::doctor::facts::{Certificate, Front, Health, JoinFailure, Reach, Redirect};
use http::header::{DATE, HOST, LOCATION, SERVER};
use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// The answer to `/healthz` is `ok`; another server's error page is not read beyond this.
const BODY_BYTES: usize = 64 * 1024;

/// Connects twice: for a request, and as a visitor.
pub(super) async fn look(tools: Arc<Tools>, address: SocketAddr) -> (Front, Option<Visitor>) {
    let mut front =
        Front { address, reach: Reach::Open, certificate: None, tls_error: None, health: None, joined: None };
    let stream = match open(&tools, address).await {
        Ok((stream, certificate)) => {
            front.certificate = certificate;
            stream
        }
        Err(Closed::Unreachable(reach)) => {
            front.reach = reach;
            return (front, None);
        }
        Err(Closed::NoTls(error)) => {
            front.tls_error = Some(error);
            return (front, None);
        }
    };
    front.health = Some(health(stream, &tools.target.authority()).await);
    let visitor = join(&tools, address).await;
    let (joined, visitor) = match visitor {
        Ok(visitor) => (Ok(()), Some(visitor)),
        Err(failure) => (Err(failure), None),
    };
    front.joined = Some(joined);
    (front, visitor)
}

/// A new visitor by this address.
pub(super) async fn join(tools: &Tools, address: SocketAddr) -> Result<Visitor, JoinFailure> {
    match open(tools, address).await {
        Ok((stream, _)) => Visitor::join(stream, &tools.target, &tools.room).await,
        Err(Closed::Unreachable(reach)) => Err(JoinFailure::Failed(reach.to_string())),
        Err(Closed::NoTls(error)) => Err(JoinFailure::Failed(error)),
    }
}

/// What plain HTTP answers.
pub(super) async fn redirect(tools: &Tools, address: SocketAddr) -> Redirect {
    let stream = match dial(address).await {
        Ok(stream) => stream,
        Err(reach) => return Redirect::Unreachable(reach),
    };
    let response = match request(Box::new(stream), "/", &tools.target.bracketed()).await {
        Ok((response, _)) => response,
        Err(error) => return Redirect::Unreachable(Reach::Failed(error)),
    };
    let location = header(&response, LOCATION);
    let is_target = location.as_ref().is_some_and(|location| {
        let target = tools.target.to_string();
        location
            .to_ascii_lowercase()
            .strip_prefix(&target)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if response.status().is_redirection() && is_target {
        Redirect::ToTarget
    } else {
        Redirect::Other { status: response.status().as_u16(), location }
    }
}

enum Closed {
    Unreachable(Reach),
    NoTls(String),
}

async fn open(tools: &Tools, address: SocketAddr) -> Result<(Box<dyn Stream>, Option<Certificate>), Closed> {
    let stream = dial(address).await.map_err(Closed::Unreachable)?;
    if !tools.target.secure {
        return Ok((Box::new(stream), None));
    }
    let (stream, certificate) = tools.tls.connect(stream, &tools.target.host).await;
    Ok((Box::new(stream.map_err(Closed::NoTls)?), certificate))
}

async fn health(stream: Box<dyn Stream>, host: &str) -> Result<Health, String> {
    let (response, body) = request(stream, "/healthz", host).await?;
    let date = header(&response, DATE).and_then(|date| httpdate::parse_http_date(&date).ok());
    let date = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
    let date = date.and_then(|date| i64::try_from(date.as_secs()).ok());
    Ok(Health {
        status: response.status().as_u16(),
        is_eyeline: response.status() == http::StatusCode::OK && body.trim_ascii() == b"ok",
        server: header(&response, SERVER),
        clock_ahead: date.map(|date| date.saturating_sub(unix_seconds())),
    })
}

fn header(response: &Response<()>, name: HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// One GET, and its whole answer.
async fn request(stream: Box<dyn Stream>, path: &str, host: &str) -> Result<(Response<()>, Bytes), String> {
    let exchange = async {
        let text = |error: &dyn ToString| error.to_string();
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| text(&error))?;
        let request = Request::get(path)
            .header(HOST, host)
            .body(Empty::<Bytes>::new())
            .map_err(|error| text(&error))?;
        // It is what moves the answer, and may well end before the answer has been read.
        let driver = AbortOnDropHandle::new(tokio::spawn(connection));
        let (parts, body) = sender.send_request(request).await.map_err(|error| text(&error))?.into_parts();
        let body = Limited::new(body, BODY_BYTES).collect().await.map_err(|error| text(&error))?;
        drop(driver);
        Ok((Response::from_parts(parts, ()), body.to_bytes()))
    };
    timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err("no answer".to_owned()))
}
