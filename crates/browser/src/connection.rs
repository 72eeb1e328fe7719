//! One peer connection and its queue of commands.

use crate::capture::{Capture, SHARP_PICTURES};
use crate::certificate;
use crate::devices::Share;
use crate::js;
use crate::level;
use crate::path;
use crate::statistics::{self, Reading};
use crate::traffic;
use crate::webrtc_ext::{ModernPeerConnection, ModernSender};
use eyeline_call::effect::Command;
use eyeline_call::input::{ConnectionEvent, ConnectionState, Path};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::Generation;
use eyeline_protocol::inner::{Candidate, Slot, Slots};
use eyeline_protocol::outer::IceServer;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{
    MediaStream, MessageEvent, RtcCertificate, RtcConfiguration, RtcDataChannel, RtcDataChannelInit,
    RtcDataChannelState, RtcDataChannelType, RtcIceConnectionState, RtcIceServer, RtcPeerConnection,
    RtcPeerConnectionIceEvent, RtcPeerConnectionState, RtcRtpSender, RtcRtpTransceiver,
    RtcRtpTransceiverDirection, RtcRtpTransceiverInit, RtcSdpType, RtcSessionDescriptionInit,
};

/// Long enough for a message and its acknowledgement on a slow line.
const FAREWELL_MILLISECONDS: i32 = 500;

/// Opus is transparent for music at about this rate (RFC 7587, 3.1.1: 64 to 128 kbit/s for full-band stereo music).
const MUSIC_BITS: u32 = 128_000;

/// A full-HD page of text that scrolls. By themselves browsers stop at about half of it.
const SHARE_BITS: u32 = 5_000_000;

/// It has tools for screens: at 1 Mbit/s a page of text comes to 0.998 (SSIM) within 3 s, with VP8 to 0.949, and to 0.969 in 6 s;
/// of a film come 27 pictures a second of 960×540, with VP8 19 of 480×270, for as much work at the same size. A screen that
/// stands still costs nothing.
const SCREEN_CODEC: &str = "video/AV1";

/// `RTCIceTransport`'s event handler.
const PAIR_CHANGED: &str = "onselectedcandidatepairchange";

/// Silence is sent as a packet every 400 ms (Opus, DTX).
const VOICE_LINGERS: Milliseconds = Milliseconds(500);

/// Takes what happens to this connection.
pub(crate) type Report = Rc<dyn Fn(ConnectionEvent)>;

/// What the browser calls; it lives as long as the connection.
type Handler = Closure<dyn FnMut(JsValue)>;

/// One peer connection. Dropped, it closes and says nothing more.
pub(crate) struct Connection {
    pub(crate) generation: Generation,
    connection: RtcPeerConnection,
    channel: RtcDataChannel,
    /// One for each slot, in order; empty on the answering end until the offer has come.
    transceivers: RefCell<Vec<RtcRtpTransceiver>>,
    /// What the other end shall play in step: voice with face, screen with its sound.
    groups: [MediaStream; 2],
    capture: Rc<Capture>,
    shown: Cell<bool>,
    closed: Cell<bool>,
    path: Cell<Option<Path>>,
    /// Counts the readings of the path: only the newest one's answer counts.
    readings: Cell<u32>,
    /// All candidates of the other end are known.
    remote_complete: Cell<bool>,
    /// The same as long as the connection lives; a new configuration must repeat it.
    certificate: Option<RtcCertificate>,
    commands: RefCell<VecDeque<Command>>,
    at_work: Cell<bool>,
    report: Report,
    handlers: RefCell<Vec<Handler>>,
    /// When the other's voice was heard last, by its clock and by ours.
    voice: Cell<(f64, Milliseconds)>,
    /// How the screen's encoder was told to do its work; `None` if it did not take it.
    tuned: Cell<Option<Share>>,
    /// The ICE transport and what it calls when it has selected another pair.
    pairs: RefCell<Option<(JsValue, Handler)>>,
}

impl Connection {
    /// `Command::Create`. Without a certificate, the browser draws one.
    pub(crate) fn create(
        generation: Generation,
        ice_servers: &[IceServer],
        relay_only: bool,
        offers: bool,
        certificate: Option<&RtcCertificate>,
        capture: Rc<Capture>,
        report: Report,
    ) -> Result<Rc<Self>, JsValue> {
        let configuration = configuration(ice_servers, relay_only, certificate);
        let connection = RtcPeerConnection::new_with_configuration(&configuration)?;
        let groups = [MediaStream::new()?, MediaStream::new()?];
        let mut transceivers = Vec::new();
        if offers {
            for slot in Slot::ALL {
                let init = RtcRtpTransceiverInit::new();
                init.set_direction(RtcRtpTransceiverDirection::Sendrecv);
                init.set_streams(&Array::of1(group(&groups, slot)));
                transceivers.push(connection.add_transceiver_with_str_and_init(media_kind(slot), &init));
            }
        }
        // After the transceivers: Firefox orders the m-lines as they were made.
        let init = RtcDataChannelInit::new();
        init.set_negotiated(true);
        init.set_id(0);
        let channel = connection.create_data_channel_with_data_channel_dict("eyeline", &init);
        channel.set_binary_type(RtcDataChannelType::Arraybuffer);

        let this = Rc::new(Self {
            generation,
            connection,
            channel,
            transceivers: RefCell::new(transceivers),
            groups,
            capture,
            shown: Cell::new(false),
            closed: Cell::new(false),
            path: Cell::new(None),
            readings: Cell::new(0),
            remote_complete: Cell::new(false),
            certificate: certificate.cloned(),
            commands: RefCell::default(),
            tuned: Cell::new(Some(Share::default())),
            at_work: Cell::new(false),
            report,
            handlers: RefCell::default(),
            voice: Cell::default(),
            pairs: RefCell::default(),
        });
        this.listen();
        Ok(this)
    }

    /// Takes a command; carries it out when those before it are done.
    pub(crate) fn command(self: &Rc<Self>, command: Command) {
        if let Command::Show(shown) = command {
            // No operation of the browser, so nothing to wait for; and the view that goes with it is drawn at once.
            self.shown.set(shown);
            return;
        }
        if command == Command::ReadTraffic {
            // Waits for nothing: an operation that hangs is a reason to look.
            wasm_bindgen_futures::spawn_local(Rc::clone(self).read_traffic());
            return;
        }
        self.commands.borrow_mut().push_back(command);
        if self.at_work.get() {
            return;
        }
        // What needs no waiting is done at once: a page that is being closed gets no second chance.
        self.work_at_once();
        if !self.commands.borrow().is_empty() {
            self.at_work.set(true);
            wasm_bindgen_futures::spawn_local(Rc::clone(self).work());
        }
    }

    /// The remote track of a slot in a stream of its own, if it may be shown.
    pub(crate) fn remote_stream(&self, slot: Slot) -> Option<MediaStream> {
        if !self.shown.get() {
            return None;
        }
        let track = self.transceivers.borrow().get(slot as usize)?.receiver().track();
        let stream = MediaStream::new().ok()?;
        stream.add_track(&track);
        Some(stream)
    }

    /// How loud the other's voice is at this moment, from 0 (silence) to 1 (loud). Reads what the receiver has at hand
    /// (W3C WebRTC 5.3, `getSynchronizationSources`): no statistics are gathered.
    pub(crate) fn level(&self) -> f32 {
        let receiver = self.transceivers.borrow().first().map(RtcRtpTransceiver::receiver);
        let Some(receiver) = receiver.filter(|_| self.shown.get()) else { return 0.0 };
        let Ok(read) = js::get(&receiver, "getSynchronizationSources").dyn_into::<js_sys::Function>() else {
            return 0.0;
        };
        let sources = read.call0(&receiver).map(|sources| Array::from(&sources)).unwrap_or_default();
        let source = sources.get(0);
        let (Some(level), Some(at)) =
            (js::get(&source, "audioLevel").as_f64(), js::get(&source, "timestamp").as_f64())
        else {
            return 0.0;
        };
        // A source is listed for ten seconds after its last packet.
        let (heard, since) = self.voice.get();
        if heard != at {
            self.voice.set((at, js::now()));
        } else if js::now().since(since) > VOICE_LINGERS {
            return 0.0;
        }
        level::loudness((level * level) as f32)
    }

    /// Finds out how media travels, and reports it when it has changed.
    pub(crate) async fn read_path(self: Rc<Self>) {
        let reading = self.readings.get().wrapping_add(1);
        self.readings.set(reading);
        let found = path::selected(&self.connection, self.remote_complete.get()).await;
        if let Some(found) = found
            && self.readings.get() == reading
            && !self.closed.get()
            && self.path.replace(Some(found)) != Some(found)
        {
            (self.report)(ConnectionEvent::Path(found));
        }
    }

    async fn read_traffic(self: Rc<Self>) {
        let transceivers = self.transceivers.borrow().clone();
        if let Some(traffic) = traffic::read(&self.connection, transceivers).await
            && !self.closed.get()
        {
            (self.report)(ConnectionEvent::Traffic(traffic));
        }
        // After it: whether anything arrives must not wait for an encoder.
        self.capture.look_at_screen();
        if self.tuned.get() != Some(self.capture.style()) && !self.closed.get() {
            self.tune(Slot::Screen).await;
        }
    }

    /// What it carries, in figures.
    pub(crate) async fn read_statistics(self: Rc<Self>) -> Option<Reading> {
        let transceivers = self.transceivers.borrow().clone();
        statistics::read(&self.connection, transceivers, self.generation).await
    }

    /// The browser's own object.
    pub(crate) fn native(&self) -> &RtcPeerConnection {
        &self.connection
    }

    fn work_at_once(&self) {
        loop {
            let command = {
                let mut commands = self.commands.borrow_mut();
                match commands.front() {
                    Some(Command::SendChannel(_) | Command::Close) => commands.pop_front(),
                    _ => None,
                }
            };
            match command {
                Some(Command::SendChannel(message)) => self.send(&message),
                Some(Command::Close) => self.close(),
                _ => return,
            }
        }
    }

    async fn work(self: Rc<Self>) {
        loop {
            self.work_at_once();
            let Some(command) = self.commands.borrow_mut().pop_front() else { break };
            if let Err(error) = self.carry_out(command).await {
                web_sys::console::warn_2(&"An operation of a connection failed:".into(), &error);
                (self.report)(ConnectionEvent::Failed);
            }
        }
        self.at_work.set(false);
    }

    async fn carry_out(&self, command: Command) -> Result<(), JsValue> {
        let modern: &ModernPeerConnection = self.connection.unchecked_ref();
        match command {
            Command::SetLocalOffer { ice_restart } => {
                if ice_restart {
                    modern.restart_ice();
                }
                self.set_local_description().await?;
                js::mark("offer");
            }
            Command::SetLocalAnswer => {
                self.adopt_transceivers()?;
                self.set_local_description().await?;
            }
            Command::SetRemoteOffer(sdp) => self.set_remote_description(RtcSdpType::Offer, &sdp).await?,
            Command::SetRemoteAnswer(sdp) => self.set_remote_description(RtcSdpType::Answer, &sdp).await?,
            Command::AddIceCandidate(candidate) => {
                // One bad candidate does not end a connection.
                let _ = js::settled(modern.add_candidate(&candidate_init(&candidate))).await;
            }
            Command::SetConfiguration { ice_servers, relay_only } => {
                let configuration = configuration(&ice_servers, relay_only, self.certificate.as_ref());
                // Where a browser cannot, the servers it has must do.
                if let Err(error) = self.connection.set_configuration_with_configuration(&configuration) {
                    web_sys::console::warn_2(&"Newer ICE servers were not taken:".into(), &error);
                }
            }
            Command::AddEndOfCandidates => {
                self.remote_complete.set(true);
                let end = js::object([("candidate", "".into()), ("sdpMLineIndex", 0.into())]);
                let _ = js::settled(modern.add_candidate(&end)).await;
            }
            Command::ReadRemoteCertificate => {
                let receiver = self.transceivers.borrow().first().map(RtcRtpTransceiver::receiver);
                let hash = certificate::remote(&self.connection, receiver).await?;
                (self.report)(ConnectionEvent::RemoteCertificate(hash));
            }
            Command::Send(slots) => self.replace_tracks(slots).await?,
            Command::Refresh(slots) => self.refresh(slots).await?,
            // Made by `create`; the others are done at once.
            Command::Create { .. }
            | Command::Show(_)
            | Command::SendChannel(_)
            | Command::ReadTraffic
            | Command::Close => {}
        }
        Ok(())
    }

    async fn set_local_description(&self) -> Result<(), JsValue> {
        let modern: &ModernPeerConnection = self.connection.unchecked_ref();
        js::settled(modern.set_local_description_due()).await?;
        let description = self.connection.local_description().ok_or(JsValue::NULL)?;
        (self.report)(ConnectionEvent::LocalDescription(description.sdp()));
        Ok(())
    }

    async fn set_remote_description(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        self.remote_complete.set(false);
        // Whatever is selected from now on is news.
        self.path.set(None);
        self.readings.set(self.readings.get().wrapping_add(1));
        let description = RtcSessionDescriptionInit::new(kind);
        description.set_sdp(sdp);
        js::settled(self.connection.set_remote_description(&description).unchecked_into()).await?;
        (self.report)(ConnectionEvent::RemoteDescriptionSet);
        Ok(())
    }

    /// On the answering end, the offer has made the transceivers: they become two-way, each with its stream. (Ones of
    /// our own would be further m-lines.)
    fn adopt_transceivers(&self) -> Result<(), JsValue> {
        let offered: Vec<RtcRtpTransceiver> =
            self.connection.get_transceivers().iter().map(JsCast::unchecked_into).collect();
        if offered.len() < Slot::ALL.len() {
            return Err(JsValue::from_str("the offer has fewer m-lines than slots"));
        }
        for (slot, transceiver) in Slot::ALL.into_iter().zip(&offered) {
            transceiver.set_direction(RtcRtpTransceiverDirection::Sendrecv);
            transceiver.sender().unchecked_ref::<ModernSender>().set_streams(group(&self.groups, slot))?;
        }
        *self.transceivers.borrow_mut() = offered;
        Ok(())
    }

    async fn replace_tracks(&self, slots: Slots) -> Result<(), JsValue> {
        for slot in Slot::ALL {
            let sender = self.transceivers.borrow().get(slot as usize).map(RtcRtpTransceiver::sender);
            let Some(sender) = sender else { continue };
            let track = if slots.has(slot) { self.capture.track(slot) } else { None };
            if sender.track() != track {
                js::settled(sender.replace_track(track.as_ref()).unchecked_into()).await?;
                if track.is_some() {
                    self.tune(slot).await;
                }
            }
        }
        Ok(())
    }

    /// Tells the slot's encoder what matters (W3C WebRTC 5.2, `setParameters`). What a browser does not know of it, or
    /// refuses, it does in its own way.
    pub(crate) async fn tune(&self, slot: Slot) {
        let sender = self.transceivers.borrow().get(slot as usize).map(RtcRtpTransceiver::sender);
        let Some(sender) = sender else { return };
        let music = self.capture.sound().music;
        let style = self.capture.style();
        let smooth = style == Share::SmoothMotion;
        // Bits a second, pictures a second, and what to give up last.
        let (bits, pictures, keep) = match slot {
            Slot::Microphone if music => (MUSIC_BITS, None, None),
            Slot::ScreenSound => (MUSIC_BITS, None, None),
            Slot::Screen if smooth => (SHARE_BITS, None, Some("maintain-framerate")),
            Slot::Screen => (SHARE_BITS, Some(SHARP_PICTURES), Some("maintain-resolution")),
            Slot::Microphone | Slot::Camera => (0, None, None),
        };
        let parameters = sender.get_parameters();
        let encoding = Array::from(&js::get(&parameters, "encodings")).get(0);
        if !encoding.is_object() {
            return;
        }
        let limit = |value: Option<u32>| value.map_or(JsValue::UNDEFINED, JsValue::from);
        js::set(&encoding, "maxBitrate", limit((bits > 0).then_some(bits)));
        js::set(&encoding, "maxFramerate", limit(pictures));
        if matches!(slot, Slot::Microphone | Slot::ScreenSound) {
            // Before pictures, where something between here and there looks at it (RFC 8837).
            js::set(&encoding, "priority", "high");
            js::set(&encoding, "networkPriority", "high");
        }
        if slot == Slot::Screen {
            self.tuned.set(Some(style));
            js::set(&encoding, "codec", negotiated(&parameters, SCREEN_CODEC));
        }
        if let Some(keep) = keep {
            js::set(&parameters, "degradationPreference", keep);
        }
        let set = js::settled(sender.set_parameters_with_parameters(&parameters).unchecked_into()).await;
        if slot == Slot::Screen && set.is_err() {
            // Other parameters were set meanwhile, say: once more with the next reading.
            self.tuned.set(None);
        }
    }

    /// An encoding that is switched off and on again begins with a key frame in Chromium 156, where a track that is taken
    /// away and given back does not; in Firefox that does.
    async fn refresh(&self, slots: Slots) -> Result<(), JsValue> {
        for slot in Slot::ALL.into_iter().filter(|slot| slots.has(*slot)) {
            let sender = self.transceivers.borrow().get(slot as usize).map(RtcRtpTransceiver::sender);
            if let Some((sender, track)) =
                sender.and_then(|sender| sender.track().map(|track| (sender, track)))
            {
                activate(&sender, false).await;
                js::settled(sender.replace_track(None).unchecked_into()).await?;
                js::settled(sender.replace_track(Some(&track)).unchecked_into()).await?;
                activate(&sender, true).await;
            }
        }
        Ok(())
    }

    fn send(&self, message: &[u8]) {
        // Fails while the channel closes; what was not acknowledged is sent again on another path.
        let _ = self.channel.send_with_u8_array(message);
    }

    fn listen(self: &Rc<Self>) {
        let on = |handle: fn(&Rc<Self>, JsValue)| {
            let this = Rc::downgrade(self);
            let closure = Handler::new(move |event| {
                if let Some(this) = this.upgrade() {
                    handle(&this, event);
                }
            });
            let function = closure.as_ref().unchecked_ref::<js_sys::Function>().clone();
            self.handlers.borrow_mut().push(closure);
            function
        };
        self.connection.set_onicecandidate(Some(&on(Self::candidate_found)));
        self.connection.set_onconnectionstatechange(Some(&on(Self::state_changed)));
        self.connection.set_oniceconnectionstatechange(Some(&on(|this, _| {
            let state = this.connection.ice_connection_state();
            let connected =
                matches!(state, RtcIceConnectionState::Connected | RtcIceConnectionState::Completed);
            (this.report)(ConnectionEvent::IceConnected(connected));
            wasm_bindgen_futures::spawn_local(Rc::clone(this).read_path());
        })));
        self.channel.set_onopen(Some(&on(|this, _| (this.report)(ConnectionEvent::ChannelOpened))));
        self.channel.set_onclose(Some(&on(|this, _| (this.report)(ConnectionEvent::ChannelClosed))));
        self.channel.set_onmessage(Some(&on(|this, event| {
            if let Ok(buffer) = event.unchecked_into::<MessageEvent>().data().dyn_into::<ArrayBuffer>() {
                (this.report)(ConnectionEvent::ChannelMessage(Uint8Array::new(&buffer).to_vec()));
            }
        })));
    }

    fn candidate_found(self: &Rc<Self>, event: JsValue) {
        let Some(found) = event.unchecked_into::<RtcPeerConnectionIceEvent>().candidate() else {
            (self.report)(ConnectionEvent::CandidatesComplete);
            return;
        };
        // The empty candidate marks the end of one m-line's; the null above says it for all.
        let text = found.candidate();
        if !text.is_empty() {
            (self.report)(ConnectionEvent::Candidate(Candidate {
                candidate: text,
                line_index: found.sdp_m_line_index().unwrap_or(0),
                username_fragment: js::get(&found, "usernameFragment").as_string(),
            }));
        }
    }

    fn state_changed(self: &Rc<Self>, _: JsValue) {
        let state = match self.connection.connection_state() {
            RtcPeerConnectionState::New => ConnectionState::New,
            RtcPeerConnectionState::Connecting => ConnectionState::Connecting,
            RtcPeerConnectionState::Connected => ConnectionState::Connected,
            RtcPeerConnectionState::Disconnected => ConnectionState::Disconnected,
            RtcPeerConnectionState::Failed => ConnectionState::Failed,
            RtcPeerConnectionState::Closed => ConnectionState::Closed,
            // A state of some later standard tells this program nothing.
            _ => return,
        };
        if state == ConnectionState::Connected {
            js::mark("connected");
            self.hear_of_other_pairs();
            wasm_bindgen_futures::spawn_local(Rc::clone(self).read_path());
        }
        (self.report)(ConnectionEvent::State(state));
    }

    /// Where the browser has `RTCIceTransport`, it says when it has selected another pair; elsewhere the path is read
    /// again from time to time.
    fn hear_of_other_pairs(self: &Rc<Self>) {
        if self.pairs.borrow().is_some() {
            return;
        }
        let sender = self.transceivers.borrow().first().map(RtcRtpTransceiver::sender);
        let ice = sender.map(|sender| js::get(&js::get(&sender, "transport"), "iceTransport"));
        let Some(ice) = ice.filter(|ice| ice.is_object()) else { return };
        let this = Rc::downgrade(self);
        let handler = Handler::new(move |_| {
            if let Some(this) = this.upgrade() {
                wasm_bindgen_futures::spawn_local(this.read_path());
            }
        });
        js::set(&ice, PAIR_CHANGED, handler.as_ref());
        *self.pairs.borrow_mut() = Some((ice, handler));
    }

    /// Says nothing more from here on, sends no media, and closes: at once, unless a message may still be on its way
    /// (a goodbye, mostly). `RTCPeerConnection.close` would throw it away, and the other end would wait for a minute.
    fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        self.shown.set(false);
        self.commands.borrow_mut().clear();
        if let Some((ice, _)) = &*self.pairs.borrow() {
            js::set(ice, PAIR_CHANGED, JsValue::NULL);
        }
        self.connection.set_onicecandidate(None);
        self.connection.set_onconnectionstatechange(None);
        self.connection.set_oniceconnectionstatechange(None);
        self.channel.set_onopen(None);
        self.channel.set_onclose(None);
        self.channel.set_onmessage(None);
        if self.connection.connection_state() == RtcPeerConnectionState::Connected
            && self.channel.ready_state() == RtcDataChannelState::Open
        {
            for transceiver in self.transceivers.borrow().iter() {
                let _ = transceiver.sender().replace_track(None);
            }
            self.channel.close();
            let connection = self.connection.clone();
            js::after(FAREWELL_MILLISECONDS, move || connection.close());
        } else {
            self.connection.close();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

fn configuration(
    ice_servers: &[IceServer],
    relay_only: bool,
    certificate: Option<&RtcCertificate>,
) -> RtcConfiguration {
    let configuration = RtcConfiguration::new();
    let servers: Array = ice_servers
        .iter()
        .map(|server| {
            let entry = RtcIceServer::new();
            entry.set_urls_str(&server.url);
            if !server.username.is_empty() {
                entry.set_username(&server.username);
                entry.set_credential(&server.credential);
            }
            entry
        })
        .collect();
    configuration.set_ice_servers(&servers);
    js::set(&configuration, "iceTransportPolicy", if relay_only { "relay" } else { "all" });
    if let Some(certificate) = certificate {
        configuration.set_certificates(&Array::of1(certificate));
    }
    // Everything goes through one transport, so there is one to check and one to repair (RFC 9143).
    js::set(&configuration, "bundlePolicy", "max-bundle");
    configuration
}

/// Lets a sender send or not (W3C WebRTC 5.2.1, `active`); a browser that refuses goes on as before.
async fn activate(sender: &RtcRtpSender, active: bool) {
    let parameters = sender.get_parameters();
    let encoding = Array::from(&js::get(&parameters, "encodings")).get(0);
    if encoding.is_object() {
        js::set(&encoding, "active", active);
        let _ = js::settled(sender.set_parameters_with_parameters(&parameters).unchecked_into()).await;
    }
}

/// The codec of this name that both ends have; else none, which means the first that they have in common. Browsers that cannot
/// choose one for each encoding (W3C WebRTC, `RTCRtpEncodingParameters.codec`) take no notice.
fn negotiated(parameters: &JsValue, name: &str) -> JsValue {
    let codecs = Array::from(&js::get(parameters, "codecs"));
    let is_it = |codec: &JsValue| js::get(codec, "mimeType").as_string().as_deref() == Some(name);
    codecs.iter().find(is_it).unwrap_or_default()
}

fn candidate_init(candidate: &Candidate) -> JsValue {
    js::object([
        ("candidate", candidate.candidate.as_str().into()),
        ("sdpMLineIndex", candidate.line_index.into()),
        (
            "usernameFragment",
            candidate.username_fragment.as_deref().map_or(JsValue::UNDEFINED, JsValue::from),
        ),
    ])
}

fn media_kind(slot: Slot) -> &'static str {
    match slot {
        Slot::Microphone | Slot::ScreenSound => "audio",
        Slot::Camera | Slot::Screen => "video",
    }
}

fn group(groups: &[MediaStream; 2], slot: Slot) -> &MediaStream {
    let [person, screen] = groups;
    match slot {
        Slot::Microphone | Slot::Camera => person,
        Slot::Screen | Slot::ScreenSound => screen,
    }
}
