### Every word a person reads. English; other languages will stand beside it, one file each.
### Short, concrete, from the person's own view. Never: error codes, names of protocols, "something went wrong".

## Everywhere
app-name = Eyeline
toast-copied = Link copied
toast-copied-start = Your link is copied: send it to whoever should join
toast-copy-by-hand = Your browser does not let this page copy: copy the address from the address bar
someone = Someone
list-two = { $first } and { $second }
list-more = { $first }, { $rest }
crashed = Eyeline has stopped because of a mistake in it. Reload the page to go on.
no-calls = This browser cannot make video calls, or it has been told not to. Please try another one.
no-randomness = This browser gives no safe random numbers, so no call can be kept private here.

## Start
start-title = Talk face to face.
start-subtitle = Straight from your browser to theirs.
start-call = Start a call
start-or-paste = or paste a link
start-paste-label = Link to a call
start-go = Go to this call
start-try = Try it with yourself
start-try-hint = opens the call in a second tab
start-privacy = No account. Nothing is recorded. Pictures and voices go straight to the others; where a network does not allow that, sealed through a relay.
link-missing = This address has no call in it: the part after the # is missing. Ask for the whole link.
link-incomplete = This link is incomplete or mistyped. Copy it whole, or ask for it again.
link-unknown-version = This link was made by a newer Eyeline. Reload the page; if that does not help, this server is older.

## Lobby
lobby-title = Ready to join?
lobby-name = Your name
lobby-name-hint = What the others will see
lobby-camera = Camera
lobby-microphone = Microphone
lobby-level = Loudness of your microphone
lobby-join = Join
lobby-nobody = Nobody is in the call yet
lobby-one-inside = { $name } is in the call
lobby-more-inside = { $names } are in the call
always-relay = Always relay (hide my address)
always-relay-hint = The others will not see your network address. Everything takes a longer way.
always-relay-alone = This server has no relay: as long as this is on, you will reach nobody.
own-picture = Your own picture
camera-off = Your camera is off
camera-starting = Starting your camera. If your browser asks, please allow it.
camera-denied = Your camera is blocked. Click the camera or lock sign beside the address, allow it, and switch it on again here. You can also join without it.
camera-missing = No camera was found. You can join without one.
camera-busy = Your camera does not answer: another program may be using it. You can join without it.
camera-unsupported = Browsers give no camera to a page opened this way: it needs https. You can join without it.
microphone-denied = Your microphone is blocked. Click the sign beside the address and allow it; without it you can listen.
microphone-missing = No microphone was found. You can still listen.
microphone-busy = Your microphone does not answer: another program may be using it.
microphone-unsupported = Browsers give no microphone to a page opened this way: it needs https.

## Devices: what happened to one
device-use = Use it
microphone-fell-back = Your microphone cannot be used now: { $device } takes over.
camera-fell-back = Your camera cannot be used now: { $device } takes over.
microphone-another = another one
microphone-lost = Your microphone is gone, and there is no other: nobody can hear you.
camera-lost = Your camera is gone, and there is no other: nobody can see you.
microphone-not-taken = That microphone cannot be used now: you stay with the one before.
camera-not-taken = That camera cannot be used now: you stay with the one before.
screen-not-taken = That cannot be shared now: what you shared before stays.
microphone-withdrawn = Your browser no longer allows the microphone: nobody can hear you. Click the sign beside the address to allow it again.
camera-withdrawn = Your browser no longer allows the camera: nobody can see you. Click the sign beside the address to allow it again.
microphone-interrupted = Your system has taken the microphone, perhaps for a phone call. It comes back by itself.
camera-interrupted = Your system has taken the camera. It comes back by itself.
microphone-back = Your microphone is back.
camera-back = Your camera is back.
device-appeared = { $device } is plugged in.
device-appeared-unnamed = A new device is plugged in.
speaker-lost = Your speaker is gone: sound comes from your system’s usual one.

muted-talking = You’re muted: nobody hears you.

## Sharing
share-ended = Your screen is no longer shared.
share-impossible = This device cannot share its screen. A computer can.
share-pause = Pause
share-resume = Go on
share-is-paused = Paused: the others see the last picture
share-sharp = Sharp text
share-smooth = Smooth motion
screen-paused = { $name } has paused the screen
microphone-rests = { $name } cannot be heard at the moment
camera-rests = The picture of { $name } rests at the moment

## Controls
mute = Mute your microphone
unmute = Switch on your microphone
camera-stop = Switch off your camera
camera-start = Switch on your camera
share-screen = Share your screen
share-stop = Stop sharing your screen
copy-link = Copy the link to this call
leave = Leave the call
controls = Call controls

## Call
people = People in this call
you = You
sharing-yourself = You are sharing your screen
screen-of = Screen of { $name }
picture-of = Picture of { $name }
is-muted = Muted
state-connecting = Connecting to { $name }…
state-reconnecting = Waiting for { $name } to come back…
state-gone = { $name } could not be reached
state-mismatch = Not connected: somebody may be listening in between. Do not use this link again.
path-relayed = Relayed
path-relayed-hint = The connection to { $name } goes through a relay; it stays encrypted
path-relayed-tcp-hint = The connection to { $name } goes through a relay by the slower way that strict networks leave open; it stays encrypted
path-relayed-tls-hint = The connection to { $name } goes through a relay by the slow way that looks like a web page; it stays encrypted
solo-title = Send this to whoever should join
solo-copy = Copy
solo-waiting = { $names } will be with you in a moment

## Check my connection
check-title = Check my connection
check-close = Close
check-again = Check again
check-copy = Copy report
check-copied = Report copied
check-try = Try camera and microphone
check-play = Play a sound
check-heard = I hear it
check-not-heard = I hear nothing
check-speaker = Speaker
check-server = Server
check-direct = Direct path
check-router = Your router
check-addresses = Your addresses
check-relay = Relay
check-relay-tcp = Relay for strict networks
check-relay-tls = Relay for web-only networks
summary-running = Looking at your connection…
summary-fine = Calls should work from here.
summary-fine-by-relay = Calls should work from here, through the relay.
summary-some-unreachable = Calls will work with some people, but not with everybody.
summary-nobody-reachable = Calls will not work from this network.
summary-no-server = No call can begin: the server cannot be reached as it should.
summary-no-web-rtc = This browser cannot make calls.
summary-devices = Your connection is fine. One of your devices needs a look.
camera-waiting = Not tried yet.
camera-fine = It works.
microphone-waiting = Not tried yet.
microphone-off = It is muted.
microphone-starting = Starting. If your browser asks, please allow it.
microphone-listening = Say something…
microphone-fine = It hears you.
microphone-silent = It is silent. Look for a switch on the headset, and for the right one in your system's sound settings.
not-secure = Browsers give no camera and no microphone to a page opened this way: its address must begin with https.
speaker-waiting = Not tried yet.
speaker-played = Did you hear two rising notes?
speaker-fine = You hear it.
speaker-not-heard = Turn up the volume, and look which speaker your system uses.
server-trying = Connecting…
server-fine = It answers.
server-no-web-socket = The page loads, but the lasting connection behind it is refused. A proxy or filter on the way must let WebSocket through.
server-busy = Too many people came from your network at once. Try again in a minute.
server-unreachable = It does not answer. Your network is down, or the server is.
direct-running = Trying…
direct-fine = Picture and sound can leave your network straight to the others.
direct-blocked = Nothing can leave your network straight to the others: a firewall holds it back (UDP).
direct-unknown = This server has no means to try it.
no-web-rtc = WebRTC is missing: switched off by a setting or an extension, or the browser is too old.
router-running = Looking…
router-none = There is none in the way.
router-easy = It lets the others find you.
router-hard = It makes you hard to find (symmetric NAT). With some people you will talk through the relay.
router-hard-no-relay = It makes you hard to find (symmetric NAT), and there is no relay that works: some people will not reach you.
router-unknown = It cannot be told: the server's second port does not answer.
addresses-hidden = Your browser names none: a VPN, an extension or a setting hides them. Nothing but a relay helps then.
addresses-several = You are on several networks at once, one of them perhaps a VPN. If a call stutters, try without it.
relay-none = This server has none. Who is behind a strict network cannot be reached.
relay-running = Trying…
relay-fine = It works.
relay-no-answer = It does not answer: a firewall, yours or the server's, closes this way.
relay-name-unknown = Its name was not found: the server names a wrong one, or your network cannot look it up.
relay-refused = It refuses your pass. The server's clock may be wrong, or its relay has another key.
relay-quota = It gives you no more room. Close other tabs with calls, or wait some minutes.
relay-try-later = It cannot at the moment. Try again in a minute.
relay-nothing-through = It answers, but nothing comes through: the server may name a wrong public address.

## The server
server-offline-call = New people can't join right now. Your call goes on.
server-offline-lobby = The server cannot be reached. Trying again…
server-full = This call is full. Try again when somebody has left.
server-lobby-full = Too many people are waiting for this call. Try again in a moment.
server-lobby-timeout = You have been waiting for long, so the line was closed.
server-too-many = Too many people came from your network at once. Trying again in a moment…
server-outdated = There is a newer Eyeline: reload the page.
server-replaced = This call goes on in another tab.
retry = Try again
reload = Reload

## Afterwards
left-title = You left the call
rejoin = Rejoin
new-call = Back to the start
