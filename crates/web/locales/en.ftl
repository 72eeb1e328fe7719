### Every word a person reads. English is the measure: the other languages stand beside it, one file each.
### A group whose headline ends with (late) is for what is loaded late: the page's first words do not hold it.
### Short, concrete, from the person's own view. Never: error codes, names of protocols, "something went wrong".

## This language
# What it calls itself.
language-name = English
# ltr: from left to right; rtl: from right to left.
boot-direction = ltr

## Before and around the program (read by boot.js and index.html: no < > & " or \ in them)
boot-description = Talk face to face. Straight from your browser to theirs.
boot-slow = This takes long. If it goes on, reload the page: a part of it may have been lost on the way.
boot-failed = Eyeline could not start here. Reload the page; if that does not help, your browser may be too old.
boot-no-script = Eyeline runs in your browser: please allow JavaScript for this page.

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

language = Language
language-failed = This language could not be loaded. Try again when your connection is better.

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
start-how = How is that?
start-how-paths = Browsers talk to each other straight, encrypted from end to end. A relay, where one is needed, carries what it cannot read.
start-how-secret = The secret of a call stands in its link behind the #. Browsers never send that part, so this server does not know it. Whoever has the link can join: send it only to whom you mean.
start-how-limit = What is not hidden from this server: your network address, and when calls happen. And this page comes from it: whoever runs it could send you another one. Use a server you trust.
link-missing = This address has no call in it: the part after the # is missing. Ask for the whole link.
link-incomplete = This link is incomplete or mistyped. Copy it whole, or ask for it again.
link-unknown-version = This link was made by a newer Eyeline. Reload the page; if that does not help, this server is older.

## Lobby
lobby-title = Ready to join?
lobby-name = Your name
lobby-name-hint = What the others will see
lobby-camera = Camera
lobby-microphone = Microphone
check-speaker = Speaker
lobby-level = Loudness of your microphone
lobby-join = Join
lobby-devices = Sound and camera
blocked-camera = Your browser blocks the camera here
blocked-microphone = Your browser blocks the microphone here
blocked-both = Your browser blocks camera and microphone here
speaker-usual = As your system plays sound
speaker-test = Test
speaker-test-label = Play a test sound
device-use = Use it
speaker-lost = Your speaker is gone: sound comes from your system’s usual one.
lobby-nobody = Nobody is in the call yet
lobby-one-inside = { $name } is in the call
lobby-more-inside = { $names } are in the call
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

## Where the browser blocks camera or microphone (late)
try-again = Try again
permission-drawing = Where to click
permission-chromium = Click the sliders before the address, and allow camera and microphone.
permission-firefox = Click the crossed-out sign before the address, and take the block away.
permission-safari = In the menu Safari, choose “Settings for This Website…”, and allow camera and microphone.
permission-safari-menu = Settings for This Website…
permission-apple-touch = Tap the sign beside the address, then “Website Settings”, and allow camera and microphone.
permission-other = Click the sign before the address, and allow camera and microphone.
permission-without = Or join without: you will see and hear the others.

## Devices: what happened to one (late)
microphone-fell-back = Your microphone cannot be used now: { $device } takes over.
camera-fell-back = Your camera cannot be used now: { $device } takes over.
device-another = another device
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
share-ended = Your screen is no longer shared.
shares-itself = You are sharing this call’s own tab. Its sound stays here, or the others would hear themselves.
device-appeared-unnamed = A new device is plugged in.

## Sharing
share-impossible = This device cannot share its screen. A computer can.
screen-paused = { $name } has paused the screen
microphone-rests = { $name } cannot be heard at the moment
camera-rests = The picture of { $name } rests at the moment
picture-spared = The picture of { $name } is paused: weak connection
own-picture-spared = Your picture is paused for { $name }: weak connection
pictures-spared = Pictures are paused: weak connection with { $name }
screen-spared = The screen of { $name } is paused: weak connection
own-screen-spared = Your screen is paused for { $name }: weak connection

## Sharing, as long as it lasts (late)
share-pause = Pause
share-resume = Go on
share-is-paused = Paused: the others see the last picture
share-sharp = Sharp text
share-smooth = Smooth motion
share-style = What matters more
share-end = Stop
screen-enlarge = Enlarge the screen of { $name }
screen-keys = Screen of { $name }: plus and minus zoom, arrow keys move, 0 shows all
screen-loudness = Loudness of this screen
screens-side-by-side = Both screens
screens-one = One screen
zoom = Size
zoom-in = Closer
zoom-out = From further away

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
has-no-camera = Camera off
has-hand = Hand raised
muted-talking = You’re muted: nobody hears you.
floating = { $name }: arrow keys move this picture, Enter makes it large
more = More
menu-of = Options: { $name }

## Menus (late)
view-speaker = Speaker view
view-grid = Grid view
self-hide = Hide self-view
self-show = Show self-view
swap = Make large
pin = Pin
unpin = Unpin
full-screen = Full screen
full-screen-end = End full screen
in-picture = Picture in picture
in-picture-end = End picture in picture
in-picture-failed = Picture in picture does not work yet: wait until the picture is there, and try again.
hand-raise = Raise hand
hand-lower = Lower hand
devices-sound = Choose microphone and speaker
devices-camera = Choose camera

## The browser's tab; $app is our name (late)
tab-with = { $names } – { $app }
tab-muted = { $names } (you’re muted) – { $app }
tab-alone = Nobody else here yet – { $app }
tab-reconnecting = Reconnecting… – { $app }
tab-came = { $name } is here – { $app }

## How a connection stands
state-connecting = Connecting to { $name }…
state-reconnecting = Reconnecting to { $name }…
state-another-way = Trying another way to { $name }…
state-lost = { $name }’s connection is lost. Waiting for { $name } to come back…
state-gone = { $name } cannot be reached. Still trying; “Check my connection” may tell why.
state-mismatch = Not connected: somebody may be listening in between. Do not use this link again.
quality-weak = The connection to { $name } is weak
quality-bad = The connection to { $name } is bad: words and pictures are lost
path-relayed = Relayed
path-relayed-hint = The connection to { $name } goes through a relay; it stays encrypted
path-relayed-tcp-hint = The connection to { $name } goes through a relay by the slower way that strict networks leave open; it stays encrypted
path-relayed-tls-hint = The connection to { $name } goes through a relay by the slow way that looks like a web page; it stays encrypted
solo-title = Send this to whoever should join
solo-copy = Copy
solo-waiting = { $names } will be with you in a moment

## Panels
check-title = Check my connection
connection-title = Connection
keys-title = Keyboard shortcuts
settings = Settings
panel-close = Close
panel-loading = One moment…
panel-not-loaded = This part could not be loaded. Look at your connection, close this, and open it again.

## Keys (late)
keys-what = What
keys-key = Key
keys-microphone = Switch your microphone on and off
keys-speak = Speak while you are muted, as long as you hold it
keys-camera = Switch your camera on and off
keys-share = Share your screen, and stop sharing
keys-hand = Raise your hand, and lower it
keys-copy-link = Copy the link to this call
keys-own-picture = Hide your own picture, and show it again
keys-view = Whoever speaks large, or all the same size
keys-full-screen = Full screen and back
keys-help = These shortcuts
keys-close = Close what lies over the call, leave full screen
key-space = Space
key-escape = Esc
keys-on = Use these keys
keys-on-hint = Switch them off if you speak to your computer to write, or if you press keys by mistake.

## Said aloud to those who do not see the page: about oneself
said-muted = You are muted
said-unmuted = Your microphone is on
said-camera-on = Your camera is on
said-camera-off = Your camera is off

## Said aloud to those who do not see the page: about others (late)
said-alone = You are in the call. Nobody else is here yet.
said-with = You are in the call with { $names }.
said-came = { $name } has come
said-left = { $name } has left
said-back = { $name } is back
said-shares = { $name } is sharing a screen
said-share-ended = { $name } has stopped sharing
said-hand = { $name } raised a hand
said-own-hand = Your hand is raised
said-own-hand-down = Your hand is lowered

## Check my connection (late)
check-again = Check again
check-copy = Copy report
check-copied = Report copied
check-try = Try camera and microphone
check-play = Play a sound
check-heard = I hear it
check-not-heard = I hear nothing
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

## Connection: what comes and goes, and what happened (late)
connection-alone = You are connected to nobody yet.
connection-number = person { $number } below
connection-round-trip = { $milliseconds } ms there and back
connection-direct = Direct
connection-relayed-udp = Relayed, over UDP
connection-relayed-tcp = Relayed, over TCP
connection-relayed-tls = Relayed, over TLS
connection-relayed-theirs = Relayed, from the other end
connection-none = Not connected
connection-good = good
connection-weak = weak
connection-bad = bad
connection-received = Received
connection-sent = Sent
connection-voice = Voice
connection-picture = Picture
connection-screen = Screen
connection-screen-sound = Sound of the screen
connection-kilobits = { $count } kbit/s
connection-pixels = { $width } × { $height }
connection-frames = { $count } fps
connection-lost = { $percent } % lost
connection-story = What happened
connection-story-hint = In seconds since you opened this page. It names nobody and holds no address, so you can send it to whoever looks into a fault.
connection-copy = Copy for a bug report
connection-copied = Copied
connection-copy-by-hand = Your browser does not let this page copy: select the lines above and copy them

## The server
server-offline-call = New people can't join right now. Your call goes on.
server-back = The server is back: people can join again.
offline-call = You seem to be offline: neither the others nor the server can be reached. Look at your network; the call comes back by itself.
offline-lobby = You seem to be offline. Look at your network; trying again…
online-again = You are back.
overworked = Your device can't keep up with this call. Close other programs, or turn off your camera.
server-offline-lobby = The server cannot be reached. Trying again…
server-full = This call is full. Try again when somebody has left.
server-lobby-full = Too many people are waiting for this call. Try again in a moment.
server-lobby-timeout = You have been waiting for long, so the line was closed.
server-too-many = Too many people came from your network at once. Trying again in a moment…
server-outdated = There is a newer Eyeline: reload the page.
server-replaced = This call goes on in another tab.
retry = Try again
reload = Reload

## Settings (late)
always-relay = Always relay (hide my address)
always-relay-hint = The others will not see your network address. Everything takes a longer way.
settings-sound = Sound
settings-page = Appearance
settings-privacy = Privacy
camera-flip = Use the other camera
mirror-own = Mirror my picture
mirror-own-hint = Only for yourself. The others always see you the right way round.
speaker-by-system = Your browser leaves the choice of the speaker to your system’s sound settings.
speaker-ask = Choose another speaker…
sound-noise = Reduce noise
sound-noise-hint = Takes away fans, keyboards and streets.
sound-echo = Reduce echo
sound-echo-hint = Switch it off only if you wear headphones.
sound-music = Music
sound-music-hint = For instruments and song: sound goes out as it is. Wear headphones.
theme = Colours
theme-system = System
theme-dark = Dark
theme-light = Light

## Recent calls (late)
recent = Recent calls
recent-keep = Keep recent calls
recent-keep-hint = Only on this device. A call’s secret is in its link: whoever uses this browser can join again.
recent-alone = Nobody else came
recent-forget = Forget this call: { $names }
recent-forget-all = Forget all

## Afterwards
left-title = You left the call
left-direct = Straight from browser to browser.
left-relayed = Sealed through a relay.
left-both = With some straight, with others sealed through a relay.
left-after-minutes = { $minutes ->
    [one] You were in it for one minute.
   *[other] You were in it for { $minutes } minutes.
}
left-after-hours = You were in it for { NUMBER($hours) } h { NUMBER($minutes) } min.
rejoin = Rejoin
new-call = Back to the start
