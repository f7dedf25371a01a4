//! The control door: a page, a list and two verbs, for people and programs on this machine.
//!
//! | request | does |
//! |---|---|
//! | `GET /` | a page with a button for each fault |
//! | `GET /faults` | lists all faults, as JSON; as text when that is asked for |
//! | `POST /faults/NAME?for=120` | breaks something, for so many seconds |
//! | `DELETE /faults/NAME` | heals it; the name `all` heals everything |
//!
//! It listens on loopback, and answers only who says so: a page of somebody else in a browser on
//! this machine must not reach it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fluoro_sdk::ToJson;
use http_body_util::Full;
use hyper::Method;
use tokio::net::TcpListener;

use crate::BROKEN_USUALLY;
use crate::board::{BROKEN_MAX, Board};
use crate::error::Error;
use crate::exchange::CallError;
use crate::fault::Fault;
use crate::live::of;
use crate::net::{self, Client, Received, Response};
use crate::world::World;

/// The page: one file, nothing from elsewhere.
const PAGE: &str = include_str!("control/page.html");

/// The name that means every fault.
const ALL: &str = "all";

/// How long whoever asks waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a demo can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Break something, for so long.
    Break(Fault, Duration),
    /// Heal something, or everything.
    Fix(Option<Fault>),
    /// Say what is broken.
    List,
}

/// Tells the demo whose control door is at `address` what to do, and returns what it says.
///
/// # Errors
/// `Error::NoDemo` when nobody listens there, `Error::Refused` when the demo does not do it.
pub async fn tell(address: SocketAddr, order: &Order) -> Result<String, Error> {
    let (method, path) = match order {
        Order::Break(fault, time) => {
            (Method::POST, format!("/faults/{}?for={}", fault.name(), time.as_secs()))
        }
        Order::Fix(fault) => {
            (Method::DELETE, format!("/faults/{}", fault.map_or(ALL, Fault::name)))
        }
        Order::List => (Method::GET, "/faults".to_owned()),
    };
    let request = hyper::Request::builder()
        .method(method)
        .uri(format!("http://{address}{path}"))
        .header("accept", "text/plain")
        .body(Full::default())
        .map_err(|error| Error::Refused(error.to_string()))?;
    let answer = tokio::time::timeout(PATIENCE, Client::new().send(request)).await;
    match answer.unwrap_or(Err(CallError::Timeout(PATIENCE))) {
        Ok(answer) if answer.is_ok() => Ok(answer.body),
        Ok(answer) => Err(Error::Refused(answer.body.trim().to_owned())),
        Err(CallError::Refused) => Err(Error::NoDemo { address }),
        Err(error) => Err(Error::Refused(format!("ask the demo at {address}: {error}"))),
    }
}

/// Answers whoever comes, until it is dropped.
pub(crate) async fn serve(door: TcpListener, address: SocketAddr, world: Arc<World>) {
    net::serve(door, move |request| {
        let response = respond(address, &of(&world).board, &request);
        async move { response }
    })
    .await;
}

fn respond(address: SocketAddr, board: &Board, request: &Received) -> Response {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let wants_text = header("accept").is_some_and(|kinds| kinds.contains("text/plain"));
    if !is_ours(address, header("host"), header("origin")) {
        return net::text(403, "text/plain", "ask under the door's own address\n");
    }
    let uri = request.uri();
    let name = uri.path().strip_prefix("/faults/");
    match (request.method(), uri.path(), name) {
        (&Method::GET, "/", _) => net::text(200, "text/html; charset=utf-8", PAGE),
        (&Method::GET, "/faults", _) if wants_text => plain(200, list(board)),
        (&Method::GET, "/faults", _) => net::text(200, "application/json", json(board)),
        (&Method::POST, _, Some(name)) => start(board, name, uri.query()),
        (&Method::DELETE, _, Some(name)) => end(board, name),
        _ => plain(404, "there are GET /, GET /faults, POST and DELETE /faults/NAME\n"),
    }
}

/// Returns whether a request was meant for this door: a browser says on whose behalf it asks, and
/// under which name it found the door.
fn is_ours(address: SocketAddr, host: Option<&str>, origin: Option<&str>) -> bool {
    let local = format!("localhost:{}", address.port());
    let is_door = |name: &str| name == address.to_string() || name == local;
    host.is_none_or(is_door)
        && origin.is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_door))
}

fn plain(status: u16, text: impl Into<bytes::Bytes>) -> Response {
    net::text(status, "text/plain; charset=utf-8", text)
}

fn start(board: &Board, name: &str, query: Option<&str>) -> Response {
    let Some(fault) = Fault::find(name) else { return unknown(name) };
    let seconds = query.and_then(|query| {
        query.split('&').find_map(|part| part.strip_prefix("for=")).map(str::parse::<u64>)
    });
    let time = match seconds {
        None => BROKEN_USUALLY,
        Some(Ok(seconds)) if seconds > 0 => Duration::from_secs(seconds),
        Some(_) => return plain(400, "`for` is a number of seconds, at least 1\n"),
    };
    board.start(fault, time);
    let time = spoken(time.min(BROKEN_MAX));
    plain(200, format!("broken for {time}: {}\nfilter: {}\n", fault.what(), fault.filter()))
}

fn end(board: &Board, name: &str) -> Response {
    if name == ALL {
        let healed: Vec<_> = Fault::ALL.into_iter().filter(|fault| board.end(*fault)).collect();
        let names: Vec<_> = healed.iter().map(|fault| fault.name()).collect();
        let said = if names.is_empty() { "nothing was broken".into() } else { names.join(", ") };
        return plain(200, format!("fixed: {said}\n"));
    }
    match Fault::find(name) {
        None => unknown(name),
        Some(fault) if board.end(fault) => plain(200, format!("fixed: {}\n", fault.name())),
        Some(fault) => plain(200, format!("{} was not broken\n", fault.name())),
    }
}

fn unknown(name: &str) -> Response {
    let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    plain(404, format!("there is no fault `{name}`; there are {}\n", names.join(", ")))
}

fn list(board: &Board) -> String {
    let line = |fault: Fault| {
        let state = board.remaining(fault);
        let state = state.map_or("-".to_owned(), |time| format!("broken, {} left", spoken(time)));
        format!("{:<14} {state:<20} {}\n", fault.name(), fault.what())
    };
    Fault::ALL.into_iter().map(line).collect()
}

/// Returns a list of objects with `name`, `what`, `filter` and `remaining_secs`, which is null for
/// what is not broken.
fn json(board: &Board) -> String {
    let objects: Option<Vec<_>> = Fault::ALL
        .into_iter()
        .map(|fault| {
            let remaining = board.remaining(fault).map(|time| time.as_secs());
            let members = [
                ("name", fault.name().to_json()?),
                ("what", fault.what().to_json()?),
                ("filter", fault.filter().to_json()?),
                ("remaining_secs", remaining.to_json()?),
            ];
            wire::raw::Json::object(members.iter().map(|(name, value)| (*name, value)))
        })
        .collect();
    objects
        .and_then(|objects| objects.to_json())
        .map_or_else(String::new, |it| it.text().to_owned())
}

/// Writes a time as people say it: `9m 40s`.
fn spoken(time: Duration) -> String {
    // What is left of a second is still left.
    let seconds = time.as_millis().div_ceil(1000);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, seconds) => format!("{minutes}m {seconds}s"),
        (hours, 0, _) => format!("{hours}h"),
        (hours, minutes, _) => format!("{hours}h {minutes}m"),
    }
}

#[cfg(test)]
mod tests;
