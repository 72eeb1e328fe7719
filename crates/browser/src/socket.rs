//! The WebSocket to the server (RFC 6455).

use crate::js;
use eyeline_call::Input;
use eyeline_protocol::outer::SUBPROTOCOL;
use js_sys::{ArrayBuffer, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// Where the server takes signaling.
const PATH: &str = "/signal";

/// One WebSocket. Dropped, it closes and says nothing more.
pub(crate) struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Begins to open one to the server that this page came from.
    pub(crate) fn open(input: Rc<dyn Fn(Input)>) -> Result<Self, JsValue> {
        let location = js::window()?.location();
        let scheme = if location.protocol()? == "https:" { "wss" } else { "ws" };
        let url = [scheme, "://", &location.host()?, PATH].concat();
        let socket = WebSocket::new_with_str(&url, SUBPROTOCOL)?;
        socket.set_binary_type(BinaryType::Arraybuffer);

        let opened = {
            let input = Rc::clone(&input);
            Closure::<dyn FnMut()>::new(move || input(Input::SocketOpened))
        };
        let message = {
            let input = Rc::clone(&input);
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                // The protocol knows no text messages.
                if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
                    input(Input::SocketMessage(Uint8Array::new(&buffer).to_vec()));
                }
            })
        };
        let closed = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            input(Input::SocketClosed(event.code()));
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self { socket, _opened: opened, _message: message, _closed: closed })
    }

    /// Sends one binary message. While the socket closes, the browser drops it; the engine hears of the closing.
    pub(crate) fn send(&self, message: &[u8]) {
        let _ = self.socket.send_with_u8_array(message);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
