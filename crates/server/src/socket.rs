//! WebSockets (RFC 6455): the only module that knows by which crate.
//!
//! One task for each. It keeps what the rooms send until the network takes it, a batch at a time, and goes on reading
//! meanwhile: a reader that is slow delays nobody, itself included.

use crate::hub::{Command, Hub};
use crate::reading::{Prefix, Reader, Reading};
use bytes::{Bytes, BytesMut};
use data_encoding::BASE64;
use eyeline_protocol::outer::{CloseCode, IceServer};
use eyeline_rooms::{AddressGroup, Input, SocketId};
use futures_util::{Sink, Stream};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_websockets::{Config, Error, Limits, Message, ServerBuilder, WebSocketStream};

/// Bytes handed to the network at once. The rest waits in our queue, where it can still be dropped.
const BATCH_BYTES: usize = 16 * 1024;

/// How long a closed connection may take to read what is left and to answer the close frame (RFC 6455, 7.1.1).
/// Under the three seconds in which the server ends.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// Bytes that may pass for one message beyond twice its length: the buffer reads ahead, and a message may come in
/// fragments. More is a stream of tiny or empty fragments, which costs us and brings nothing.
const READ_AHEAD_BYTES: usize = 32 * 1024;

/// The longest control frame with its header (RFC 6455, 5.5), rounded up.
const CONTROL_FRAME_BYTES: usize = 132;

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455, 4.2.2); `None` if that is not 16 bytes of base64.
pub(crate) fn accept_key(key: &str) -> Option<String> {
    let length = BASE64.decode(key.as_bytes()).ok()?.len();
    let mut hash = sha1_smol::Sha1::new();
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    (length == 16).then(|| BASE64.encode(&hash.digest().bytes()))
}

/// Runs a WebSocket until it ends. `read_ahead` is what came behind the HTTP request.
pub(crate) async fn run(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    read_ahead: Bytes,
    hub: &Hub,
    address: AddressGroup,
    ice_servers: Vec<IceServer>,
    mapping_check: String,
) {
    let (id, commands) = hub.connect(address, ice_servers, mapping_check);
    let guard = Disconnect { hub, id };
    let longest = hub.longest_message(id);
    let stream =
        Reading::new(Meter { read_ahead: Prefix(read_ahead), allowance: allowance(longest) }, stream);
    let web_socket = ServerBuilder::new()
        .limits(Limits::default().max_payload_len(Some(longest)))
        // Batches are ours: the sink must always take what it is given.
        .config(Config::default().flush_threshold(usize::MAX))
        .serve(stream);
    let mut socket = Socket { id, hub, web_socket, commands, queue: VecDeque::new(), writing: None, longest };
    let ending = socket.carry().await;
    drop(guard);
    // Whether this succeeds or not, the connection is over.
    let _late = tokio::time::timeout(CLOSE_DEADLINE, socket.finish(ending)).await;
}

/// Tells the hub, even if the task is dropped.
struct Disconnect<'a> {
    hub: &'a Hub,
    id: SocketId,
}

impl Drop for Disconnect<'_> {
    fn drop(&mut self) {
        self.hub.disconnect(self.id);
    }
}

struct Socket<'a, S> {
    id: SocketId,
    hub: &'a Hub,
    web_socket: WebSocketStream<Metered<S>>,
    commands: UnboundedReceiver<Command>,
    queue: VecDeque<Bytes>,
    /// Bytes of the batch that the network is taking.
    writing: Option<usize>,
    longest: usize,
}

/// How a connection ends.
enum Ending {
    /// We close it.
    Close(CloseCode),
    /// The other end has closed it, or has broken the rules of WebSockets: the library has its answer ready.
    Answered,
    /// The network has closed it.
    Broken,
}

enum Event {
    Command(Option<Command>),
    Written(Result<(), Error>),
    Incoming(Option<Result<Message, Error>>),
    /// A message goes on and on.
    Endless,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<'_, S> {
    async fn carry(&mut self) -> Ending {
        loop {
            let ending = match poll_fn(|context| self.poll_event(context)).await {
                Event::Command(Some(command)) => self.obey(command),
                // The hub has dropped the socket, which it does only with a close before.
                Event::Command(None) => Some(Ending::Close(CloseCode::GoingAway)),
                Event::Written(Ok(())) => {
                    let bytes = self.writing.take().unwrap_or_default();
                    self.hub.handle(Input::Written { socket: self.id, bytes });
                    None
                }
                Event::Written(Err(_)) => Some(Ending::Broken),
                Event::Incoming(message) => self.take(message),
                Event::Endless => {
                    self.hub.handle(Input::TooBig { socket: self.id });
                    // The close that follows stops the reading; until then there is nothing to read.
                    self.web_socket.get_mut().reader.allowance = usize::MAX;
                    None
                }
            };
            if let Some(ending) = ending {
                return ending;
            }
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        if let Poll::Ready(command) = self.commands.poll_recv(context) {
            return Poll::Ready(Event::Command(command));
        }
        if self.writing.is_none() && !self.queue.is_empty() {
            self.writing = Some(self.start_batch());
        }
        if self.writing.is_some()
            && let Poll::Ready(result) = Pin::new(&mut self.web_socket).poll_flush(context)
        {
            return Poll::Ready(Event::Written(result));
        }
        match Pin::new(&mut self.web_socket).poll_next(context) {
            Poll::Pending if self.web_socket.get_ref().reader.allowance == 0 => Poll::Ready(Event::Endless),
            message => message.map(Event::Incoming),
        }
    }

    /// Moves messages to the library until a batch is full; returns their bytes.
    fn start_batch(&mut self) -> usize {
        let mut bytes = 0;
        while bytes < BATCH_BYTES
            && let Some(message) = self.queue.pop_front()
        {
            bytes += message.len();
            // Fails only on a connection that is closing, where it does not matter any more.
            let _closing = Pin::new(&mut self.web_socket).start_send(Message::binary(message));
        }
        bytes
    }

    fn obey(&mut self, command: Command) -> Option<Ending> {
        match command {
            Command::Send(bytes) => self.queue.push_back(bytes),
            Command::Ping => {
                let _closing = Pin::new(&mut self.web_socket).start_send(Message::ping(Bytes::new()));
                self.writing = self.writing.or(Some(0));
            }
            Command::Close(code) => return Some(Ending::Close(code)),
        }
        None
    }

    fn take(&mut self, message: Option<Result<Message, Error>>) -> Option<Ending> {
        let socket = self.id;
        match message {
            None | Some(Err(Error::Io(_))) => return Some(Ending::Broken),
            Some(Err(Error::PayloadTooLong { .. })) => self.hub.handle(Input::TooBig { socket }),
            Some(Err(_)) => return Some(Ending::Answered),
            Some(Ok(message)) if message.is_close() => {
                let gone = tokio_websockets::CloseCode::GOING_AWAY;
                if message.as_close().is_some_and(|(code, _)| code == gone) {
                    self.hub.handle(Input::PageClosed { socket });
                }
                return Some(Ending::Answered);
            }
            Some(Ok(message)) if message.is_binary() => {
                let longest = self.hub.message(socket, BytesMut::from(message.into_payload()));
                if longest != self.longest {
                    self.longest = longest;
                    self.web_socket.limits_mut().set_max_payload_len(Some(longest));
                }
                self.web_socket.get_mut().reader.allowance = allowance(longest);
            }
            Some(Ok(message)) if message.is_text() => self.hub.handle(Input::Text { socket }),
            Some(Ok(ping_or_pong)) => {
                // The library has queued the answer to a ping, as long as the ping.
                let answer_bytes = if ping_or_pong.is_ping() { ping_or_pong.as_payload().len() } else { 0 };
                if ping_or_pong.is_ping() {
                    self.writing = Some(self.writing.unwrap_or_default() + answer_bytes);
                }
                self.hub.handle(Input::Control { socket, answer_bytes });
                let meter = &mut self.web_socket.get_mut().reader;
                meter.allowance =
                    meter.allowance.saturating_add(CONTROL_FRAME_BYTES).min(allowance(self.longest));
            }
        }
        None
    }

    /// Sends what is left and the close frame, then waits for the other end's: closing TCP at once would reset the
    /// connection and lose the close code.
    async fn finish(&mut self, ending: Ending) {
        let code = match ending {
            Ending::Close(code) => Some(code),
            Ending::Answered => None,
            Ending::Broken => return,
        };
        self.web_socket.get_mut().reader.allowance = usize::MAX;
        if let Some(code) = code {
            // Who reads too slowly will not read the rest either.
            if code == CloseCode::TooSlow {
                self.queue.clear();
            }
            self.drain_commands();
            for message in self.queue.drain(..) {
                let _closing = Pin::new(&mut self.web_socket).start_send(Message::binary(message));
            }
            if let Ok(code) = tokio_websockets::CloseCode::try_from(code as u16) {
                let _closing = Pin::new(&mut self.web_socket).start_send(Message::close(Some(code), ""));
            }
        }
        // Flushes first, then reads and drops until the other end's close frame or the end of the connection.
        let _broken = poll_fn(|context| Pin::new(&mut self.web_socket).poll_flush(context)).await;
        while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut self.web_socket).poll_next(context)).await {}
        // An end with unread bytes would reset the connection too.
        let stream = self.web_socket.get_mut();
        let _broken = stream.shutdown().await;
        let mut dropped = [0; 1024];
        while let Ok(1..) = stream.read(&mut dropped).await {}
    }

    /// Nothing comes after a close, but the order of the commands does not have to be relied on.
    fn drain_commands(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Send(bytes) = command {
                self.queue.push_back(bytes);
            }
        }
    }
}

/// A stream that brings only so many bytes until it is allowed more, so that a message that never ends is noticed.
type Metered<S> = Reading<Meter, S>;

struct Meter {
    read_ahead: Prefix,
    /// At zero nothing is read, and nobody is woken: who polls looks at it.
    allowance: usize,
}

fn allowance(longest_message: usize) -> usize {
    longest_message.saturating_mul(2).saturating_add(READ_AHEAD_BYTES)
}

impl Reader for Meter {
    fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.allowance == 0 {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(self.read_ahead.poll_read(stream, context, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        self.allowance = self.allowance.saturating_sub(read);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_key_is_that_of_rfc_6455() {
        let accept = accept_key("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept.as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        for key in
            ["", "dGhlIHNhbXBsZSBub25jZQ", "c2hvcnQ=", "not base64!!!!!!!!!!!!!!", "dGhlIHNhbXBsZSBub25jZTE="]
        {
            assert_eq!(accept_key(key), None, "{key:?}");
        }
    }
}
